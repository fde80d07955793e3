//! Fuzzing of what parents and workers tell each other beside tasks and
//! results.

use super::surroundings;
use crate::fuzz::Target;

pub(crate) const SURROUNDINGS: Target = Target {
    name: "surroundings",
    run: surroundings::read,
    seeds: surroundings::samples,
};

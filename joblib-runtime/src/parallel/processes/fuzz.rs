//! The fuzz target for messages between parents and workers other than tasks and results.

use super::call_context;
use crate::fuzz_target::Target;

pub(crate) const CALL_CONTEXT: Target = Target {
    name: "call_context",
    run: call_context::read,
    seeds: call_context::samples,
};

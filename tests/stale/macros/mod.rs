//! Cases about names that macros build, pass on or declare.

mod declared;
mod imported;
mod named;
mod pasted;
mod procedural;
mod reading;
mod within;
mod written;

use crate::case::Case;

pub(crate) fn cases() -> Vec<Case> {
    let parts = [
        imported::cases(),
        named::cases(),
        declared::cases(),
        pasted::cases(),
        procedural::cases(),
        reading::cases(),
        within::cases(),
        written::cases(),
    ];
    parts.into_iter().flatten().collect()
}

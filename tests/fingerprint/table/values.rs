//! Edits of constants, statics and types.

use crate::edit::{Topic, edit, edits, unrelated};

const FILE: &str = "app/src/values.rs";

pub(super) const VALUES: Topic = Topic {
    name: "values and types",
    edits: edits![
        edit(FILE, "LOW: u64 = 10" => "LOW: u64 = 20", ["constants"]),
        edit(FILE, "LOW + 5" => "LOW * 5", ["constants"]),
        edit(FILE, "[2, 3, 5]" => "[2, 3, 7]", ["statics"]),
        edit(FILE, "type Number = u16" => "type Number = u32", ["aliased"]),
        edit(FILE, "Low = 1" => "Low = 2", ["discriminant"]),
        edit(FILE, "High = 7" => "High = 8", ["discriminant"]),
        edit(FILE, "Low = 1,\n    High = 7" => "High = 7,\n    Low = 1", ["discriminant"]),
        edit(FILE, "major: u64,\n    minor: u64" => "minor: u64,\n    major: u64", ["ordered"]),
        edit(FILE, "body: u32" => "body: u64", ["laid_out"]),
        edit(FILE, "Clone, Debug, PartialEq" => "Debug, PartialEq", ["ordered"]),
        edit(FILE, "tag: u8" => "tag: u64", ["laid_out"]),
        edit(FILE, "#[allow(dead_code)]\nstruct Layout"
            => "#[repr(C, packed)]\n#[allow(dead_code)]\nstruct Layout", ["laid_out"]),
        unrelated(FILE, "IDLE: u64 = 6" => "IDLE: u64 = 7"),
    ],
};

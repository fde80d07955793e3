//! Edits of impls of standard traits, whose methods are called implicitly.

use crate::edit::{Topic, edit, edits};

const FILE: &str = "app/src/operators.rs";

pub(super) const STANDARD: Topic = Topic {
    name: "traits called unnamed",
    edits: edits![
        edit(FILE, "self.0 + other.0 + 1" => "self.0 + other.0 + 2", ["added"]),
        edit(FILE, "\"number {}\"" => "\"no. {}\"", ["displayed"]),
        edit(FILE, "at as usize % 4" => "at as usize % 3", ["indexed"]),
        edit(FILE, "[21, 22, 23, 24]" => "[21, 22, 23, 25]", ["indexed"]),
        edit(FILE, "self.left * 3" => "self.left * 4", ["walked"]),
        edit(FILE, "checked_sub(1)" => "checked_sub(2)", ["walked"]),
        edit(FILE, "Large(404)" => "Large(405)", ["converted"]),
        edit(FILE, "if n > 4" => "if n > 5", ["converted"]),
        edit(FILE, "(self.0 % 10).cmp(&(other.0 % 10))"
            => "(self.0 % 7).cmp(&(other.0 % 7))", ["sorted"]),
        edit(FILE, "self.0 += 31" => "self.0 += 32", ["dropped"]),
        edit(FILE, "&INNER\n"
            => "&OUTER\n    }\n}\n\nstatic OUTER: Inner = Inner { value: 43 };\n\nmod shut {\n    pub fn unused() {\n", ["dereferenced"]),
        edit(FILE, "value: 41" => "value: 42", ["dereferenced"]),
        edit(FILE, "self.value + 9" => "self.value + 10", ["dereferenced"]),
        edit(FILE, "? + 60" => "? + 61", ["parsed"]),
        edit(FILE, "depth: 8" => "depth: 9", ["defaulted"]),
        edit(FILE, "self.0 % 4 == other.0 % 4" => "self.0 == other.0", ["hashed"]),
        edit(FILE, "(self.0 % 4).hash" => "(self.0 % 2).hash", ["hashed"]),
        edit(FILE, "#[derive(Clone, Copy)]\nstruct Tag"
            => "#[derive(Clone)]\nstruct Tag", ["hashed"]),
    ],
};

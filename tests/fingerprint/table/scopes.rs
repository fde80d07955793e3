//! What a function says of itself.

use crate::edit::{Topic, annotation, edit, unrelated};

const FILE: &str = "app/src/scopes.rs";

pub(super) const SCOPES: Topic = Topic {
    name: "scopes",
    edits: &[
        edit(FILE, "n + 32", "n + 35", &["alone"]),
        edit(FILE, "n + 33", "n + 36", &[]),
        edit(FILE, "n + 34", "n + 37", &["versioned"]),
        annotation(FILE, "version = 1", "version = 2", &[]),
        annotation(
            FILE,
            "scope = \"function\"",
            "scope = \"reach\"",
            &["alone"],
        ),
        unrelated(FILE, "    31\n", "    38\n"),
    ],
};

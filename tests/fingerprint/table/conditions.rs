//! Edits of cfg predicates, and of files and variables that are read at compile time.

use crate::edit::{Topic, edit, edits, inactive, variable};

const FILE: &str = "app/src/conditions.rs";
const MANIFEST: &str = "app/Cargo.toml";
const TREES: &str = "app/data/trees.txt";
const READER: &str = "app/src/files.rs";
const BUILD: &str = "physics/build.rs";

pub(super) const CONDITIONS: Topic = Topic {
    name: "configuration",
    edits: edits![
        edit(FILE, "    47\n" => "    48\n", ["alternative"]),
        inactive(FILE, "    92\n" => "    93\n"),
        edit(FILE, "    10\n" => "    20\n", ["featured"]),
        inactive(FILE, "    1000\n" => "    2000\n"),
        inactive(FILE, "#[cfg(feature = \"long\")]" => "#[cfg(any())]"),
        edit(FILE, "{ n } else" => "{ n + 2 } else", ["switched"]),
        edit(FILE, "let n = n + 3" => "let n = n + 5", ["asserted"]),
        edit(MANIFEST, "default = [\"short\"]" => "default = [\"short\", \"long\"]", ["featured"]),
        edit(MANIFEST, "default = [\"short\"]" => "default = []", ["switched"]),
        inactive(FILE, "assert_eq!(separator(), 47)" => "assert!(separator() == 47)"),
    ],
};

pub(super) const FILES: Topic = Topic {
    name: "files and variables",
    edits: edits![
        edit(TREES, "elm" => "yew", ["read"]),
        edit(READER, "../data/trees.txt" => "../data/other.txt", ["read"]),
        edit(MANIFEST, "version = \"1.0.0\"" => "version = \"1.0.1\"", ["variable"]),
        edit(READER, "CARGO_PKG_VERSION" => "CARGO_PKG_NAME", ["variable"]),
        variable("FIXTURE_COLOUR" => "red", ["maybe"]),
        edit(READER, "FIXTURE_COLOUR" => "HOME", ["maybe"]),
        edit(BUILD, "body * 7" => "body * 8", ["massive"]),
        edit(BUILD, "body % 3" => "body % 4", []),
    ],
};

//! Edits of functions that set a scope, a version, keys or ignored arguments, and of the
//! arguments of their annotations.

use crate::edit::{Topic, annotation, edit, edits, unrelated};

const FILE: &str = "app/src/scopes.rs";

pub(super) const SCOPES: Topic = Topic {
    name: "scopes",
    edits: edits![
        edit(FILE, "n + 32" => "n + 35", ["alone"]),
        edit(FILE, "n + 33" => "n + 36", []),
        edit(FILE, "n + 34" => "n + 37", ["versioned", "wraps"]),
        edit(FILE, "version = 1" => "version = 2", ["wraps"]),
        edit(FILE, "#[memoize(version = 1)]" => "#[memoize]", ["wraps"]),
        edit(FILE, "n / 36\n" => "n / 38\n", ["coarse"]),
        edit(FILE, "ignore(verbose), key(n = rounded(n))" => "ignore(verbose)", ["coarse"]),
        edit(FILE, "rounded(n))" => "rounded(n) + 1)", ["coarse"]),
        annotation(FILE, "#[memoize(version = 1)]"
            => "#[memoize(version = 1, expires = \"1d\")]", []),
        annotation(FILE, "scope = \"function\"" => "scope = \"reach\"", ["alone"]),
        unrelated(FILE, "    31\n" => "    38\n"),
    ],
};

//! Edits of modules, imports and items that share a name.

use crate::edit::{Topic, edit, edits, unrelated};

const FILE: &str = "app/src/paths.rs";
const MOVED: &str = "app/src/paths/elsewhere.rs";

pub(super) const MODULES: Topic = Topic {
    name: "modules and imports",
    edits: edits![
        edit(FILE, "            42\n" => "            44\n", ["inline", "exposed"]),
        edit(FILE, "pub use self::deep::answer as reply"
            => "pub use self::deep::question as reply", ["exposed"]),
        edit(MOVED, "    81\n" => "    82\n", ["pathed"]),
        edit(MOVED, "n + near()" => "n * near()", ["pathed"]),
        edit(FILE, "        51\n" => "        55\n", ["renamed"]),
        edit(FILE, "use left::measure as gauge" => "use right::measure as gauge", ["renamed"]),
        edit(FILE, "        52\n" => "        56\n", ["swapped"]),
        edit(FILE, "        53\n" => "        57\n", ["swapped"]),
        edit(FILE, "use left::weigh as first;\nuse right::weigh as second;"
            => "use left::weigh as second;\nuse right::weigh as first;", ["swapped"]),
        edit(FILE, "        61\n" => "        64\n", ["globbed"]),
        edit(FILE, "use bag::*"
            => "use sack::*", ["globbed"])
            .also(["exposed", "homonym", "inline", "pathed", "renamed", "swapped"]),
        edit(FILE, "    71\n" => "    73\n", ["homonym"]),
        edit(FILE, "    helper() + n" => "    stranger::helper() + n", ["homonym"]),
        unrelated(FILE, "        72\n" => "        74\n"),
        unrelated(FILE, "            43\n" => "            45\n"),
        unrelated(FILE, "        54\n" => "        58\n"),
        unrelated(FILE, "        62\n" => "        65\n"),
        unrelated(FILE, "        63\n" => "        66\n"),
    ],
};

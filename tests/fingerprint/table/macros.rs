//! Edits of `macro_rules!` macros.

use crate::edit::{Topic, edit, edits, unrelated};

const FILE: &str = "app/src/macros.rs";
const PHYSICS: &str = "physics/src/lib.rs";

pub(super) const MACROS: Topic = Topic {
    name: "macros",
    edits: edits![
        edit(FILE, "($x) * 2" => "($x) * 3", ["doubled"]),
        edit(FILE, "    17\n" => "    18\n", ["doubled"]),
        edit(FILE, "{ 1 + count!" => "{ 2 + count!", ["counted"]),
        edit(FILE, "count!(a b c d)" => "count!(a b c)", ["counted"]),
        edit(FILE, "$value + shift()" => "$value * shift()", ["made"]),
        edit(FILE, "constant!(seven, 7)" => "constant!(seven, 9)", ["made"]),
        edit(FILE, "    200\n" => "    201\n", ["made"]),
        edit(FILE, "Gold => 900" => "Gold => 901", ["implemented"]),
        edit(FILE, "                $price\n" => "                $price + 1\n", ["implemented"]),
        edit(PHYSICS, "$mass * $speed * $speed" => "$mass * $speed * 3", ["exported"]),
        edit(PHYSICS, "x / 2" => "x / 3", ["exported"]),
        unrelated(FILE, "        5\n" => "        6\n"),
        unrelated(FILE, "constant!(eight, 8)" => "constant!(eight, 10)"),
        unrelated(FILE, "Iron => 20" => "Iron => 21").also(["implemented"]),
    ],
};

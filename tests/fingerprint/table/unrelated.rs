//! Edits of items that no function reaches, one for each kind of item, and of code that
//! no function depends on.

use crate::edit::{Topic, edits, unrelated};

const FILE: &str = "app/src/unrelated.rs";
const CHAIN: &str = "app/src/chain.rs";
const MAIN: &str = "app/src/main.rs";

pub(super) const UNRELATED: Topic = Topic {
    name: "unrelated items",
    edits: edits![
        unrelated(FILE, "CONSTANT: u64 = 1" => "CONSTANT: u64 = 2"),
        unrelated(FILE, "STATIC: u64 = 2" => "STATIC: u64 = 3"),
        unrelated(FILE, "type Alias = u64" => "type Alias = u64;\n\ntype Other = u8"),
        unrelated(FILE, "field: Alias," => "field: u64,"),
        unrelated(FILE, "Two = 2" => "Two = 3"),
        unrelated(FILE, "WEIGHT: u64 = 3" => "WEIGHT: u64 = 4"),
        unrelated(FILE, "self.field + Self::WEIGHT" => "self.field * Self::WEIGHT"),
        unrelated(FILE, "\"record {}\"" => "\"entry {}\""),
        unrelated(FILE, "        4\n" => "        5\n"),
        unrelated(FILE, "        5\n" => "        6\n"),
        unrelated(FILE, "/// Uses all of them.\n"
            => "fn second() -> u64 {\n    1\n}\n\n/// Uses all of them.\n"),
        unrelated(FILE, "/// Uses all of them.\n"
            => "impl Record {\n    fn value(&self) -> u64 {\n        1\n    }\n}\n\n/// Uses all of them.\n"),
        unrelated(FILE, "use std::fmt;" => "use std::collections::HashMap as Map;\nuse std::fmt;"),
        unrelated(CHAIN, "fn outside()" => "fn added_later() -> u64 {\n    2\n}\n\nfn outside()"),
        unrelated(MAIN, "unrelated::touch();" => "unrelated::touch();\n    eprintln!();"),
    ],
};

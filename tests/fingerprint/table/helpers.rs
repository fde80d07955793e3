//! Edits of functions that memoized functions call.

use crate::edit::{Topic, edit, edits, unrelated};

const CHAIN: &str = "app/src/chain.rs";
const METHOD: &str = "app/src/methods.rs";
const ARGUMENT: &str = "app/src/arguments.rs";

pub(super) const HELPERS: Topic = Topic {
    name: "helpers",
    edits: edits![
        edit(CHAIN, "n * 1000" => "n * 2000", ["deep", "middle"]),
        edit(CHAIN, "third(n) + 100" => "third(n) + 101", ["deep", "middle"]),
        edit(CHAIN, "second(n) + 10\n" => "second(n) + 11\n", ["deep"]),
        edit(CHAIN, "second(n) + 10\n" => "third(n) + 10\n", ["deep"]),
        edit(CHAIN, "first(n) + 1\n" => "first(n) + 2\n", ["deep"]),
        edit(CHAIN, "second(n) * 2" => "second(n) * 3", ["middle"]),
        edit(CHAIN, "{ 2 } else" => "{ 4 } else", ["countdown"]),
        edit(CHAIN, "countdown(n - 1) + 3" => "countdown(n - 1) + 4", ["countdown"]),
        edit(CHAIN, "{ false } else" => "{ n > 1 } else", ["even"]),
        edit(CHAIN, "even::uncached(n - 1)" => "!even::uncached(n - 1)", ["even"]),
        edit(CHAIN, "STEP: u64 = 6" => "STEP: u64 = 7", ["nested"]),
        edit(CHAIN, "n * STEP + outside()" => "n * STEP - outside()", ["nested"]),
        edit(CHAIN, "    13\n" => "    14\n", ["nested"]),
        edit(CHAIN, "n + 2\n" => "n + 22\n", ["local"]),
        edit(CHAIN, "n + 3\n" => "n + 33\n", ["local"]),
        edit(CHAIN, "{blunt as tool, sharp}" => "{sharp as tool, sharp}", ["local"]),
        edit(CHAIN, "let offset = n + 5;" => "let offset = n + 6;", ["shadowed"]),
        edit(CHAIN, "    20\n" => "    21\n", ["shadowed"]),
        unrelated(CHAIN, "n + 4\n" => "n + 44\n"),
    ],
};

pub(super) const METHODS: Topic = Topic {
    name: "methods",
    edits: edits![
        edit(METHOD, "self.start + self.step" => "self.start * self.step", ["gotten"]),
        edit(METHOD, "self.advanced()" => "self.advanced() + 1", ["gotten"]),
        edit(METHOD, "step: 2" => "step: 3", ["gotten", "associated"]),
        edit(METHOD, "        77\n" => "        78\n", ["built"]),
        edit(METHOD, "{\n    Gauge\n}"
            => "{\n    loop {\n        break Gauge;\n    }\n}", ["built"]),
        edit(METHOD, "LIMIT: u64 = 50" => "LIMIT: u64 = 60", ["associated"]),
        edit(METHOD, "self.start.min(" => "self.start.max(", ["associated"]),
        edit(METHOD, "    step: u64,\n"
            => "    step: u64,\n    #[cfg(any())]\n    gone: u64,\n", [])
            .also(["gotten", "associated"]),
        unrelated(METHOD, "IDLE: u64 = 51" => "IDLE: u64 = 52"),
        unrelated(METHOD, "self.start - Self::IDLE" => "self.start + Self::IDLE"),
    ],
};

pub(super) const ARGUMENTS: Topic = Topic {
    name: "closures, pointers and generics",
    edits: edits![
        edit(ARGUMENT, "3 * n" => "5 * n", ["pointed"]),
        edit(ARGUMENT, "4 * n" => "6 * n", ["pointed"]),
        edit(ARGUMENT, "apply(triple, n)" => "apply(quadruple, n)", ["pointed"]),
        edit(ARGUMENT, "    f(n)\n" => "    f(n) + 1\n", ["pointed"]),
        edit(ARGUMENT, "[quadruple]" => "[triple]", ["pointed"]),
        edit(ARGUMENT, "|x: u64| x + addend()" => "|x: u64| x * addend()", ["closed"]),
        edit(ARGUMENT, "    16\n" => "    17\n", ["closed"]),
        edit(ARGUMENT, "weight.0 + 18" => "weight.0 + 19", ["generic"]),
        edit(ARGUMENT, ".max()" => ".min()", ["generic"]),
        edit(ARGUMENT, "WIDTH: usize = 5" => "WIDTH: usize = 6", ["sized"]),
        edit(ARGUMENT, "+ N as u64" => "- N as u64", ["sized"]),
    ],
};

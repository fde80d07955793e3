//! Edits that do not change semantics: layout, comments, documentation, lints and the
//! order of items.

use crate::edit::{Topic, cosmetic, edits};

const CHAIN: &str = "app/src/chain.rs";
const METHOD: &str = "app/src/methods.rs";
const VALUE: &str = "app/src/values.rs";
const FORCE: &str = "physics/src/force.rs";
const SHAPES: &str = "shapes/src/lib.rs";
const UNRELATED: &str = "app/src/unrelated.rs";

pub(super) const COSMETIC: Topic = Topic {
    name: "layout, comments, documentation",
    edits: edits![
        cosmetic(CHAIN, "// A plain number." => "// A number that is plain.\n    /* And even. */"),
        cosmetic(CHAIN, "/// Three calls deep." => "/// Three calls below."),
        cosmetic(CHAIN, "//! Helpers below helpers." => "//! Helpers of helpers."),
        cosmetic(CHAIN, "use joblib::memoize;" => "\n\n\n\nuse joblib::memoize;"),
        cosmetic(CHAIN, "third(n) + 100" => "third(\n        n,\n    ) + 100"),
        cosmetic(CHAIN, "first(n) + 1\n" => "first( n )+1\n"),
        cosmetic(CHAIN, "#[inline]\n" => "#[inline(never)]\n#[must_use]\n"),
        cosmetic(CHAIN, "fn second(n"
            => "#[allow(clippy::all)]\n#[doc = \"The second.\"]\nfn second(n"),
        cosmetic(CHAIN, "#[allow(dead_code)]" => "#[expect(dead_code)]"),
        cosmetic(CHAIN, "{blunt as tool, sharp}" => "{sharp, blunt as tool}"),
        cosmetic(METHOD, "Counter { start, step: 2 }"
            => "Counter {\n            start,\n            step: 2,\n        }"),
        cosmetic(METHOD, "/// Calls a method" => "#[allow(unused)]\n/// Calls a method"),
        cosmetic(VALUE, "const LOW: u64 = 10;\nconst HIGH: u64 = LOW + 5;"
            => "const HIGH: u64 = LOW + 5;\nconst LOW: u64 = 10;"),
        cosmetic(VALUE, "PRIMES: [u64; 3] = [2, 3, 5]"
            => "PRIMES: [u64; 3] = [\n    2, // even\n    3,\n    5,\n]"),
        cosmetic(VALUE, "Clone, Debug, PartialEq, PartialOrd"
            => "Clone, Debug, PartialEq, PartialOrd,"),
        cosmetic(FORCE, "/// The pull on a body." => "/// The pull on any body.\n#[inline]"),
        cosmetic(FORCE, "super::GRAVITY * body" => "super::GRAVITY\n            * body // down"),
        cosmetic(SHAPES, "/// Its area." => "\n\n    // In units.\n    /// The area."),
        cosmetic(UNRELATED, "/// Uses all of them." => "/// Uses each of them."),
    ],
};

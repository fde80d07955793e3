//! Cases about other crates: their features, versions, sources and builds.

mod builds;
mod features;
mod git;
mod places;
mod sources;
mod versions;

use crate::case::{Case, Files};
use crate::crates::SHELF;

pub(crate) fn cases() -> Vec<Case> {
    let parts = [
        features::cases(),
        git::cases(),
        versions::cases(),
        sources::cases(),
        builds::cases(),
        places::cases(),
    ];
    parts.into_iter().flatten().collect()
}

const OUTER: &str = r#"
[features]
wide = ["inner/wide"]
[dependencies]
inner = { version = "1", registry-index = "sparse+https://shelf.invalid/" }
"#;

/// Two versions of the crate `outer`, which calls `inner`, and two versions of `inner`.
const VENDORED: Files = &[
    (".cargo/config.toml", SHELF),
    ("vendor/outer-1.0.0/Cargo.toml", OUTER),
    (
        "vendor/outer-1.0.0/src/lib.rs",
        "
pub fn go() -> i64 { 10 * inner::go() }
pub struct Out;
impl inner::Step for Out { fn step(&self) -> i64 { 10 } }
pub fn version() -> &'static str { env!(\"CARGO_PKG_VERSION\") }
",
    ),
    ("vendor/outer-1.1.0/Cargo.toml", OUTER),
    (
        "vendor/outer-1.1.0/src/lib.rs",
        "
pub fn go() -> i64 { 1000 * inner::go() }
pub struct Out;
impl inner::Step for Out { fn step(&self) -> i64 { 1000 } }
pub fn version() -> &'static str { env!(\"CARGO_PKG_VERSION\") }
",
    ),
    ("vendor/inner-1.0.0/Cargo.toml", "[features]\nwide = []\n"),
    (
        "vendor/inner-1.0.0/src/lib.rs",
        "
pub fn go() -> i64 { if cfg!(feature = \"wide\") { 3 } else { 1 } }
pub trait Step { fn step(&self) -> i64; }
",
    ),
    ("vendor/inner-1.1.0/Cargo.toml", "[features]\nwide = []\n"),
    (
        "vendor/inner-1.1.0/src/lib.rs",
        "
pub fn go() -> i64 { if cfg!(feature = \"wide\") { 4 } else { 2 } }
pub trait Step { fn step(&self) -> i64; }
",
    ),
];

impl Case {
    /// Adds the registry `shelf` and a dependency on its crate `outer`.
    fn on_the_shelf(self) -> Case {
        self.shelf()
            .depends(r#"outer = { version = "1", registry = "shelf" }"#)
    }

    /// Adds the registry `shelf`.
    fn shelf(self) -> Case {
        self.files(VENDORED)
    }
}

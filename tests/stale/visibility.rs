//! Cases about names and traits that glob imports import: what a module re-exports and
//! whether other modules see it.

use crate::case::{Case, MAIN, case, case_of_f, edit};
use crate::package_files::Edit;

/// Two traits that have a method with the same name.
const TRAITS: &str = r#"
pub struct S;
pub mod ta { pub trait A { fn m(&self) -> i64; } impl A for super::S { fn m(&self) -> i64 { 1 } } }
pub mod tb { pub trait B { fn m(&self) -> i64; } impl B for super::S { fn m(&self) -> i64 { 2 } } }
"#;

pub(crate) fn cases() -> Vec<Case> {
    [traits(), names(), crates()]
        .into_iter()
        .flatten()
        .collect()
}

fn traits() -> Vec<Case> {
    vec![
        case_of_f(
            "a trait that a prelude brings counts",
            r#"
mod types;
mod prelude { pub use crate::types::ta::A; }
use prelude::*;
#[memoize] fn f(x: i64) -> i64 { x + types::S.m() }
"#,
        )
        .file("src/types.rs", TRAITS)
        .edit(MAIN, "crate::types::ta::A", "crate::types::tb::B", &["f"]),
        case_of_f(
            "a trait that a prelude opens counts",
            r#"
mod types;
mod prelude { pub use crate::types::ta::*; use crate::types::tb::*; }
use prelude::*;
#[memoize] fn f(x: i64) -> i64 { x + types::S.m() }
"#,
        )
        .file("src/types.rs", TRAITS)
        .step(
            edit(MAIN, "pub use crate::types::ta", "use crate::types::ta")
                .and(Edit::Replace(
                    MAIN,
                    " use crate::types::tb",
                    " pub use crate::types::tb",
                ))
                .only(&["f"]),
        )
        .undone(),
        case(
            "a trait that the module around imports counts",
            &["within::f(3)"],
            r#"
mod types;
use types::ta::A;
mod within { use super::*; #[memoize] pub fn f(x: i64) -> i64 { x + types::S.m() } }
"#,
        )
        .file("src/types.rs", TRAITS)
        .edit(MAIN, "types::ta::A", "types::tb::B", &["within::f"]),
    ]
}

fn names() -> Vec<Case> {
    vec![
        case("whether an import is visible counts", &["f(3)", "g(3)"], r#"
mod one { pub fn h() -> i64 { 1 } }
mod all { use crate::one::h; }
fn h() -> i64 { 2 }
#[memoize] fn f(x: i64) -> i64 { use crate::all::*; x + h() }
#[memoize] fn g(x: i64) -> i64 { x }
"#)
        .edit(MAIN, "use crate::one::h", "pub use crate::one::h", &["f"])
        .edit(MAIN, "use crate::one::h", "pub(in crate) use crate::one::h", &["f"]),
        case_of_f("whether an import of a name of the prelude is visible counts", r#"
mod mine { pub struct String; impl String { pub fn new() -> String { String } pub fn len(&self) -> usize { 7 } } }
mod all { use crate::mine::String; pub fn make() -> usize { String::new().len() } }
use all::*;
#[memoize] fn f(x: i64) -> i64 { x + String::new().len() as i64 }
"#)
        .edit(MAIN, "{ use crate::mine::String", "{ pub use crate::mine::String", &["f"]),
        case_of_f("whether a module is visible counts", r#"
mod all { mod m { pub fn h() -> i64 { 1 } } }
mod m { pub fn h() -> i64 { 2 } }
#[memoize] fn f(x: i64) -> i64 { use crate::all::*; x + m::h() }
"#)
        .edit(MAIN, "all { mod m", "all { pub mod m", &["f"]),
        case_of_f("whether what a path passes is visible counts", r#"
mod one { pub fn h() -> i64 { 1 } }
mod two { pub fn h() -> i64 { 2 } }
mod first { pub use crate::one::*; }
mod second { use crate::two::*; }
mod all { pub use crate::first::*; pub use crate::second::*; }
#[memoize] fn f(x: i64) -> i64 { x + all::h() }
"#)
        .step(
            edit(MAIN, "pub use crate::one", "use crate::one")
                .and(Edit::Replace(MAIN, " use crate::two", " pub use crate::two"))
                .only(&["f"]),
        )
        .undone(),
    ]
}

fn crates() -> Vec<Case> {
    const MANIFEST: &str = "[package]\nname = \"dep\"\nversion = \"1.0.0\"\nedition = \"2024\"\n";
    vec![
        case_of_f(
            "whether a crate beside hands on a name counts",
            r#"
fn h() -> i64 { 2 }
#[memoize] fn f(x: i64) -> i64 { use dep::*; x + h() }
"#,
        )
        .library("dep", "mod one { pub fn h() -> i64 { 1 } }\nuse one::h;\n")
        .file("dep/Cargo.toml", MANIFEST)
        .edit("dep/src/lib.rs", "use one::h", "pub use one::h", &["f"]),
        case_of_f(
            "a trait that the prelude of a crate beside brings counts",
            r#"
use dep::prelude::*;
#[memoize] fn f(x: i64) -> i64 { x + dep::S.m() }
"#,
        )
        .library(
            "dep",
            r#"
pub struct S;
pub mod ta { pub trait A { fn m(&self) -> i64; } impl A for super::S { fn m(&self) -> i64 { 1 } } }
pub mod tb { pub trait B { fn m(&self) -> i64; } impl B for super::S { fn m(&self) -> i64 { 2 } } }
pub mod prelude { pub use crate::ta::A as _; }
"#,
        )
        .file("dep/Cargo.toml", MANIFEST)
        .edit(
            "dep/src/lib.rs",
            "crate::ta::A as _",
            "crate::tb::B as _",
            &["f"],
        ),
    ]
}

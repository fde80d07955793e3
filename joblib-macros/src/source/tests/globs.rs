//! Tests modules that glob-import each other.

use super::fixture::{Fixture, changes, counts, is_change, keeps};

/// Repeats `each` twelve times and replaces `#` with the number.
fn twelve(each: &str) -> String {
    let numbers = 0..12;
    let one = |number: u32| each.replace('#', &number.to_string());
    numbers.map(one).collect()
}

#[test]
fn names_are_found_in_many_modules_that_open_their_parent() {
    let modules = twelve(
        "pub use c#::*; pub mod c# { use super::*; use crate::h#::new; pub fn go#() -> u32 { new() } }
         pub mod h# { use super::*; pub fn new() -> u32 { 70# } }",
    );
    let text = format!("fn f() -> u32 {{ c0::go0() }} {modules}");
    changes(&text, "{ 700 }", "{ 1 }");
    keeps(
        &text,
        "go11() -> u32 { new() }",
        "go11() -> u32 { new() + 1 }",
    );
}

#[test]
fn names_are_found_in_many_modules_that_open_one_prelude() {
    let prelude = twelve("pub use crate::c#::*; pub use crate::h#::*;");
    let modules = twelve(
        "pub mod c# { use crate::prelude::*; use crate::h#::Config; pub fn go#() -> Config { Config } }
         pub mod h# { use crate::prelude::*; pub struct Config([u8; 70#]); }",
    );
    let text = format!("fn f() {{ c0::go0(); }} mod prelude {{ {prelude} }} {modules}");
    changes(&text, "u8; 700]", "u8; 1]");
    keeps(
        &text,
        "go11() -> Config { Config",
        "go11() -> Config { 1; Config",
    );
}

#[test]
fn names_are_found_in_many_modules_with_modules_of_their_own() {
    let modules = twelve(
        "pub use c#::*; pub mod c# { use super::*; use imp::run; pub fn go#() -> u32 { run() }
         mod imp { use super::*; pub fn run() -> u32 { 70# } } }",
    );
    let text = format!("fn f() -> u32 {{ c0::go0() }} {modules}");
    changes(&text, "{ 700 }", "{ 1 }");
    keeps(
        &text,
        "go11() -> u32 { run() }",
        "go11() -> u32 { run() + 1 }",
    );
}

#[test]
fn names_are_found_through_many_imports_that_lead_on() {
    let modules = twelve(
        "pub mod c# { use crate::*; pub mod d# { use super::*; pub use crate::next#::last::go as go; } }
         pub use c#::*; pub use c#::d# as next#; pub use c#::d#::*;",
    );
    let text = format!(
        "fn f() -> u32 {{ c0::d0::go() }} {modules} pub mod last {{ pub fn go() -> u32 {{ 71 }} }}"
    );
    counts(&text);
}

#[test]
fn names_are_found_whichever_question_comes_first() {
    let modules = "pub use a::*; pub use b::*;
        pub mod a { use super::*; pub use crate::b::go as run; pub fn end() -> u32 { 71 } }
        pub mod b { use super::*; pub use crate::a::end as go; pub use crate::a::run as walk; }";
    for name in ["end", "go", "run", "walk"] {
        for before in ["", "go(); ", "run(); ", "walk(); ", "end(); "] {
            for place in ["", "a::", "b::", "crate::"] {
                let text = format!("fn f() -> u32 {{ {before}{place}{name}() }} {modules}");
                counts(&text);
            }
        }
    }
}

#[test]
fn a_name_of_another_crate_is_found_through_imports_in_a_circle() {
    for imports in [
        "mod a { pub use crate::b::go; } mod b { pub use crate::a::go; pub use dep::go; }",
        "mod a { pub use super::*; } mod b { use super::*; pub use dep::go; } use a::*; use b::*;",
        "mod a { pub use dep; pub use a::dep::go; } use a::*;",
        "mod a { pub use dep::dep; pub use self::dep::go; }",
    ] {
        let fixture = Fixture::app(&format!("fn f() -> u32 {{ a::go() }} {imports}"))
            .published("dep-1.0.0", "", "pub fn go() -> u32 { 71 }", &[])
            .externs(&[("dep", "dep")]);
        let file = "registry/src/index/dep-1.0.0/src/lib.rs";
        assert!(is_change(&fixture, &file, "71", "7171"), "{imports}");
    }
}

#[test]
fn names_are_found_in_a_crate_of_many_modules_that_open_one_prelude() {
    let list = |each: &str| -> String {
        let numbers = 0..60;
        numbers
            .map(|number: u32| each.replace('#', &number.to_string()))
            .collect()
    };
    let prelude = list("pub use crate::m#::*;");
    let modules = list(
        "pub mod m# { use crate::prelude::*; use self::e::Error; pub fn go#() -> Error { Error }
         mod e { use crate::prelude::*; pub struct Error([u8; 70#]); } }",
    );
    let text = format!("fn f() {{ m0::go0(); }} mod prelude {{ {prelude} }} {modules}");
    changes(&text, "u8; 700]", "u8; 1]");
}

#[test]
fn names_are_found_behind_a_long_chain_of_globs() {
    let chain: String = (0..200)
        .map(|at| format!("pub mod m{at} {{ pub use crate::m{}::*; }} ", at + 1))
        .collect();
    let text = format!(
        "fn f() -> u32 {{ m0::go() }} {chain} pub mod m200 {{ pub fn go() -> u32 {{ 71 }} }}"
    );
    counts(&text);
}

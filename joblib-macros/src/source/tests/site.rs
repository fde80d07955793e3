//! Where an annotated function stands, and what a macro was given of it.

use super::fixture::Fixture;
use crate::source::engine::Scope;
use crate::source::locate::{Owner, Position};
use crate::source::warn;

const TEXT: &str = "\
mod m {
    pub struct S;
    impl S {
        #[joblib::memoize(dir = \"a\")]
        #[inline]
        pub fn go(&self) -> u32 { helper() }
    }
    fn helper() -> u32 { 11 }
    fn outer() { #[memoize] fn inner() -> u32 { helper() } }
}
fn helper() -> u32 { 12 }
fn far() -> u32 { 13 }
";

fn ask(text: &str, given: &str, line: usize, column: usize, scope: Scope) -> (u128, Owner) {
    let fixture = Fixture::lib(text);
    let file = fixture.path().join("src/lib.rs");
    let position = Position {
        file: &file,
        line,
        column,
    };
    let (summary, owner) = fixture.engine().reach(given, Some(position), scope);
    (summary.digest, owner)
}

const GO: &str = "#[inline] pub fn go(& self) -> u32 { helper () }";
const INNER: &str = "fn inner () -> u32 { helper () }";

#[test]
fn a_method_knows_its_type_and_scope() {
    let (before, owner) = ask(TEXT, GO, 6, 15, Scope::Reach);
    assert_eq!(
        owner,
        Owner::Inherent {
            self_type: "S".to_owned()
        }
    );
    let edited = |from: &str, to: &str| ask(&TEXT.replace(from, to), GO, 6, 15, Scope::Reach).0;
    assert_ne!(before, edited("11", "99"));
    assert_ne!(before, edited("struct S;", "struct S(u8);"));
    assert_eq!(before, edited("12", "99"));
    assert_eq!(before, edited("dir = \"a\"", "dir = \"b\", version = 2"));
}

#[test]
fn a_function_in_a_function_sees_the_module_around_it() {
    let (before, owner) = ask(TEXT, INNER, 9, 31, Scope::Reach);
    assert_eq!(owner, Owner::Free);
    let edited = |from: &str, to: &str| ask(&TEXT.replace(from, to), INNER, 9, 31, Scope::Reach).0;
    assert_ne!(before, edited("11", "99"));
    assert_eq!(before, edited("12", "99"));
}

#[test]
fn a_function_that_a_macro_made_reaches_every_item_of_the_names_in_it() {
    let given = "fn made() -> u32 { helper() }";
    let (before, owner) = ask(TEXT, given, 1, 0, Scope::Reach);
    assert_eq!(owner, Owner::Unknown);
    let edited = |from: &str, to: &str| ask(&TEXT.replace(from, to), given, 1, 0, Scope::Reach).0;
    assert_ne!(before, edited("11", "99"));
    assert_ne!(before, edited("12", "99"));
    assert_eq!(before, edited("13", "99"));
}

#[test]
fn scopes_cover_the_function_or_the_crate() {
    let edited = |scope| ask(&TEXT.replace("13", "99"), GO, 6, 15, scope).0;
    assert_eq!(
        ask(TEXT, GO, 6, 15, Scope::Function).0,
        edited(Scope::Function)
    );
    assert_eq!(ask(TEXT, GO, 6, 15, Scope::Reach).0, edited(Scope::Reach));
    assert_ne!(ask(TEXT, GO, 6, 15, Scope::Crate).0, edited(Scope::Crate));
}

#[test]
fn clocks_randomness_and_environment_are_warned_about() {
    let count = |body: &str| warn::find(&format!("fn f() {{ {body} }}").parse().unwrap()).len();
    for body in [
        "std::time::Instant::now()",
        "SystemTime::now()",
        "rand::rng()",
        "rand::thread_rng()",
        "g(OsRng)",
        "if fastrand::bool() { }",
        "std::env::var(\"A\")",
    ] {
        assert_eq!(count(body), 1, "{body}");
    }
    for body in [
        "StdRng::seed_from_u64(1)",
        "fastrand::Rng::with_seed(1)",
        "now()",
        "env",
    ] {
        assert_eq!(count(body), 0, "{body}");
    }
}

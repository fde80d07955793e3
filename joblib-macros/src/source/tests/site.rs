//! Tests the position of an annotated function, and what a macro received of it.

use proc_macro2::{Delimiter, Group};

use super::fixture::Fixture;
use crate::source::engine::FingerprintScope::{self, Crate, Function, Reach};
use crate::source::impure_calls;
use crate::source::locate::{FnOwner, Position};

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

/// What a macro received, and the line and column of the name of the function.
type Given<'a> = (&'a str, usize, usize);

fn ask(text: &str, (given, line, column): Given<'_>, scope: FingerprintScope) -> (u128, FnOwner) {
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

const GO: Given<'_> = ("#[inline] pub fn go(& self) -> u32 { helper () }", 6, 15);
const INNER: Given<'_> = ("fn inner () -> u32 { helper () }", 9, 31);

#[test]
fn a_method_knows_its_type_and_scope() {
    let (before, owner) = ask(TEXT, GO, Reach);
    assert_eq!(
        owner,
        FnOwner::Inherent {
            self_type: "S".to_owned(),
            generics: String::new(),
            bounds: String::new(),
        }
    );
    let edited = |from: &str, to: &str| ask(&TEXT.replace(from, to), GO, Reach).0;
    assert_ne!(before, edited("11", "99"));
    assert_ne!(before, edited("struct S;", "struct S(u8);"));
    assert_eq!(before, edited("12", "99"));
    assert_eq!(before, edited("dir = \"a\"", "dir = \"b\", version = 2"));
}

#[test]
fn a_method_knows_the_parameters_of_its_impl() {
    let text = "struct S<T, const N: usize>(T);\n\
                impl<T: Into<u64>, const N: usize> S<T, N> where T: Copy {\n\
                fn go(&self) -> u32 { 1 }\n}";
    let (_, owner) = ask(text, ("fn go(&self) -> u32 { 1 }", 3, 3), Reach);
    let FnOwner::Inherent {
        self_type,
        generics,
        bounds,
    } = owner
    else {
        panic!("{owner:?}");
    };
    let plain = |text: &str| text.replace(' ', "");
    assert_eq!(plain(&self_type), "S<T,N>");
    assert_eq!(plain(&generics), "<T:Into<u64>,constN:usize>");
    assert_eq!(plain(&bounds), "whereT:Copy");
}

#[test]
fn a_function_in_a_function_sees_the_module_around_it() {
    let (before, owner) = ask(TEXT, INNER, Reach);
    assert_eq!(owner, FnOwner::Free);
    let edited = |from: &str, to: &str| ask(&TEXT.replace(from, to), INNER, Reach).0;
    assert_ne!(before, edited("11", "99"));
    assert_eq!(before, edited("12", "99"));
}

#[test]
fn a_function_that_a_macro_made_reaches_every_item_of_the_names_in_it() {
    let given = ("fn made() -> u32 { helper() }", 1, 0);
    let (before, owner) = ask(TEXT, given, Reach);
    assert_eq!(owner, FnOwner::Unknown);
    let edited = |from: &str, to: &str| ask(&TEXT.replace(from, to), given, Reach).0;
    assert_ne!(before, edited("11", "99"));
    assert_ne!(before, edited("12", "99"));
    assert_eq!(before, edited("13", "99"));
}

const SETTINGS: &str = "\
#[joblib::memoize(dir = \"a\", version = 1, ignore(b, c), key(a = rounded(a)))]
fn inner(a: u32, b: u32, c: u32) -> u32 { a }
fn rounded(a: u32) -> u32 { a / 11 }
#[memoize]
fn outer() -> u32 { inner(1, 2, 3) }
";

const WITH_SETTINGS: Given<'_> = (
    "#[memoize(ignore(b, c), key(a = rounded(a)))] fn inner(a: u32, b: u32, c: u32) -> u32 { a }",
    2,
    3,
);

#[test]
fn a_caller_depends_on_the_version_and_key_of_a_memoized_function() {
    let outer = |from: &str, to: &str| {
        let given = ("fn outer() -> u32 { inner(1, 2, 3) }", 5, 3);
        let text = SETTINGS.replace(from, to);
        assert!(from.is_empty() || text != SETTINGS);
        ask(&text, given, Reach).0
    };
    let before = outer("", "");
    assert_ne!(before, outer("version = 1", "version = 2"));
    assert_ne!(before, outer("version = 1, ", ""));
    assert_ne!(before, outer("ignore(b, c)", "ignore(b)"));
    assert_ne!(before, outer("rounded(a))", "rounded(a + 1))"));
    assert_ne!(before, outer("a / 11", "a / 12"));
    assert_eq!(before, outer("ignore(b, c)", "ignore(c, b,)"));
    assert_eq!(before, outer("dir = \"a\"", "expires = \"1d\""));
}

#[test]
fn what_the_key_of_a_function_leaves_out_is_in_its_fingerprint() {
    let before = ask(SETTINGS, WITH_SETTINGS, Reach).0;
    let other = WITH_SETTINGS.0.replace("ignore(b, c)", "ignore(c)");
    for scope in [Reach, Function, Crate] {
        let edited = SETTINGS.replace("ignore(b, c)", "ignore(c)");
        let before = ask(SETTINGS, WITH_SETTINGS, scope).0;
        assert_ne!(before, ask(&edited, (&other, 2, 3), scope).0);
    }
    let edited = |from: &str, to: &str| ask(&SETTINGS.replace(from, to), WITH_SETTINGS, Reach).0;
    assert_ne!(before, edited("a / 11", "a / 12"));
    assert_eq!(before, edited("version = 1", "version = 2"));
}

#[test]
fn scopes_cover_the_function_or_the_crate() {
    let edited = |scope| ask(&TEXT.replace("13", "99"), GO, scope).0;
    assert_eq!(ask(TEXT, GO, Function).0, edited(Function));
    assert_eq!(ask(TEXT, GO, Reach).0, edited(Reach));
    assert_ne!(ask(TEXT, GO, Crate).0, edited(Crate));
}

#[test]
fn what_a_body_reads_from_outside_is_warned_about() {
    let count = |body: &str| {
        let body = Group::new(Delimiter::Brace, body.parse().unwrap());
        impure_calls::find(&body, false).len()
    };
    for body in [
        "std::time::Instant::now()",
        "SystemTime::now()",
        "rand::rng()",
        "rand::thread_rng()",
        "g(OsRng)",
        "if fastrand::bool() { }",
        "std::env::var(\"A\")",
        "fs::read(path)",
        "File::open(path)",
        "std::io::stdin()",
        "Command::new(program)",
        "TcpStream::connect(address)",
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

#[test]
fn a_function_in_a_file_of_several_modules_reaches_what_it_names_in_each() {
    for [p, q] in [
        ["include!(\"t.rs\");", "include!(\"t.rs\");"],
        [
            "#[path = \"../t.rs\"] mod a;",
            "#[path = \"../t.rs\"] mod b;",
        ],
    ] {
        let root = |k: u32, l: u32| {
            format!(
                "mod p {{ pub const K: u32 = {k}; {p} }} mod q {{ pub const K: u32 = {l}; {q} }}"
            )
        };
        let text = match p.contains("include") {
            true => "pub fn g(x: u32) -> u32 { x + K }",
            false => "pub fn g(x: u32) -> u32 { x + super::K }",
        };
        let fixture = Fixture::new(&[("src/lib.rs", &root(1, 2)), ("src/t.rs", text)]);
        let of = |k, l| {
            fixture.write("src/lib.rs", &root(k, l));
            let file = fixture.path().join("src/t.rs");
            let position = Position {
                file: &file,
                line: 1,
                column: 7,
            };
            let (summary, _) = fixture.engine().reach(text, Some(position), Reach);
            summary.digest
        };
        assert_eq!(of(1, 2), of(1, 2));
        assert_ne!(of(1, 2), of(3, 2), "{p}");
        assert_ne!(of(1, 2), of(1, 3), "{p}");
    }
}

const STORED: &str = "\
use joblib::memoize;
#[memoize(version = 1, store(to = form::encode, from = form::decode))]
fn inner(a: u32) -> Other { Other(a) }
mod form {
pub fn encode(it: &Other) -> u32 { it.0 + 111 }
pub fn decode(stored: u32) -> Other { restored(stored) }
fn restored(stored: u32) -> Other { Other(stored - 112) }
pub fn unused() -> u32 { 113 }
}
fn outer() -> u32 { inner(1).0 }
mod module {
pub use self::form::{encode as to, decode as from};
mod form {
pub fn encode(it: &Other) -> u32 { it.0 + 121 }
pub fn decode(stored: u32) -> Other { restored(stored) }
fn restored(stored: u32) -> Other { Other(stored - 122) }
}
}
#[memoize(store = self::module)]
fn by_module(a: u32) -> Other { Other(a) }
struct Form;
impl Form {
fn to(it: &Other) -> u32 { it.0 + 131 }
fn from(stored: u32) -> Other { restored(stored) }
}
fn restored(stored: u32) -> Other { Other(stored - 132) }
#[memoize(store = Form)]
fn by_type(a: u32) -> Other { Other(a) }
fn outer_of_both() -> u32 { by_module(1).0 + by_type(1).0 }
struct Other(u32);
";

#[test]
fn the_functions_that_convert_a_stored_result_are_in_the_fingerprint() {
    let inner = "#[memoize(store(to = form::encode, from = form::decode))] \
                 fn inner(a: u32) -> Other { Other(a) }";
    let by_module = "#[memoize(store = self::module)] fn by_module(a: u32) -> Other { Other(a) }";
    let by_type = "#[memoize(store = Form)] fn by_type(a: u32) -> Other { Other(a) }";
    let both = "fn outer_of_both() -> u32 { by_module(1).0 + by_type(1).0 }";
    let outer = "fn outer() -> u32 { inner(1).0 }";
    let edits = [
        "111",
        "112",
        "113",
        "121",
        "122",
        "131",
        "132",
        "to = form::encode",
    ];
    for (text, line, covered) in [
        (inner, 3, "111 112 to = form::encode"),
        (outer, 10, "111 112 to = form::encode"),
        (by_module, 20, "121 122"),
        (by_type, 28, "131 132"),
        (both, 29, "121 122 131 132"),
    ] {
        let given = (text, line, 3);
        let before = ask(STORED, given, Reach).0;
        for from in edits {
            let edited = STORED.replace(
                from,
                if from.contains('=') {
                    "to = form::unused"
                } else {
                    "99"
                },
            );
            assert_ne!(edited, STORED);
            let is_changed = ask(&edited, given, Reach).0 != before;
            assert_eq!(is_changed, covered.contains(from), "{text}: {from}");
        }
    }
}

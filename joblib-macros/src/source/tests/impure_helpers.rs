//! Warnings about helper functions that read what no key contains.

use super::fixture::Fixture;
use crate::source::engine::FingerprintScope::{self, Crate, Function, Reach};
use crate::source::locate::Position;

/// Returns the warning for the function `go`, which is in the first line of `text`.
fn warning(text: &str, scope: FingerprintScope) -> Option<String> {
    let fixture = Fixture::lib(text);
    let file = fixture.path().join("src/lib.rs");
    let given = text.lines().next().unwrap();
    let position = Position {
        file: &file,
        line: 1,
        column: given.find("go").unwrap(),
    };
    let (summary, _) = fixture.engine().reach(given, Some(position), scope);
    summary.impure_helper.map(|helper| helper.message())
}

#[track_caller]
fn assert_names(text: &str, parts: &[&str]) {
    let warning = warning(text, Reach).unwrap_or_else(|| panic!("no warning of {text}"));
    for part in parts {
        assert!(warning.contains(part), "{warning}");
    }
}

#[track_caller]
fn assert_silent(text: &str) {
    assert_eq!(warning(text, Reach), None, "{text}");
}

#[test]
fn a_helper_that_reads_a_file_is_named_with_its_place() {
    let text = "fn go() -> u32 { between() }\n\
                fn between() -> u32 { load() }\n\
                fn load() -> u32 { std::fs::read(\"a\").unwrap().len() as u32 }\n";
    let parts = [
        "`load` (src/lib.rs:3)",
        "a file",
        "fs::read",
        "FileContents",
    ];
    assert_names(text, &parts);
}

#[test]
fn what_a_helper_reads_is_seen_in_methods_modules_and_closures() {
    let helper = |call: &str| {
        format!(
            "fn go() -> u32 {{ {call} }}\n\
             mod io {{ pub fn clock() -> u32 {{ let f = || Instant::now(); 1 }} }}\n\
             struct S;\n\
             impl S {{ fn new() -> u32 {{ S.inner() }} fn all(&self) -> u32 {{ self.inner() }} \
             fn inner(&self) -> u32 {{ Command::new(\"a\"); 1 }} }}\n"
        )
    };
    assert_names(&helper("io::clock()"), &["`clock`", "a clock"]);
    assert_names(&helper("S::all(&S)"), &["`inner`", "another process"]);
}

#[test]
fn helpers_that_call_each_other_end() {
    let text = "fn go() -> u32 { a() }\n\
                fn a() -> u32 { b() }\n\
                fn b() -> u32 { a(); io::stdin(); 1 }\n";
    assert_names(text, &["`b`", "standard input"]);
}

#[test]
fn a_helper_that_is_not_called_accepted_or_memoized_is_no_cause() {
    let reads = "{ std::fs::read(\"a\").unwrap().len() as u32 }";
    assert_silent(&format!(
        "fn go() -> u32 {{ 1 }}\nfn load() -> u32 {reads}\n"
    ));
    let called = |attribute: &str| {
        format!("fn go() -> u32 {{ load() }}\n{attribute}\nfn load() -> u32 {reads}\n")
    };
    assert!(warning(&called(""), Reach).is_some());
    assert_silent(&called("#[allow(deprecated)]"));
    assert_silent(&called("#[joblib::memoize]"));
}

#[test]
fn a_method_of_a_name_that_several_types_have_is_no_certain_call() {
    let text = "fn go(x: &dyn Any) -> u32 { x.load() }\n\
                struct S;\n\
                impl S { fn load(&self) -> u32 { io::stdin(); 1 } }\n";
    assert_silent(text);
}

#[test]
fn a_scope_without_helpers_has_no_warning_of_them() {
    let text = "fn go() -> u32 { load() }\nfn load() -> u32 { io::stdin(); 1 }\n";
    assert!(warning(text, Reach).is_some() && warning(text, Crate).is_some());
    assert_eq!(warning(text, Function), None);
}

#[test]
fn a_type_argument_is_no_owner_of_a_function() {
    assert_silent(
        "fn go() -> u32 { a() }\n\
         struct W<T>(T);\n\
         impl<T> W<T> { fn now() -> u32 { 1 } }\n\
         fn a() -> u32 { W::<Instant>::now() }\n",
    );
}

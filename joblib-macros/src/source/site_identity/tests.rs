//! Locations are determined from the surrounding tokens.

use quote::ToTokens;

use super::*;
use crate::source::token::LexedFile;

fn groups(text: &str) -> FileGroups {
    FileGroups::new(LexedFile::new("src/lib.rs".into(), text.to_owned()))
}

/// Returns the location of the `nth` function called `name`.
fn nth(text: &str, name: &str, nth: usize) -> Option<FnSite> {
    let groups = groups(text);
    let file = &groups.file;
    let is_it = |&at: &usize| at > 0 && file.text(at) == name && file.is_word(at - 1, "fn");
    let at = file
        .all()
        .filter(is_it)
        .nth(nth)
        .expect("the text has the function");
    FnSite::shown(&groups, at, &["fn"], name)
}

fn path(text: &str, which: usize) -> String {
    nth(text, "f", which)
        .expect("no macro generated it")
        .path("f")
}

/// Returns the context in which the macro expands the annotated function.
fn made(text: &str) -> Option<FnContext> {
    made_by(text, "memoize")
}

/// Returns the context of a function `f` that the macro named `word` generated.
fn made_by(text: &str, word: &str) -> Option<FnContext> {
    let groups = groups(text);
    let file = &groups.file;
    let is_it = |&at: &usize| file.is_word(at, word);
    let at = file.all().find(is_it).expect("the text has the word");
    FnSite::made(&groups, at, "f").context()
}

#[test]
fn an_attribute_leaves_functions_where_the_item_below_it_has_them() {
    for (text, place) in [
        ("#[rewrite] impl A { fn f() {} }", FnContext::Inherent),
        (
            "#[other(x)] #[rewrite] #[third] impl A { fn f() {} }",
            FnContext::Inherent,
        ),
        (
            "#[a::rewrite(y)] impl T for A { fn f() {} }",
            FnContext::Trait,
        ),
        ("#[rewrite] trait T { fn f() {} }", FnContext::Trait),
        (
            "#[rewrite] mod m { impl A { fn g() {} fn f() {} } }",
            FnContext::Inherent,
        ),
        (
            "#[rewrite] mod m { fn f() {} impl A { fn g() {} } }",
            FnContext::Free,
        ),
        (
            "#[rewrite] mod m { fn f() {} impl A { fn f() {} } }",
            FnContext::Trait,
        ),
        ("#[rewrite] fn f() {} impl A { fn f() {} }", FnContext::Free),
    ] {
        assert_eq!(made_by(text, "rewrite"), Some(place), "{text}");
    }
}

#[test]
fn a_path_starts_at_the_module() {
    assert_eq!(path("fn f() {}", 0), "f");
    assert_eq!(path("mod a { pub(crate) mod b { fn f() {} } }", 0), "f");
    assert_eq!(path("impl<T> X<T> { fn f() {} }", 0), "<X<T>>::f");
    assert_eq!(
        path(
            "unsafe impl<T: A> Run<u8> for X<T> where T: B { fn f() {} }",
            0
        ),
        "<X<T> as Run<u8>>::f"
    );
    assert_eq!(path("#[a] pub trait Run { fn f() {} }", 0), "<Run>::f");
}

#[test]
fn what_is_inside_a_function_has_its_path() {
    let text = "pub async fn outer() { mod m { impl A { fn f() {} } } }";
    assert_eq!(path(text, 0), "outer::m::<A>::f");
    let text = "impl X { pub(crate) const fn g(&self) -> [u8; 3] { if true { fn f() {} } } }";
    assert_eq!(path(text, 0), "<X>::g::f");
    assert!(nth(text, "f", 0).unwrap().is_in_body());
    assert!(!nth("mod a { fn f() {} }", "f", 0).unwrap().is_in_body());
    assert!(
        nth("const _: () = { fn f() {} };", "f", 0)
            .unwrap()
            .is_in_body()
    );
}

#[test]
fn functions_of_one_name_in_one_function_are_numbered() {
    let text = "fn g() { { fn f() {} } let x = || { fn f() {} }; } fn h() { fn f() {} }";
    assert_eq!(path(text, 0), "g::f");
    assert_eq!(path(text, 1), "g::f#2");
    assert_eq!(path(text, 2), "h::f");
}

#[test]
fn what_an_impl_is_generic_over_is_known() {
    let surroundings = |text: &str| nth(text, "f", 0).unwrap().generic_context();
    assert_eq!(surroundings("fn f() {}"), GenericContext::Plain);
    assert_eq!(
        surroundings("impl<'a> X<'a> { fn f() {} }"),
        GenericContext::Plain
    );
    let names = |text: &str| match surroundings(text) {
        GenericContext::Generic { types, constants } => {
            let tokens = types.iter().chain(&constants);
            tokens
                .map(|name| name.to_token_stream().to_string())
                .collect::<Vec<_>>()
        }
        other => panic!("{other:?}"),
    };
    let text =
        "impl<T: A<C>, U, const N: usize, const M: u8> Run<U, N> for X<(T, [u8; M])> { fn f() {} }";
    assert_eq!(names(text), ["U", "N"]);
    assert_eq!(names("trait Run<T> { fn f() {} }"), ["T"]);
    assert!(names("trait Run { fn f() {} }").is_empty());
}

#[test]
fn what_a_macro_has_to_do_with_is_not_taken_as_shown() {
    for text in [
        "macro_rules! m { () => { fn f() {} } }",
        "m! { fn f() {} }",
        "fn g() { m!(fn f() {}) }",
        "m![{ impl X { fn f() {} } }];",
        "macro m() { fn f() {} }",
    ] {
        assert!(nth(text, "f", 0).is_none(), "{text}");
    }
    assert!(nth("fn f() {}", "f", 0).is_some());
}

#[test]
fn the_code_around_a_function_in_a_macro_decides_its_context() {
    let inside = [
        (
            "impl Run for $t { #[memoize] fn go() {} }",
            FnContext::Trait,
        ),
        (
            "impl<T> $t<T> { #[memoize] fn go() {} }",
            FnContext::Inherent,
        ),
        (
            "$(#[$m])* unsafe impl<T> $r for $t { #[memoize] $v fn go() {} }",
            FnContext::Trait,
        ),
        (
            "impl X { fn a() { #[memoize] fn go() {} } }",
            FnContext::Free,
        ),
        ("trait $t { #[memoize] fn go() {} }", FnContext::Trait),
        (
            "impl for<'a> Run<'a> for $t { #[memoize] fn go() {} }",
            FnContext::Trait,
        ),
    ];
    for (text, place) in inside {
        assert_eq!(
            made(&format!("macro_rules! m {{ () => {{ {text} }} }}")),
            Some(place),
            "{text}"
        );
        assert_eq!(made(&format!("m! {{ {text} }}")), Some(place), "{text}");
    }
}

#[test]
fn the_calls_of_a_macro_decide_the_context_of_its_functions() {
    let with = |calls: &str| {
        let made_up = "macro_rules! unheard_of { () => { #[memoize] fn go() {} } }";
        made(&format!("{made_up} {}", calls.replace("m!", "unheard_of!")))
    };
    assert_eq!(with("m!(); mod a { m!(); }"), Some(FnContext::Free));
    assert_eq!(with("impl X { m!(); }"), Some(FnContext::Inherent));
    assert_eq!(
        with("impl A for X { m!(); } trait B { m!{} }"),
        Some(FnContext::Trait)
    );
    assert_eq!(with("impl A for X { m!(); } m!();"), Some(FnContext::Trait));
    assert_eq!(
        with("impl X { m!(); } impl A for X { m!(); }"),
        Some(FnContext::Trait)
    );
    assert_eq!(with("other!(m!());"), None);
    assert_eq!(with(""), None);
}

#[test]
fn what_a_macro_is_given_stands_where_it_is_called() {
    assert_eq!(
        made("cfg_if! { if #[cfg(a)] { #[memoize] fn go() {} } }"),
        Some(FnContext::Free)
    );
    assert_eq!(
        made("impl X { a! { b! { #[memoize] fn go(&self) {} } } }"),
        Some(FnContext::Inherent)
    );
    assert_eq!(
        made("fn g() { m! { #[memoize] fn go() {} } }"),
        Some(FnContext::Free)
    );
    let model = "macro_rules! model { ($t:ident, $i:item) => { impl Run for $t { $i } } }";
    assert_eq!(
        made(&format!("{model} model!(A, #[memoize] fn go() {{}});")),
        None
    );
}

#[test]
fn a_function_that_no_file_shows_is_what_it_is_called_as() {
    let infer_from_calls =
        |text: &str| generated_fns::infer_from_calls(&[groups(text).into()], "f");
    for text in ["A::f(1)", "<A as T>::f", "Self::f()", "trait T { fn f(); }"] {
        assert_eq!(infer_from_calls(text), Some(FnContext::Trait), "{text}");
    }
    for text in [
        "f(1)",
        "m::f(1)",
        "f::check(1)",
        "A::f(1); f(1)",
        "m::f::uncached(1)",
    ] {
        assert_eq!(infer_from_calls(text), Some(FnContext::Free), "{text}");
    }
    for text in ["x.f(1)", "fn f() {}", "use m::f;", "let f = 1;"] {
        assert_eq!(infer_from_calls(text), None, "{text}");
    }
}

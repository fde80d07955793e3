//! Tests that items count under all names and spellings.

use super::fixture::{Fixture, changes, counts, does_count, is_ignored, keeps};

#[test]
fn a_brace_or_a_line_break_in_a_format_string_may_be_an_escape() {
    for text in [
        r#"format!("\x7bLIMIT}")"#,
        r#"format!("\u{7b}LIMIT}")"#,
        "format!(\"{LIM\\\n   IT}\")",
        r#"format!("a\n{:LIMIT\x24}", 1)"#,
    ] {
        let text = format!("const LIMIT: usize = 7; fn f() -> String {{ {text} }}");
        changes(&text, "= 7", "= 8");
    }
}

#[test]
fn where_a_function_stands_counts_however_it_is_asked_for() {
    for asks in [
        "<std::panic::Location>::caller().line()",
        "<std::panic::Location> ::caller().line()",
        "std::panic::Location::caller().line()",
        "<std::backtrace::Backtrace>::force_capture().len()",
    ] {
        let text = format!("fn h() -> u32 {{ {asks} }} fn f() -> u32 {{ h() }}");
        changes(&text, "fn h", "\nfn h");
    }
    let import = "use std::backtrace::Backtrace as Bt;";
    let text =
        format!("{import} fn h() -> u32 {{ Bt::force_capture().len() }} fn f() -> u32 {{ h() }}");
    changes(&text, "fn h", "\nfn h");
    let import = "use std::panic::set_hook as hook;";
    let text = format!("{import} fn h() {{ hook(Box::new(|at| put(at))) }} fn f() {{ h() }}");
    changes(&text, "fn h", "\nfn h");
    keeps(
        "fn h() { capture() } fn capture() {} fn f() { h() }",
        "fn h",
        "\nfn h",
    );
}

#[test]
fn the_name_of_a_type_counts_however_it_is_asked_for() {
    for import in [
        "use std::any::type_name as tn;",
        "mod low { pub use std::any::type_name as tn; } use low::tn;",
        "mod low { pub use std::any::type_name as tn; } use low::*;",
    ] {
        let text = format!(
            "mod one {{ pub mod deep {{ {import} pub struct A; pub fn f() -> &str {{ tn::<A>() }} }} }}"
        );
        let fixture = super::fixture::Fixture::lib(&text);
        let before = fixture.of("one::deep::f");
        fixture.write("src/lib.rs", &text.replace("mod one", "mod two"));
        assert_ne!(before, fixture.of("two::deep::f"), "{import}");
    }
}

#[test]
fn the_type_that_phantom_data_shows_counts_with_its_path() {
    for (import, phantom) in [
        ("use std::marker::PhantomData;", "PhantomData"),
        ("", "std::marker::PhantomData"),
        ("use std::marker::PhantomData as P;", "P"),
    ] {
        let text = format!(
            "mod one {{ {import} struct A; #[derive(Debug)] struct S({phantom}<A>);
            pub fn f() -> String {{ format!(\"{{:?}}\", S({phantom})) }} }}"
        );
        let fixture = Fixture::lib(&text);
        let before = fixture.of("one::f");
        fixture.write("src/lib.rs", &text.replace("mod one", "mod two"));
        assert_ne!(before, fixture.of("two::f"), "{import}");
    }
}

#[test]
fn a_method_on_self_may_be_a_supertraits_of_the_same_name() {
    for (bound, own) in [
        (": S", "&mut self"),
        (": S", "self"),
        (": S + Copy", "&mut self"),
        (": Mid", "&mut self"),
        (": Copy where Self: S", "&mut self"),
    ] {
        let text = format!(
            "trait S {{ fn go(&self) -> u32; }} trait Mid: S {{}}
            trait T{bound} {{ fn go({own}) -> u32 {{ 5 }} fn m(&self) -> u32 {{ self.go() }} }}
            struct A; impl S for A {{ fn go(&self) -> u32 {{ 1 }} }} impl Mid for A {{}} impl T for A {{}}
            fn f() -> u32 {{ A.m() }}"
        );
        changes(&text, "{ 1 }", "{ 2 }");
    }
}

#[test]
fn a_method_on_self_may_be_that_of_a_bound_of_the_method() {
    let text = "trait S { fn go(&self) -> u32; }
        trait T { fn go(&mut self) -> u32 { 5 } fn m(&self) -> u32 where Self: S { self.go() } }
        struct A; impl S for A { fn go(&self) -> u32 { 1 } } impl T for A {}
        fn f() -> u32 { A.m() }";
    changes(text, "{ 1 }", "{ 2 }");
}

#[test]
fn a_method_on_self_is_the_traits_own_where_no_supertrait_has_it() {
    for bound in ["", ": Copy + Send + 'static", ": Other<u32>"] {
        let text = format!(
            "trait Other<K> {{ fn no(&self); }} trait S {{ fn go(&self) -> u32; }}
            trait T{bound} {{ fn go(&self) -> u32 {{ 5 }} fn m(&self) -> u32 {{ self.go() }} }}
            struct A; impl S for A {{ fn go(&self) -> u32 {{ 1 }} }} impl Other<u32> for A {{}} impl T for A {{}}
            fn f() -> u32 {{ A.m() }}"
        );
        keeps(&text, "{ 1 }", "{ 2 }");
    }
}

#[test]
fn what_assert_shows_of_its_condition_counts() {
    let asserting = |condition: &str| format!("fn f(x: u32) {{ assert!({condition}); }}");
    for (one, other) in [
        (
            "match x { 4 => { true } _ => false }",
            "match x { 4 => true, _ => false }",
        ),
        ("(x == 4)", "((x == 4))"),
        ("go(|| { x })", "go(|| x)"),
        ("{ return; }", "{ return }"),
        ("go(|| -> () {})", "go(|| {})"),
        ("is!(x+1)", "is!(x + 1)"),
        ("vec![1, 2].len() == 2", "vec![1, 2,].len() == 2"),
        ("a & &b", "a && b"),
        (
            "{ #[allow(unused)] let y = x; y == 4 }",
            "{ let y = x; y == 4 }",
        ),
        (
            "{ struct S; x == 4 }",
            "{ #[doc = \"one\"] struct S; x == 4 }",
        ),
        (
            "{ /// one\n struct S; x == 4 }",
            "{ /// two\n struct S; x == 4 }",
        ),
    ] {
        changes(&asserting(one), one, other);
        let debug = asserting(one).replace("assert!", "debug_assert!");
        changes(&debug, one, other);
    }
}

#[test]
fn a_semicolon_after_what_leaves_a_block_counts_where_it_decides_what_is_dropped_first() {
    for leaves in [
        "return go(&T)",
        "break 'a go(&T)",
        "return &-t",
        "return m![t]",
    ] {
        let text = format!("fn f() -> u32 {{ 'a: {{ let local = T; {leaves}; }} }}");
        changes(&text, &format!("{leaves};"), leaves);
    }
    for block in [
        "{ let local = T; return local; }",
        "{ let local = T; break 'a local.0; }",
        "{ let local = T; continue; }",
        "{ return go(&T); }",
    ] {
        let text = format!("fn f() -> u32 {{ 'a: {block} }}");
        keeps(&text, "; }", " }");
    }
}

#[test]
fn what_assert_does_not_show_does_not_count() {
    let asserting = |condition: &str| format!("fn f(x: u32) {{ assert!({condition}); }}");
    for (one, other) in [
        ("go(a, b)", "go(\n a,\n b,\n)"),
        ("x==4", "x == 4 // four\n"),
        ("x == 4", "x == 4,"),
        ("go(|| { x }), \"so\"", "go(|| x), \"so\""),
    ] {
        keeps(&asserting(one), one, other);
    }
}

#[test]
fn how_lines_end_does_not_count() {
    let text = "/// Docs.\nfn h() -> &str {\n    \"a\nb\"\n}\nfn f() -> &str { h(); r\"c\nd\"; line!() }\n";
    keeps(text, text, &text.replace('\n', "\r\n"));
    changes(text, "\"a\nb\"", "\"a\r\r\nb\"");
}

#[test]
fn how_the_lines_of_an_included_text_end_counts() {
    let fixture = super::fixture::Fixture::new(&[
        ("src/lib.rs", "fn f() -> &str { include_str!(\"a.txt\") }"),
        ("src/a.txt", "a\nb"),
    ]);
    let before = fixture.of("f");
    fixture.write("src/a.txt", "a\r\nb");
    assert_ne!(before, fixture.of("f"));
}

#[test]
fn braces_around_self_import_no_function() {
    let text =
        "mod a { pub mod m { pub fn x() -> u32 { 1 } } pub fn m() -> u32 { 71 } pub macro m {} }";
    let both = format!("{text} mod b {{ pub fn m() -> u32 {{ 81 }} }}");
    for rest in [
        "fn m() -> u32 { 2 } fn f() -> u32 { use a::m::{self}; m() + m::x() }",
        "use b::*; use a::m::{self}; fn f() -> u32 { m() + m::x() }",
        "use b::*; use a::m::{self}; mod c { pub fn go() -> u32 { super::m() } } fn f() -> u32 { c::go() }",
        "mod c { pub use crate::b::*; pub use crate::a::m::{self}; } fn f() -> u32 { c::m() }",
        "mod c { pub use crate::b::*; pub use crate::a::{m::{self}}; } use c::m; fn f() -> u32 { m() }",
    ] {
        let text = format!("{both} {rest}");
        changes(&text, "m::{self}", "m");
        if !rest.contains("{ use") {
            is_ignored(&text);
        }
    }
    // A braced import brings in only the item of the type namespace.
    for rest in [
        "use a::m::{self}; fn f() -> u32 { m::x() }",
        "use a::{m::{self as k}}; fn f() -> u32 { k::x() }",
        "use a::{self as q}; fn f() -> u32 { q::m::x() }",
        "use crate::{self as q}; fn f() -> u32 { q::a::m::x() }",
        "mod c { use super::{self as q}; pub fn go() -> u32 { q::a::m::x() } } fn f() -> u32 { c::go() }",
        "use self::{a::m::{self, x}}; fn f() -> u32 { x() }",
        "fn f() -> u32 { use a::m::{self}; m::x() }",
    ] {
        changes(&format!("{text} {rest}"), "{ 1 }", "{ 3 }");
    }
    for text in [
        "mod a { pub enum E { A = 71 } } use a::E::{self, A}; fn f() -> u32 { E::A as u32 }",
        "mod a { pub enum E { A = 71 } } use a::E::{self, A}; fn f() -> u32 { A as u32 }",
        "mod a { pub trait T { fn t(&self) -> u32 { 71 } } impl T for u32 {} } use a::T::{self as _}; fn f() -> u32 { 1u32.t() }",
        "mod a { pub type T = [u8; 71]; } use a::T::{self}; fn f(t: T) {}",
        "macro_rules! make { () => { pub mod made { pub fn x() -> u32 { 71 } } } }
         mod a { make!(); } use a::made::{self}; fn f() -> u32 { made::x() }",
    ] {
        counts(text);
    }
}

#[test]
fn one_identifier_may_be_spelled_in_two_ways() {
    let (one, two) = ("caf\u{e9}", "cafe\u{301}");
    assert_ne!(one, two);
    for text in [
        "fn # () -> u32 { 71 } fn f() -> u32 { @() }",
        "mod # { pub fn go() -> u32 { 71 } } fn f() -> u32 { @::go() }",
        "mod m { pub fn # () -> u32 { 71 } } use m::@ as go; fn f() -> u32 { go() }",
        "struct S; impl S { fn #(&self) -> u32 { 71 } } fn f(s: S) -> u32 { s.@() }",
        "macro_rules! # { () => { 71 } } fn f() -> u32 { @!() }",
        "const #: u32 = 71; fn f() -> String { format!(\"{@}\") }",
        "macro_rules! call { ($n:ident) => { $n() } } fn # () -> u32 { 71 } fn f() -> u32 { call!(@) }",
    ] {
        for (here, there) in [(one, two), (two, one)] {
            let text = text.replace('#', here).replace('@', there);
            counts(&text);
            keeps(&text, here, there);
        }
    }
    // The bytes of a string literal count; they are not normalized.
    changes(&format!("fn f() -> &str {{ \"{one}\" }}"), one, two);
}

#[test]
fn words_that_are_names_in_the_first_edition_are_followed_there() {
    for text in [
        "fn #() -> u32 { 71 } pub fn go() -> u32 { #() }",
        "mod # { pub fn go() -> u32 { 71 } } pub fn go() -> u32 { #::go() }",
        "struct S; impl S { fn #(&self) -> u32 { 71 } } pub fn go() -> u32 { S.#() }",
        "macro_rules! # { () => { 71 } } pub fn go() -> u32 { #!() }",
        "macro_rules! call { ($n:ident) => { $n() } } fn #() -> u32 { 71 } pub fn go() -> u32 { call!(#) }",
    ] {
        for word in ["async", "await", "dyn"] {
            let text = text.replace('#', word);
            let fixture = Fixture::app("pub fn f() -> u32 { dep::go() }")
                .beside("dep", "", &text, &[])
                .externs(&[("dep", "dep")]);
            assert!(does_count(&fixture, "dep/src/lib.rs"), "{text}");
        }
    }
}

#[test]
fn a_format_string_may_have_any_characters() {
    for text in [
        "{{\u{2192}}}{LIMIT}",
        "{{ \u{2192}{LIMIT}",
        "{:\u{2192}>LIMIT$}",
        "{LIMIT:\u{301}>1$}",
    ] {
        let text = format!("const LIMIT: usize = 71; fn f() {{ println!(\"{text}\", 1) }}");
        counts(&text);
    }
}

#[test]
fn whether_the_compiler_joins_the_tokens_that_a_macro_receives_counts() {
    for (apart, joined) in [
        ("< <", "<<"),
        ("- >", "->"),
        ("< -", "<-"),
        ("= =", "=="),
        (". . =", "..="),
        (": :", "::"),
        ("| |", "||"),
    ] {
        let count = "macro_rules! one { ($t:tt) => { 1 } }
            macro_rules! count { ($($t:tt)*) => { 0 $(+ one!($t))* } }";
        let text = format!("{count} fn f() -> u32 {{ count!(a {apart} b) }}");
        changes(&text, apart, joined);
        let rule =
            format!("macro_rules! rule {{ (a {apart} b) => {{ 1 }}; ($($t:tt)*) => {{ 2 }} }}");
        let text = format!("{rule} fn f() -> u32 {{ rule!(a {joined} b) }}");
        changes(&text, apart, joined);
    }
    keeps(
        "macro_rules! id { ($e:expr) => { $e } } fn f(x: u32) -> u32 { id!(x + 1) }",
        "x + 1",
        "x  +1",
    );
}

#[test]
fn the_comma_of_a_tuple_of_one_counts_everywhere() {
    for text in [
        "struct S(pub (u8,)); fn f(s: S) {}",
        "struct S(pub(crate) (u8,)); fn f(s: S) {}",
        "struct S(#[cfg(all())] (u8,)); fn f(s: S) {}",
        "fn g<T>(t: T) {} fn f(u8: u8) { g(#[allow(unused)] (u8,)) }",
        "fn f(a: A, u8: u8) -> bool { a > (u8,) }",
        "fn f(a: A, u8: u8) -> bool { 1 < 2 && a.len::<u8>() > (u8,) }",
        "fn f(a: A, u8: u8) -> bool { a as u8 > (u8,) }",
    ] {
        changes(text, "(u8,)", "(u8)");
    }
    for text in [
        "fn g<T>(t: T,) {} fn f() { g::<u8>(1,) }",
        "struct S<T>(T,); impl<T> S<T> { fn new(t: T,) -> S<T> { S::<T>(t,) } } fn f() { S::new(1,) }",
        "fn f(v: Vec<fn(u8,)>) { v[0](1,); v.get(0,); (v[0])(1,); <u8 as Tr<u8>>::go(1,) }",
    ] {
        let plain = text.replace(",)", ")");
        assert_eq!(
            Fixture::lib(text).of("f"),
            Fixture::lib(&plain).of("f"),
            "{text}"
        );
    }
}

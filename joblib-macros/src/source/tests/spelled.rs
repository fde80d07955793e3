//! What counts by whatever name or spelling it goes.

use super::fixture::{changes, keeps};

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
    ] {
        changes(&asserting(one), one, other);
        let debug = asserting(one).replace("assert!", "debug_assert!");
        changes(&debug, one, other);
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

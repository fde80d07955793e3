//! Tests what a function reaches through macros, one edit at a time.

use super::fixture::{changes, counts, keeps};

#[test]
fn macro_bodies_count() {
    let text = "
        macro_rules! twice { ($x:expr) => { helper($x) + 21 } }
        macro_rules! unused { () => { 22 } }
        fn helper(x: u32) -> u32 { x + 23 }
        fn f() -> u32 { twice!(4) }
    ";
    changes(text, "21", "99");
    changes(text, "23", "99");
    keeps(text, "22", "99");
}

#[test]
fn macro_made_items_count() {
    let text = "
        macro_rules! make { ($name:ident, $n:expr) => { fn $name() -> u32 { $n + base() } } }
        fn base() -> u32 { 31 }
        make!(helper, 32);
        make!(other, 33);
        fn f() -> u32 { helper() }
    ";
    changes(text, "31", "99");
    changes(text, "32", "99");
    keeps(text, "33", "99");
}

#[test]
fn macro_made_impls_count() {
    let text = "
        struct S; struct T;
        macro_rules! ops { ($($t:ty => $n:expr),*) => { $(impl std::ops::Neg for $t { type Output = u32; fn neg(self) -> u32 { $n } })* } }
        ops!(S => 41);
        ops!(T => 42);
        trait Ext { fn go(&self) -> u32; }
        macro_rules! ext { ($($t:ty)*) => { $(impl Ext for $t { fn go(&self) -> u32 { 43 } })* } }
        ext!(u8 u16);
        fn f(s: S, n: u8) -> u32 { -s + n.go() }
    ";
    changes(text, "41", "99");
    changes(text, "43", "99");
    keeps(text, "42", "99");
}

#[test]
fn methods_made_by_macros_in_impls_count() {
    let text = "
        struct S;
        macro_rules! getter { ($n:ident) => { fn $n(&self) -> u32 { 51 } } }
        impl S { getter!(size); }
        fn f(s: S) -> u32 { s.size() }
    ";
    changes(text, "51", "99");
}

#[test]
fn names_in_macro_arguments_count() {
    let text = "
        mod m { pub fn go() -> u32 { 61 } }
        const WIDTH: u32 = 62;
        macro_rules! call { ($m:ident, $f:ident) => { $m::$f() } }
        struct S; impl S { fn show(&self) -> u32 { 63 } }
        fn f(s: S) -> String { let n = call!(m, go); format!(\"{n} {WIDTH} {}\", s.show()) }
    ";
    changes(text, "61", "99");
    changes(text, "62", "99");
    changes(text, "63", "99");
}

#[test]
fn builders_made_by_derives_count() {
    let text = "#[derive(Builder)] struct Model { a: u32 } fn f() -> u32 { ModelBuilder::default().build() }";
    changes(text, "a: u32", "a: u64");
}

#[test]
fn imports_of_macro_made_items_count() {
    let text = "
        mod m { macro_rules! make { ($($n:ident)*) => { $(pub fn $n() -> u32 { 81 })* } } make!(made); }
        use m::made as other;
        fn f() -> u32 { other() }
    ";
    changes(text, "81", "99");
    changes(text, "(made)", "(made second)");
}

#[test]
fn names_passed_on_by_macros_count() {
    let text = "
        macro_rules! inner { ($n:ident) => { fn $n() -> u32 { 91 } } }
        macro_rules! outer { () => { inner!(made); } }
        outer!();
        fn f() -> u32 { made() }
    ";
    changes(text, "91", "99");
}

#[test]
fn thread_locals_and_statics_in_macros_count() {
    let text = "
        thread_local! { static CELL: u32 = init(); }
        thread_local! { static OTHER: u32 = 2; }
        fn init() -> u32 { 1 }
        fn f() -> u32 { CELL.with(|c| *c) }
    ";
    changes(text, "{ 1 }", "{ 9 }");
    keeps(text, "= 2", "= 9");
}

#[test]
fn pasted_names_count() {
    let text = "paste! { fn [<make_ thing>]() -> u32 { 1 } } fn f() -> u32 { make_thing() }";
    changes(text, "{ 1 }", "{ 9 }");
}

#[test]
fn a_name_is_put_together_whatever_stands_between_its_brackets() {
    let text = "fn add_one() -> u32 { 71 } fn f() -> u32 { paste! { [ < ad d_one > ]() } }";
    counts(text);
    let text = "paste! { fn [ < ad d_one > ]() -> u32 { 71 } } fn f() -> u32 { add_one() }";
    counts(text);
}

/// Returns programs whose macro calls, enums or bodies have `count` elements.
fn long(count: usize) -> [String; 4] {
    let list = |each: &dyn Fn(usize) -> String| (0..count).map(each).collect::<Vec<_>>();
    let fields = list(&|i| format!("a{i}: {i}")).join(", ");
    let values = list(&|i| format!("A{i} = {i}")).join(", ");
    let objects = list(&|i| format!("let a{i}: Option<&dyn T> = None;")).join(" ");
    [
        format!(
            "macro_rules! m {{ ($($t:tt)*) => {{ 0 }} }} fn f() -> u32 {{ 71 + m! {{ {fields} }} }}"
        ),
        format!(
            "macro_rules! m {{ ($($t:tt)*) => {{ 0 }} }} fn f() -> u32 {{ 71 + m! {{ {values} }} }}"
        ),
        format!("enum E {{ {values} }} fn f(e: E) -> u32 {{ 71 }}"),
        format!("trait T {{}} fn f() -> u32 {{ {objects} 71 }}"),
    ]
}

#[test]
fn each_place_of_a_long_list_is_looked_at_once() {
    for text in long(20_000) {
        counts(&text);
    }
}

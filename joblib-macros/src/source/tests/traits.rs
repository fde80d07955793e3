//! Tests impls of other crates' traits for types that nothing names, because callers
//! choose them or `dyn` hides them.

use super::fixture::{Fixture, changes, counts, is_change, keeps};
use crate::source::engine::FingerprintScope;

/// Types with impls of standard traits.
const TYPES: &str = "
    use std::fmt;
    struct Disc;
    impl fmt::Display for Disc { fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result { write!(f, \"71\") } }
    impl AsRef<str> for Disc { fn as_ref(&self) -> &str { \"72\" } }
    impl Iterator for Disc { type Item = u32; fn next(&mut self) -> Option<u32> { Some(73) } }
    struct Num(u32);
    impl std::ops::Add for Num { type Output = Num; fn add(self, o: Num) -> Num { Num(74) } }
    impl From<Num> for u32 { fn from(n: Num) -> u32 { 75 } }
    impl Clone for Num { fn clone(&self) -> Num { Num(76) } }
    impl std::error::Error for Num { fn description(&self) -> &str { \"77\" } }
    struct State; impl std::hash::BuildHasher for State { fn build_hasher(&self) { 78; } }
";

#[track_caller]
fn each_changes(cases: &[(&str, &str)]) {
    for (text, from) in cases {
        changes(&format!("{TYPES} {text}"), from, "99");
    }
}

#[test]
fn a_bound_of_another_crates_trait_brings_the_types_that_callers_may_choose() {
    each_changes(&[
        ("fn f<T: fmt::Display>(t: T) -> String { t.to_string() }", "71"),
        ("fn f<T>(t: T) -> String where T: std::fmt::Display { format!(\"{t}\") }", "71"),
        ("fn f<T>(t: &[T]) -> String where for<'a> &'a T: ToString { t[0].to_string() }", "71"),
        ("use std::fmt::Display as D; fn f<T: Send + D>(t: T) -> String { format!(\"{t}\") }", "71"),
        ("use std::fmt::*; fn f(t: impl Display) -> String { format!(\"{t}\") }", "71"),
        ("fn f<T: AsRef<str>>(t: T) -> usize { t.as_ref().len() }", "72"),
        ("fn f(i: impl Iterator<Item = u32>) -> u32 { i.sum() }", "73"),
        ("fn f<I: IntoIterator>(i: I) -> usize { i.into_iter().count() }", "73"),
        ("use std::ops::Add; fn f<T: Add<Output = T> + Copy>(t: T) -> T { t + t }", "74"),
        ("fn f(t: impl Into<u32>) -> u32 { t.into() }", "75"),
        ("fn f<T: TryInto<u32>>(t: T) -> u32 { t.try_into().unwrap_or(0) }", "75"),
        ("fn f<T: Into<Box<dyn std::error::Error>>>(t: T) -> String { format!(\"{}\", t.into()) }", "77"),
        ("fn f<T: Clone>(t: &T) -> T { t.clone() }", "76"),
        ("fn f<T: PartialEq>(t: &T) -> bool { t == t }", "78"),
        ("struct H<T>(T); impl<T: fmt::Display> H<T> { fn f(&self) -> String { self.0.to_string() } }
          fn f<T: fmt::Display>(h: &H<T>) -> String { h.f() }", "71"),
        ("make!(Made); fn f<T: Made<u8>>(t: &T) -> u8 { t.made() }", "71"),
    ]);
}

#[test]
fn what_drops_a_type_that_a_caller_chooses_counts() {
    const DROP: &str = "struct A(u8); impl Drop for A { fn drop(&mut self) { 91; } }";
    each_changes(&[
        (
            &format!("{DROP} fn f<T>(t: T) -> u8 {{ drop(t); 1 }}"),
            "91",
        ),
        (
            &format!("{DROP} fn f(_: Vec<impl Sized>) -> u8 {{ 1 }}"),
            "91",
        ),
        (
            &format!(
                "{DROP} struct W<T>(T); impl<T> W<T> {{ fn f(self) -> u8 {{ 1 }} }} fn f<T>(w: W<T>) -> u8 {{ w.f() }}"
            ),
            "91",
        ),
    ]);
    keeps(&format!("{DROP} fn f(x: u8) -> u8 {{ x }}"), "91", "99");
}

#[test]
fn a_key_by_hand_of_a_type_that_a_caller_chooses_counts() {
    const KEY: &str = "struct A(f64); impl joblib::Key for A { fn feed(&self) { 91; } }";
    for function in [
        "use joblib::Key; fn f<T: Key>(t: &T) -> u8 { 1 }",
        "fn f(t: &impl joblib::Key) -> u8 { 1 }",
        "use joblib::*; fn f<T>(t: &[T]) -> u8 where T: Key { 1 }",
    ] {
        let text = format!("{KEY} {function}");
        let fixture = Fixture::lib(&text)
            .vendored("joblib", "", "")
            .externs(&[("joblib", "joblib")]);
        assert!(is_change(&fixture, "src/lib.rs", "91", "99"), "{text}");
        changes(&text, "91", "99");
    }
}

#[test]
fn derives_and_macros_give_impls_as_well() {
    for (text, from, to) in [
        ("#[derive(Debug)] struct Disc; fn f<T: std::fmt::Debug>(t: &T) -> String { format!(\"{t:?}\") }", "struct Disc", "struct Disc(u8)"),
        ("#[derive(PartialEq, PartialOrd)] struct Disc(u8, u8); fn f<T: PartialOrd>(t: &[T]) -> bool { t[0] < t[1] }", "u8, u8", "u8, u16"),
        ("#[derive(derive_more::Display)] struct Disc(u8); fn f<T: std::fmt::Display>(t: &T) -> String { t.to_string() }", "(u8)", "(u16)"),
        ("macro_rules! show { ($t:ident) => { impl std::fmt::Display for $t { fn fmt(&self) { 71; } } } } struct Disc; show!(Disc);
          fn f<T: std::fmt::Display>(t: &T) -> String { t.to_string() }", "71", "99"),
        ("macro_rules! show { ($t:ident) => { impl std::fmt::Display for $t { fn fmt(&self) { 71; } } } } fn g() { struct Disc; show!(Disc); f(&Disc); }
          fn f<T: std::fmt::Display>(t: &T) -> String { t.to_string() }", "71", "99"),
        ("#[derive(serde::Serialize)] struct Disc(u8); fn f<T: serde::Serialize + joblib::Key>(t: &T) -> String { json(t) }", "(u8)", "(u16)"),
        ("struct Disc; impl serde::Serialize for Disc { fn serialize(&self) { 71; } } fn f<T: serde::Serialize + joblib::Key>(t: &T) -> String { json(t) }", "71", "99"),
    ] {
        changes(text, from, to);
    }
}

#[test]
fn what_hides_behind_another_crates_trait_counts() {
    each_changes(&[
        ("struct Scene(Box<dyn fmt::Display>); fn f(s: &Scene) -> String { s.0.to_string() }", "71"),
        ("struct Scene(Box<dyn Send + fmt::Display>); fn f(s: &Scene) -> String { s.0.to_string() }", "71"),
        ("type Any = dyn fmt::Display; fn f(s: &Any) -> String { s.to_string() }", "71"),
        ("macro_rules! boxed { ($t:ident) => { Box<dyn $t> } } use fmt::Display; struct Scene(boxed!(Display)); fn f(s: &Scene) -> String { s.0.to_string() }", "71"),
        ("macro_rules! boxed { () => { Box<dyn std::fmt::Display> } } struct Scene(boxed!()); fn f(s: &Scene) -> String { s.0.to_string() }", "71"),
        ("fn f(s: &mut dyn Iterator<Item = u32>) -> u32 { s.sum() }", "73"),
        ("trait D { fn d(&self) -> String; } impl<T: fmt::Display> D for T { fn d(&self) -> String { self.to_string() } }
          fn f<T: D>(t: T) -> String { t.d() }", "71"),
        ("trait D { fn d(&self) -> String; } impl<T: fmt::Display> D for T { fn d(&self) -> String { self.to_string() } }
          struct Scene(Box<dyn D>); fn f(s: &Scene) -> String { s.0.d() }", "71"),
        ("trait D { fn d(&self) -> String; } struct W<T>(T); impl<T> D for W<T> where T: fmt::Display { fn d(&self) -> String { self.0.to_string() } }
          struct Scene(Box<dyn D>); fn f(s: &Scene) -> String { s.0.d() }", "71"),
        ("trait D { fn d(&self) -> String; } trait E<U> { fn e(&self) -> String; } struct W<T, U>(T, U); struct X<V>(V);
          impl<U, T: E<U>> D for W<T, U> { fn d(&self) -> String { self.0.e() } }
          impl<V: fmt::Display> E<V> for X<V> { fn e(&self) -> String { self.0.to_string() } }
          struct Scene(Box<dyn D>); fn f(s: &Scene) -> String { s.0.d() }", "71"),
    ]);
}

#[test]
fn what_hides_in_functions_alone_is_named_by_those_who_call_them() {
    const TEXT: &str = "
        use std::fmt::Display;
        struct Disc; impl Display for Disc { fn fmt(&self) { 71; } }
        struct Other; impl Display for Other { fn fmt(&self) { 72; } }
        fn made() -> Box<dyn Display> { Box::new(Disc) }
        fn shown(it: &dyn Display) -> usize { it.to_string().len() }";
    let function = "fn f(n: u8) -> usize { shown(&*made()) }";
    changes(&format!("{TEXT} {function}"), "71", "99");
    keeps(&format!("{TEXT} {function}"), "72", "99");
    for function in [
        "fn f(it: &dyn Display) -> usize { shown(it) }",
        "struct Scene(Box<dyn Display>); fn f(scene: &Scene) -> usize { shown(&*scene.0) }",
        "type Shown = Box<dyn Display>; fn f(it: Shown) -> usize { shown(&*it) }",
        "static IT: std::sync::Mutex<Option<Box<dyn Display + Send>>> = Default::default();
         fn f(n: u8) -> usize { shown(&*IT.lock().unwrap().take().unwrap()) }",
        "fn it() -> &'static Mutex<Option<Box<dyn Display>>> { static IT: OnceLock<Mutex<Option<Box<dyn Display>>>> = OnceLock::new(); IT.get().unwrap() }
         fn f(n: u8) -> usize { shown(&*it().lock().unwrap().take().unwrap()) }",
        "thread_local! { static IT: Cell<Option<Box<dyn Display>>> = Cell::new(None) } fn f(n: u8) -> usize { shown(&*IT.take().unwrap()) }",
    ] {
        changes(&format!("{TEXT} {function}"), "72", "99");
    }
}

#[test]
fn what_macros_of_other_crates_hide_counts() {
    for (deps, app) in [
        (
            "#[macro_export] macro_rules! boxed { ($t:ident) => { Box<dyn $t> } }",
            "struct Scene(dep::boxed!(Display));",
        ),
        (
            "#[macro_export] macro_rules! boxed { () => { Box<dyn std::fmt::Display> } }",
            "struct Scene(dep::boxed!());",
        ),
        (
            "#[macro_export] macro_rules! boxed { ($t:ident) => { Box<dyn $t> } }",
            "macro_rules! by { ($n:ident, $t:ident) => { $n!($t) } } use dep::boxed; struct Scene(by!(boxed, Display));",
        ),
        (
            "pub trait Shape {} impl<T: std::fmt::Display> Shape for T {} #[macro_export] macro_rules! boxed { () => { Box<dyn $crate::Shape> } }",
            "impl dep::Shape for Num {} struct Num; struct Scene(dep::boxed!());",
        ),
    ] {
        let number = if deps.contains("Shape") {
            "struct Num"
        } else {
            "71"
        };
        let fixture = Fixture::new(&[(
            "app/src/lib.rs",
            &format!("{app} use std::fmt::Display; struct Disc; impl Display for Disc {{ fn fmt(&self) {{ 71; }} }}
                fn f(s: &Scene) -> String {{ s.0.to_string() }}"),
        )])
        .package("app")
        .vendored("dep", "", deps)
        .externs(&[("dep", "dep")]);
        assert!(
            is_change(&fixture, "app/src/lib.rs", number, &format!("{number}2")),
            "{app}"
        );
    }
}

#[test]
fn an_impl_for_what_a_path_or_a_macro_leads_to_counts() {
    let has = "struct X; struct Disc; trait Has { type Out; } impl Has for X { type Out = Disc; }
        macro_rules! ty { ($t:ident) => { Disc } }";
    for text in [
        "impl std::fmt::Display for <X as Has>::Out { fn fmt(&self) { 71; } } fn f() -> String { Disc.to_string() }",
        "impl std::fmt::Display for &<X as Has>::Out { fn fmt(&self) { 71; } } fn f() -> String { (&Disc).to_string() }",
        "impl From<<X as Has>::Out> for u32 { fn from(d: Disc) -> u32 { 71 } } fn f() -> u32 { Disc.into() }",
        "impl std::fmt::Display for ty!(X) { fn fmt(&self) { 71; } } fn f() -> String { Disc.to_string() }",
        "trait L { fn l(&self) -> u32; } impl L for <X as Has>::Out { fn l(&self) -> u32 { 71 } } fn f() -> u32 { Disc.l() }",
    ] {
        changes(&format!("{has} {text}"), "71", "99");
    }
}

/// Returns the fingerprint of a function that a macro created from this text.
fn made(crate_text: &str, function: &str) -> u128 {
    let fixture = Fixture::lib(crate_text);
    let (summary, _) = fixture
        .engine()
        .reach(function, None, FingerprintScope::Reach);
    summary.digest
}

#[test]
fn a_method_that_a_macro_made_may_stand_in_a_generic_impl() {
    let edited = TYPES.replace("71", "99");
    for function in [
        "pub fn f(&self) -> String { self.0.to_string() }",
        "pub fn f() -> String { Self::new().to_string() }",
        "pub fn f() -> String { T::default().to_string() }",
        "pub fn f<T: Display>(t: T) -> String { t.to_string() }",
    ] {
        assert_ne!(made(TYPES, function), made(&edited, function), "{function}");
    }
    let function = "pub fn f(x: u32) -> Vec<u32> { Vec::from([x]) }";
    assert_eq!(made(TYPES, function), made(&edited, function));
}

#[test]
fn a_trait_that_a_macro_opens_the_module_of_counts_with_all_of_its_impls() {
    let text = "mod m { pub trait D { fn d(&self) -> u32; } } use m::D;
        macro_rules! glob { ($n:ident) => { use $n::*; } }
        struct Z; impl D for Z { fn d(&self) -> u32 { 71 } } impl D for u8 { fn d(&self) -> u32 { 1 } }
        fn g<T: D>(t: T) -> u32 { t.d() }";
    changes(
        &format!("{text} fn f() -> u32 {{ glob!(m); g(3) }}"),
        "71",
        "99",
    );
    keeps(&format!("{text} fn f() -> u32 {{ g(3) }}"), "71", "99");
}

#[test]
fn types_without_the_trait_do_not_count() {
    for (text, from) in [
        ("fn f<T: fmt::Display>(t: T) -> String { t.to_string() }", "74"),
        ("fn f<T: Into<u32>>(t: T) -> u32 { t.into() }", "71"),
        ("fn f<T: Send + Sync + Copy + Fn(u32) -> u32>(t: T) -> u32 { 1 }", "71"),
        ("fn f(s: &dyn fmt::Display) -> String { s.to_string() }", "74"),
        ("fn f(s: std::path::PathBuf, g: impl Fn(u32) -> u32) -> u32 { g(1) }", "71"),
        // Types that the caller names are reached at the call.
        ("fn f() -> String { g(1) } fn g<T: fmt::Display>(t: T) -> String { t.to_string() }", "71"),
        ("trait D<T> { fn d(&self) -> String; } impl<T: fmt::Display> D<T> for Vec<T> { fn d(&self) -> String { self[0].to_string() } }
          struct Scene(Box<dyn D<u8>>); fn f(s: &Scene) -> String { s.0.d() }", "71"),
    ] {
        keeps(&format!("{TYPES} {text}"), from, "99");
    }
}

#[test]
fn what_is_awaited_counts() {
    for given in [
        "impl std::future::Future for S { type Output = u32; fn poll(self) -> u32 { 71 } }",
        "impl std::future::IntoFuture for S { type Output = u32; fn into_future(self) -> Ready { 71 } }",
        "impl S { fn go(&self) -> u32 { 71 } }",
    ] {
        let text = format!(
            "struct S; {given} async fn made() -> S {{ S }}
            fn f() -> u32 {{ run(async {{ let s = made().await; s.go(); s.await }}) }}"
        );
        counts(&text);
    }
}

//! Tests items that a function does not reach although a name or a bound could refer to
//! them, and items that it reaches without naming them.

use super::fixture::{changes, counts, is_ignored};

/// Asserts that `71` counts in each of the texts.
#[track_caller]
fn all_count(texts: &[&str]) {
    for text in texts {
        counts(text);
    }
}

/// Asserts that `71` does not count in any of the texts.
#[track_caller]
fn none_count(texts: &[&str]) {
    for text in texts {
        is_ignored(text);
    }
}

#[test]
fn a_member_after_a_type_is_that_types() {
    none_count(&[
        "struct S; impl S { fn new() -> S { S } } struct T; impl T { fn new() -> T { 71; T } }
         fn f(t: T) -> S { S::new() }",
        "enum E { New } struct T; impl T { fn New() -> u32 { 71 } } fn f(t: T) -> E { E::New }",
        "trait A { fn go(); } trait B { fn go(); } struct S;
         impl A for S { fn go() {} } impl B for S { fn go() { 71; } }
         fn f(s: S) { <S as B>::other(); A::go(&s) }",
    ]);
    all_count(&[
        "struct S; impl S { fn new() -> S { 71; S } } type A = S; fn f() -> S { A::new() }",
        "struct S; impl S { fn new() -> S { 71; S } } use S as A; fn f() -> S { A::new() }",
        "struct S; impl S { const K: u32 = 71; fn go() -> u32 { Self::K } } fn f() -> u32 { S::go() }",
        "struct S; trait Make { fn make() -> u32; } impl<T> Make for T { fn make() -> u32 { 71 } }
         fn f() -> u32 { S::make() }",
        "struct S; trait Make { fn make() -> u32 { 71 } } impl Make for S {} fn f() -> u32 { S::make() }",
        "struct S; trait Make { fn make() -> u32 { 71 } } fn f(s: S) -> u32 { Make::make(&s) }",
        "struct S; struct R; impl R { fn make() -> u32 { 71 } }
         trait Has { type Out; } impl Has for S { type Out = R; }
         type A = <S as Has>::Out; fn f() -> u32 { A::make() }",
        "struct S; struct R; impl R { fn make() -> u32 { 71 } }
         macro_rules! pick { ($a:ty, $b:ty) => { $b } } type A = pick!(S, R); fn f() -> u32 { A::make() }",
        "struct S; struct R; impl R { fn make() -> u32 { 71 } } type A<S> = S;
         fn f() -> u32 { A::<R>::make() }",
        "struct S; macro_rules! m { ($t:ident) => { impl $t { fn make() -> u32 { 71 } } } } m!(S);
         fn f() -> u32 { S::make() }",
        "struct S; fn g() { impl S { fn make() -> u32 { 71 } } } fn f() -> u32 { S::make() }",
    ]);
}

#[test]
fn a_parameter_of_the_name_of_a_type_is_no_type() {
    all_count(&[
        "struct N; impl N { fn go() -> u32 { 1 } } struct M; trait Go { fn go() -> u32; }
         impl Go for M { fn go() -> u32 { 71 } } fn call<N: Go>() -> u32 { N::go() }
         fn f() -> u32 { call::<M>() }",
        "struct N; impl N { fn go() -> u32 { 1 } } struct M; trait Go { fn go() -> u32; }
         impl Go for M { fn go() -> u32 { 71 } } struct H<T>(T);
         impl<N: Go> H<N> { fn call() -> u32 { N::go() } } fn f() -> u32 { H::<M>::call() }",
    ]);
}

#[test]
fn what_is_called_on_self_is_the_types_own() {
    none_count(&[
        "struct S; impl S { fn go(&self) { self.step() } fn step(&self) {} }
         struct T; impl T { fn step(&self) { 71; } } fn f(s: S, t: T) { s.go() }",
    ]);
    all_count(&[
        "struct S; impl S { fn go(&self) { (|| self.step())() } fn step(&self) { 71; } } fn f(s: S) { s.go() }",
        "struct S; trait Step { fn step(&self) { 71; } } impl Step for S {}
         impl S { fn go(&self) { self.step() } } fn f(s: S) { s.go() }",
        "struct S; trait Step { fn step(&self); } impl Step for &S { fn step(&self) { 71; } }
         impl S { fn go(&self) { self.step() } } fn f(s: S) { s.go() }",
        "struct S; trait Step { fn step(self); } impl Step for Box<S> { fn step(self) { 71; } }
         impl S { fn go(self: Box<S>) { self.step() } } fn f(s: S) { s.go() }",
        "struct S; trait Step { fn step(&self); } impl<T> Step for T { fn step(&self) { 71; } }
         impl S { fn go(&self) { self.step() } } fn f(s: S) { s.go() }",
        "struct S; trait Go { fn go(&self) { self.step() } fn step(&self) { 71; } } impl Go for S {}
         fn f(s: S) { s.go() }",
        "struct S; trait Step { fn step(&self) { 71; } } trait Go: Step { fn go(&self) { self.step() } }
         impl Step for S {} impl Go for S {} fn f(s: S) { s.go() }",
        "struct S; trait Go { fn go(&self) { self.step() } } impl Go for S {}
         trait Step { fn step(&self); } impl<T: Go> Step for T { fn step(&self) { 71; } }
         fn f(s: S) { s.go() }",
        "struct S; struct T; trait Step { fn step(&self); } impl T { fn step(&self) { 71; } }
         impl S { fn go(&self) { impl Step for T { fn step(&self) { self.inner() } } T.step() } }
         impl T { fn inner(&self) { 71; } } fn f(s: S) { s.go() }",
    ]);
}

#[test]
fn self_may_lead_to_another_type_by_deref() {
    let text = "struct S; struct W(S); impl S { fn step(&self) { 71; } }
        impl W { fn go(&self) { self.step() } } fn f(w: W) { w.go() }";
    for deref in [
        "impl std::ops::Deref for W { type Target = S; fn deref(&self) -> &S { &self.0 } }",
        "use std::ops::Deref as D; impl D for W { type Target = S; fn deref(&self) -> &S { &self.0 } }",
        "use elsewhere::D; impl D for W { type Target = S; fn deref(&self) -> &S { &self.0 } }",
        "type A = W; impl std::ops::Deref for A { type Target = S; fn deref(&self) -> &S { &self.0 } }",
        "macro_rules! wrap { ($t:ty) => { impl std::ops::Deref for $t { type Target = S; fn deref(&self) -> &S { &self.0 } } } } wrap!(W);",
        "macro_rules! wrap { () => { impl std::ops::Deref for W { type Target = S; fn deref(&self) -> &S { &self.0 } } } } wrap!();",
        "macros::wrap!();",
    ] {
        counts(&format!("{text} {deref}"));
    }
    let derived = text.replace("struct W", "#[derive(Deref)] struct W");
    counts(&derived);
}

const SHAPES: &str = "
    trait Shape { fn area(&self) -> u32; }
    struct Disc; impl Shape for Disc { fn area(&self) -> u32 { 71 } }
    struct Square; impl Shape for Square { fn area(&self) -> u32 { 1 } }
";

#[test]
fn a_bound_brings_no_type_that_nothing_reached_names() {
    for text in [
        "fn area<T: Shape>(t: T) -> u32 { t.area() } fn f() -> u32 { area(Square) }",
        "fn area(t: &impl Shape) -> u32 { t.area() } fn f() -> u32 { area(&Square) }",
        "struct H<T: Shape>(T); impl<T> H<T> where T: Shape { fn go(&self) -> u32 { self.0.area() } }
         fn f() -> u32 { H(Square).go() }",
        "fn f() -> u32 { Shape::area(&Square) + <Square as Shape>::area(&Square) }",
        "trait Sub: Shape {} impl Sub for Square {} fn area<T: Sub>(t: T) -> u32 { t.area() }
         fn f() -> u32 { area(Square) }",
    ] {
        is_ignored(&format!("{SHAPES} {text}"));
        changes(&format!("{SHAPES} {text}"), "u32 { 1 }", "u32 { 2 }");
    }
}

#[test]
fn types_that_callers_choose_and_that_dyn_hides_all_count() {
    for text in [
        "fn f<T: Shape>(t: T) -> u32 { t.area() }",
        "fn f(t: impl Shape) -> u32 { t.area() }",
        "struct H<T>(T); impl<T: Shape> H<T> { fn f(&self) -> u32 { self.0.area() } }
         fn f<T>(h: &H<T>) -> u32 where H<T>: Sized { h.f() }",
        "struct Scene(Vec<Box<dyn Shape>>); fn f(s: &Scene) -> u32 { s.0[0].area() }",
        "struct Scene(Vec<Box<dyn Send + Shape>>); fn f(s: &Scene) -> u32 { s.0[0].area() }",
        "struct Scene(Box<dyn Fn() -> u8 + Send>, &'static (dyn Shape + Sync)); fn f(s: &Scene) -> u32 { s.1.area() }",
        "mod m { pub type Any = dyn super::Shape; } struct Scene(Box<m::Any>); fn f(s: &Scene) -> u32 { s.0.area() }",
        "use Shape as Other; struct Scene(Box<dyn for<'a> Other>); fn f(s: &Scene) -> u32 { s.0.area() }",
        "static SCENE: Mutex<Vec<Box<dyn Shape>>> = Mutex::new(Vec::new()); fn f() -> u32 { first(&SCENE).area() }",
        "macro_rules! boxed { ($t:ident) => { Box<dyn $t> } } struct Scene(boxed!(Shape));
         fn f(s: &Scene) -> u32 { s.0.area() }",
        "trait Sub: Shape {} impl<T: Shape> Sub for T {} struct Scene(Box<dyn Sub>);
         fn f(s: &Scene) -> u32 { s.0.area() }",
        "trait Sub { fn sub(&self) -> u32; } struct H<T>(T); impl<T: Shape> Sub for H<T> { fn sub(&self) -> u32 { self.0.area() } }
         struct Scene(Box<dyn Sub>); fn f(s: &Scene) -> u32 { s.0.sub() }",
        "trait Sub { fn sub(&self) -> u32; } struct H<T>(T); impl<T: Shape> H<T> { fn go(&self) -> u32 { self.0.area() } }
         trait Go { fn run(&self) -> u32; } impl<T: Shape> Go for H<T> { fn run(&self) -> u32 { self.go() } }
         impl<T> Sub for H<T> where H<T>: Go { fn sub(&self) -> u32 { self.run() } }
         struct Scene(Box<dyn Sub>); fn f(s: &Scene) -> u32 { s.0.sub() }",
    ] {
        counts(&format!("{SHAPES} {text}"));
    }
}

#[test]
fn types_that_only_a_signature_or_an_impl_tells_count() {
    let named = "#[derive(Default)] struct Pick;";
    for text in [
        "fn make() -> Disc { Disc } fn area<T: Shape>(t: T) -> u32 { t.area() } fn f() -> u32 { area(make()) }",
        "fn make() -> impl Shape { Disc } fn f() -> u32 { make().area() }",
        "fn area<T: Shape>(make: impl Fn() -> T) -> u32 { make().area() } fn make() -> Disc { Disc } fn f() -> u32 { area(make) }",
        "trait Has { type Out; } impl Has for Pick { type Out = Disc; }
         fn area<H: Has>() -> u32 where H::Out: Shape + Default { H::Out::default().area() }
         fn f() -> u32 { area::<Pick>() }",
        "trait Has { type Out; } impl Has for Pick { type Out = Disc; }
         fn area<H: Has<Out = U>, U: Shape + Default>() -> u32 { U::default().area() } fn f() -> u32 { area::<Pick, _>() }",
        "trait Has<A> { type Out; } impl Has<u8> for Pick { type Out = Disc; }
         fn area<U: Shape + Default, H: Has<u8, Out = U>>() -> u32 { U::default().area() } fn f() -> u32 { area::<_, Pick>() }",
        "trait Has { type Out; } impl Has for Pick { type Out = Disc; }
         fn area<H: Has<Out: Shape + Default>>() -> u32 { go(H::default()).area() } fn f() -> u32 { area::<Pick>() }",
        "trait Has { type Out<'a>; } impl Has for Pick { type Out<'a> = Disc; }
         fn area<U: Shape + Default, H: for<'a> Has<Out<'a> = U>>() -> u32 { U::default().area() } fn f() -> u32 { area::<_, Pick>() }",
        "trait Marker<T> {} impl Marker<Disc> for Pick {}
         fn area<T: Shape + Default>() -> u32 where Pick: Marker<T> { T::default().area() } fn f() -> u32 { area() }",
        "trait Marker<T> {} impl Marker<Disc> for f64 {}
         fn area<T: Shape + Default>() -> u32 where f64: Marker<T> { T::default().area() } fn f() -> u32 { area() }",
        "struct H<T>(T); impl Default for H<Disc> { fn default() -> Self { H(Disc) } }
         impl<T: Shape> H<T> { fn go(&self) -> u32 { self.0.area() } } fn f() -> u32 { H::default().go() }",
        "struct H<T>(T); impl From<u8> for H<Disc> { fn from(_: u8) -> Self { H(Disc) } }
         impl<T: Shape> H<T> { fn go(&self) -> u32 { self.0.area() } } fn f() -> u32 { H::from(1).go() }",
        "struct H<T>(T); impl<T> H<T> { fn new() -> Self { todo!() } } impl From<H<Disc>> for u32 { fn from(h: H<Disc>) -> u32 { h.0.area() } }
         fn f() -> u32 { u32::from(H::new()) }",
        "impl AsRef<Disc> for Pick { fn as_ref(&self) -> &Disc { &Disc } } fn f() -> u32 { Pick.as_ref().area() }",
        "impl std::ops::Add<Disc> for Pick { type Output = u32; fn add(self, d: Disc) -> u32 { d.area() } }
         fn f() -> u32 { Pick + Default::default() }",
        "impl Iterator for Pick { type Item = Disc; fn next(&mut self) -> Option<Disc> { None } }
         fn f() -> u32 { let mut sum = 0; for d in Pick { sum += d.area() } sum }",
        "impl IntoIterator for &Pick { type Item = Disc; type IntoIter = std::iter::Once<Disc>; fn into_iter(self) -> Self::IntoIter { once(Disc) } }
         fn f() -> u32 { (&Pick).into_iter().map(|d| d.area()).sum() }",
        "impl std::ops::Deref for Pick { type Target = Disc; fn deref(&self) -> &Disc { &Disc } } fn f() -> u32 { Pick.area() }",
        "struct Failed; impl From<Disc> for Failed { fn from(d: Disc) -> Failed { d.area(); Failed } }
         fn make() -> Result<(), Disc> { Err(Disc) } fn g() -> Result<(), Failed> { make()?; Ok(()) } fn f() -> u32 { g().is_ok() as u32 }",
        "impl Drop for Pick { fn drop(&mut self) { Disc.area(); } } fn f() -> u32 { Pick; 1 }",
        "impl std::fmt::Display for Pick { fn fmt(&self) { Disc.area(); } } fn f() -> String { format!(\"{}\", Pick) }",
    ] {
        counts(&format!("{SHAPES} {named} {text}"));
    }
}

#[test]
fn a_conversion_needs_what_is_converted() {
    let text = "struct S; struct E; impl From<S> for E { fn from(_: S) -> E { 71; E } }";
    is_ignored(&format!("{text} fn f() -> E {{ E }}"));
    counts(&format!("{text} fn f(s: S) -> E {{ s.into() }}"));
}

#[test]
fn items_in_a_body_are_named_by_that_body_alone() {
    none_count(&[
        "fn g() { const K: u32 = 71; } macro_rules! m { ($x:ident) => { 1 } } fn f() { m!(K) }",
        "fn g() { fn k() -> u32 { 71 } } macro_rules! m { ($x:ident) => { 1 } } fn f() { m!(k) }",
        "fn g() { mod k { pub fn h() -> u32 { 71 } } } macro_rules! m { ($x:ident) => { 1 } } fn f() { m!(h) }",
    ]);
    all_count(&[
        "macro_rules! m { () => { K } } fn f() -> u32 { const K: u32 = 71; m!() }",
        "macro_rules! m { () => { K } } fn f() -> u32 { g() } fn g() -> u32 { m!(); const K: u32 = 71; 1 }",
        "macro_rules! m { () => { k::h() } } fn g() -> u32 { mod k { pub fn h() -> u32 { 71 } } m!() } fn f() -> u32 { g() }",
        "fn g() { #[macro_export] macro_rules! inner { () => { 71 } } } macro_rules! outer { () => { crate::inner!() } }
         fn f() -> u32 { outer!() }",
        "macro_rules! m { () => { K } } struct S; fn g() { const K: u32 = 71; impl S { fn go() -> u32 { m!() } } } fn f() -> u32 { S::go() }",
    ]);
}

#[test]
fn a_variable_hides_the_function_of_its_name() {
    let mean = "fn mean() -> u32 { 71 } struct P { mean: u32 }";
    for text in [
        "fn f() -> u32 { let mean = 1; mean + 1 }",
        "fn f() -> u32 { let mut mean: u32 = 1; mean += 1; mean }",
        "fn f(mean: u32) -> u32 { mean }",
        "fn f(a: u8, mut mean: u32) -> String { format!(\"{mean} {}\", mean) }",
        "fn f(p: P) -> u32 { let P { mean } = p; if true { mean } else { 1 } }",
        "fn f() -> P { let (mean, _) = (1, 2); P { mean } }",
        "fn f() -> u32 { let Some(mean) = g() else { return 1 }; mean } fn g() {}",
    ] {
        is_ignored(&format!("{mean} {text}"));
    }
    for text in [
        "fn f() -> u32 { let mean = mean(); mean }",
        "fn f() -> u32 { let a = mean(); let mean = 1; a + mean }",
        "fn f() -> u32 { { let mean = 1; } mean() }",
        "fn f() -> u32 { let a = { let mean = 1; mean }; mean() + a }",
        "fn f() -> u32 { let Some(mean) = g() else { return mean() }; mean } fn g() {}",
        "fn f() -> u32 { let mean = 1; fn h() -> u32 { mean() } h() + mean }",
        "fn f() -> u32 { #[cfg(feature = \"x\")] let mean = || 1; mean() }",
        "fn f(#[cfg(feature = \"x\")] mean: u8, a: u32) -> u32 { mean() }",
        "fn f(p: P) -> u32 { let P { mean: a } = p; mean() + a }",
        "fn f(g: fn(mean: u32) -> u32) -> u32 { mean() }",
        "fn f() -> u32 { if let Some(mean) = g() { mean } else { mean() } } fn g() {}",
        "fn f() -> u32 { let mean = 1; { use self::mean; mean() } }",
        "macro_rules! call { ($x:ident) => { crate::$x() } } fn f() -> u32 { let mean = 1; call!(mean) }",
        "fn f() -> u32 { let mean = 1; crate::mean() + mean }",
    ] {
        counts(&format!("{mean} {text}"));
    }
}

#[test]
fn a_glob_that_leads_back_to_itself_names_what_it_brings() {
    let text = "
        mod outer {
            pub use self::order::*;
            pub use self::outer::*;
            pub use self::traits::*;
            mod order { use super::Ties; pub fn rank(t: Ties) -> u32 { match t { Ties::Min => 1, Ties::Max => 2 } } }
            mod outer { pub enum Ties { Min, Max } }
            mod traits { pub trait Min { fn min(&self) -> u32; } }
        }
        use outer::*;
        struct Other;
        impl outer::Min for Other { fn min(&self) -> u32 { 71 } }
        fn f(t: Ties) -> u32 { rank(t) + t.min() }
    ";
    is_ignored(text);
    changes(text, "Min, Max", "Max, Min");
    changes(text, "=> 2", "=> 3");
}

#[test]
fn a_letter_is_no_word_of_a_constant() {
    let text = "
        fn f(a: u32) -> u32 { opaque::check!(a, 1) }
        const MAX: u32 = 71;
        const A_LIMIT: u32 = 81;
    ";
    is_ignored(text);
    changes(text, "81", "82");
}

#[test]
fn a_method_takes_as_many_arguments_as_its_call_has() {
    let text = "struct S; impl S { fn take(&self, n: u32, m: Map<u32, u32>) { 71; } } fn f(s: S)";
    for call in [
        "s.take(1)",
        "s.take()",
        "s.take(1, 2, 3)",
        "s.take(g(1, 2),)",
    ] {
        is_ignored(&format!("{text} {{ {call} }}"));
    }
    for call in [
        "s.take(1, 2)",
        "s.take(1, 2,)",
        "s.take(g(1), [2, 3])",
        "s.take(|a, b| a, 2)",
        "s.take(a::<u8, u8>(), 2)",
        "s.take(1, #[cfg(feature = \"x\")] 2, 3)",
        "S::take(&s, 1, 2)",
        "[&s].map(S::take)",
        "call!(s, take)",
    ] {
        counts(&format!("{text} {{ {call} }}"));
    }
    for method in [
        "fn take(&self, n: u32) { 71; }",
        "fn take<A, B>(self: Box<Self>, n: fn(A, B) -> u8) { 71; }",
        "fn take(&mut self, (a, b): (u8, u8),) { 71; }",
        "fn take(&self, n: u32, #[cfg(feature = \"x\")] m: u32) { 71; }",
    ] {
        let text = format!("struct S; impl S {{ {method} }} fn f(s: S) {{ s.take(1) }}");
        counts(&text);
    }
    let made = "struct S; macro_rules! m { ($n:ident) => { impl S { fn $n(&self, n: u32) { 71; } } } } m!(take);
        fn f(s: S) { s.take(1) }";
    counts(made);
}

#[test]
fn an_impl_for_objects_needs_an_object() {
    let text = "trait Shape { fn area(&self) -> u32; } struct Disc;
        impl Shape for Disc { fn area(&self) -> u32 { 1 } }
        impl std::fmt::Display for dyn Shape { fn fmt(&self) { 71; } }";
    for f in [
        "fn f(d: Disc) -> u32 { d.area() }",
        "fn f() -> u32 { Shape::area(&Disc) } fn g<T: Shape>(t: &T) {}",
    ] {
        is_ignored(&format!("{text} {f}"));
    }
    for f in [
        "fn f(d: &dyn Shape) -> String { d.to_string() }",
        "fn f(d: Disc) -> String { (&d as &dyn Shape).to_string() }",
        "fn f<T: Shape + ?Sized>(t: &T) -> String { g(t) }",
        "struct Scene(Box<dyn Shape>); fn f(s: &Scene) -> String { s.0.to_string() }",
        "macro_rules! show { ($t:ident) => { (&Disc as &dyn $t).to_string() } } fn f() -> String { show!(Shape) }",
    ] {
        counts(&format!("{text} {f}"));
    }
}

//! Cases about types and functions that have the same printed form. Each keeps its own
//! identity in every build.
//!
//! A function `a` of a case calls the memoized function that the case is about with a
//! type of its own.

use crate::case::{Case, MAIN, again, case, edit};
use crate::package_files::Edit;

pub(crate) fn cases() -> Vec<Case> {
    let unions = unions();
    [
        local_types(),
        code(),
        functions(),
        members(),
        unions,
        binary(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Adds the beginning of a program: `shown!` defines for each name the functions that
/// the end of the program calls, each in a block of its own.
macro_rules! with_calls {
    ($program:literal) => {
        concat!(
            "use joblib::Key;
trait Kind { const K: i64; }
macro_rules! call { ($f:ident, $how:expr, $t:expr, $want:expr) => { match $how { 0 => $f::check($t) as i64, 1 => $f($t), _ => $want } } }
macro_rules! shown { ($($f:ident $inner:ident)*) => { $(
    fn $f(_: i64) -> i64 { $inner(1) }
    mod $f {
        pub fn check(_: i64) -> bool { super::$inner(0) == 1 }
        pub fn uncached(_: i64) -> i64 { super::$inner(2) }
    }
)* } }
#[memoize] fn keyed<T: Kind + Key>(_: &T) -> i64 { T::K }
",
            $program
        )
    };
}

/// Swaps the only occurrences of `one` and `two` in the program.
fn swap(
    case: Case,
    one: &'static str,
    two: &'static str,
    changes: &'static [&'static str],
) -> Case {
    let exchange = edit(MAIN, one, "<one>")
        .and(Edit::Replace(MAIN, two, one))
        .and(Edit::Replace(MAIN, "<one>", two));
    case.step(exchange.changes(changes)).undone()
}

fn unions() -> Vec<Case> {
    let case = |promise, main| case(promise, &["f(3)", "g(3)"], main);
    vec![
        case("the fields of a union count", r#"
#[derive(Clone, Copy)] #[repr(C)] union Bits { whole: u32, part: [u8; 4] }
#[memoize] fn f(x: i64) -> i64 { let bits = Bits { whole: 0x0102 }; x + unsafe { bits.part[0] } as i64 + size_of::<Bits>() as i64 }
#[memoize] fn g(x: i64) -> i64 { x }
"#)
        .edit(MAIN, "whole: u32,", "whole: u32, more: u64,", &["f"])
        .edit(MAIN, "[u8; 4] }", "[u8; 12] }", &["f"]),
        case("the layout of a union counts", r#"
union Bits { whole: u8, part: [u8; 3] }
#[memoize] fn f(x: i64) -> i64 { x + align_of::<Bits>() as i64 }
#[memoize] fn g(x: i64) -> i64 { x }
"#)
        .edit(MAIN, "union Bits", "#[repr(align(8))] union Bits", &["f"]),
        case("an impl for a union counts", r#"
union Bits { whole: u32, part: [u8; 4] }
impl Drop for Bits { fn drop(&mut self) { SEEN.set(1); } }
impl std::ops::Not for &Bits { type Output = i64; fn not(self) -> i64 { 7 } }
thread_local! { static SEEN: std::cell::Cell<i64> = const { std::cell::Cell::new(0) }; }
#[memoize] fn f(x: i64) -> i64 { let n = !&Bits { whole: 1 }; x + n * 10 + SEEN.get() }
#[memoize] fn g(x: i64) -> i64 { x }
"#)
        .edit(MAIN, "set(1)", "set(2)", &["f"])
        .edit(MAIN, "{ 7 }", "{ 8 }", &["f"]),
    ]
}

fn local_types() -> Vec<Case> {
    vec![
        swap(
            case("local types of two functions have different keys", &["a(1)", "b(1)"], with_calls!("
fn in_a(how: i64) -> i64 { #[derive(Key)] struct Conf { n: i64 } impl Kind for Conf { const K: i64 = 12; } call!(keyed, how, &Conf { n: 5 }, Conf::K) }
fn in_b(how: i64) -> i64 { #[derive(Key)] struct Conf { n: i64 } impl Kind for Conf { const K: i64 = 6; } call!(keyed, how, &Conf { n: 5 }, Conf::K) }
shown!(a in_a b in_b);
")),
            "= 12", "= 6", &["a", "b"],
        ),
        swap(
            case("local types of sibling blocks have different keys", &["a(1)", "b(1)"], with_calls!("
fn both(how: i64, first: bool) -> i64 {
    if first { #[derive(Key)] struct Conf { n: i64 } impl Kind for Conf { const K: i64 = 12; } call!(keyed, how, &Conf { n: 5 }, Conf::K) }
    else { #[derive(Key)] struct Conf { n: i64 } impl Kind for Conf { const K: i64 = 6; } call!(keyed, how, &Conf { n: 5 }, Conf::K) }
}
fn in_a(how: i64) -> i64 { both(how, true) }
fn in_b(how: i64) -> i64 { both(how, false) }
shown!(a in_a b in_b);
")),
            "= 12", "= 6", &["a", "b"],
        )
        .step(
            edit(MAIN, "    if first {", "    { #[derive(Key)] struct Conf { n: i64 } impl Kind for Conf { const K: i64 = 7; } }
    if first {"),
        )
        .undone(),
        swap(
            case("local types that a macro generates have different keys", &["a(1)", "b(1)"], with_calls!("
macro_rules! made { ($how:expr, $k:literal) => {{ #[derive(Key)] struct Conf { n: i64 } impl Kind for Conf { const K: i64 = $k; } call!(keyed, $how, &Conf { n: 5 }, Conf::K) }} }
fn both(how: i64, first: bool) -> i64 { if first { made!(how, 12) } else { made!(how, 6) } }
fn in_a(how: i64) -> i64 { both(how, true) }
fn in_b(how: i64) -> i64 { both(how, false) }
shown!(a in_a b in_b);
")),
            "12)", "6)", &["a", "b"],
        ),
        case("local types keep their keys while the program around them is edited", &["a(1)"], with_calls!("
fn in_a(how: i64) -> i64 { #[derive(Key)] struct Conf { n: i64 } impl Kind for Conf { const K: i64 = 12; } call!(keyed, how, &Conf { n: 5 }, Conf::K) }
fn other(x: i64) -> i64 { x + 1 }
shown!(a in_a);
"))
        .edit(MAIN, "x + 1", "x + 2", &[]),
    ]
}

fn code() -> Vec<Case> {
    vec![
        case("closures that are passed have different keys", &["a(1)", "b(1)", "c(1)"], with_calls!("
#[memoize(ignore(f))] fn applied<F: Fn(i64) -> i64>(x: i64, f: F) -> i64 { f(x) }
#[memoize(ignore(f))] fn unnamed(x: i64, f: impl Fn(i64) -> i64) -> i64 { f(x) }
fn apply<F: Fn(i64) -> i64>(how: i64, f: F) -> i64 { match how { 0 => applied::check(1, f) as i64, 1 => applied(1, f), _ => f(1) } }
fn apply_unnamed<F: Fn(i64) -> i64>(how: i64, f: F) -> i64 { match how { 0 => unnamed::check(1, f) as i64, 1 => unnamed(1, f), _ => f(1) } }
fn both(how: i64, first: bool) -> i64 { if first { apply(how, |x| x + 12) } else { apply(how, |x| x + 6) } }
fn in_a(how: i64) -> i64 { both(how, true) }
fn in_b(how: i64) -> i64 { both(how, false) }
fn in_c(how: i64) -> i64 { apply_unnamed(how, |x| x + 3) }
shown!(a in_a b in_b c in_c);
"))
        .step(edit(MAIN, "x + 12", "x + 13").changes(&["a"]))
        .step(edit(MAIN, "x + 3", "x + 4").changes(&["c"]))
        .step(again().only(&[])),
        case("functions that are passed count by what they do", &["a(1)", "b(1)", "c(1)"], with_calls!("
trait Eval { fn eval(&self, x: i64) -> i64; }
impl<F: Fn(i64) -> i64> Eval for F { fn eval(&self, x: i64) -> i64 { self(x) } }
struct By<F>(F);
impl<F: Fn(i64) -> i64> Eval for By<F> { fn eval(&self, x: i64) -> i64 { self.0(x) } }
#[memoize(ignore(f))] fn applied<F>(x: i64, f: F) -> i64 where F: Fn(i64) -> i64 { f(x) }
#[memoize(ignore(f))] fn evaluated<F: Eval>(x: i64, f: F) -> i64 { f.eval(x) }
fn helper(x: i64) -> i64 { x + 12 }
fn in_a(how: i64) -> i64 { match how { 0 => applied::check(1, helper) as i64, 1 => applied(1, helper), _ => helper(1) } }
fn in_b(how: i64) -> i64 { match how { 0 => evaluated::check(1, helper) as i64, 1 => evaluated(1, helper), _ => helper(1) } }
fn in_c(how: i64) -> i64 { match how { 0 => evaluated::check(1, By(helper)) as i64, 1 => evaluated(1, By(helper)), _ => helper(1) } }
shown!(a in_a b in_b c in_c);
"))
        .step(edit(MAIN, "x + 12", "x + 13").changes(&["a", "b", "c"]))
        .step(again().only(&[])),
    ]
}

fn functions() -> Vec<Case> {
    vec![
        swap(
            case("memoized functions of sibling blocks share no results", &["a(1)", "b(1)"], with_calls!("
fn both(how: i64, first: bool) -> i64 {
    if first { const K: i64 = 12; #[memoize] fn f(x: i64) -> i64 { x + K } call!(f, how, 1, 1 + K) }
    else { const K: i64 = 6; #[memoize] fn f(x: i64) -> i64 { x + K } call!(f, how, 1, 1 + K) }
}
fn in_a(how: i64) -> i64 { both(how, true) }
fn in_b(how: i64) -> i64 { both(how, false) }
shown!(a in_a b in_b);
")),
            "= 12", "= 6", &["a", "b"],
        ),
        swap(
            case("memoized functions that a macro generates in blocks share no results", &["a(1)", "b(1)"], with_calls!("
macro_rules! made { ($how:expr, $k:literal) => {{ const K: i64 = $k; #[memoize] fn f(x: i64) -> i64 { x + K } call!(f, $how, 1, 1 + K) }} }
fn both(how: i64, first: bool) -> i64 { if first { made!(how, 12) } else { made!(how, 6) } }
fn in_a(how: i64) -> i64 { both(how, true) }
fn in_b(how: i64) -> i64 { both(how, false) }
shown!(a in_a b in_b);
")),
            "12)", "6)", &["a", "b"],
        ),
    ]
}

fn members() -> Vec<Case> {
    vec![
        swap(
            case("members of types that a macro generates share no results", &["a(1)", "b(1)"], with_calls!("
struct A; struct B;
macro_rules! model { ($t:ident, $k:literal) => { impl $t { const N: i64 = $k; #[memoize] fn go(x: i64) -> i64 { x + Self::N } } } }
model!(A, 12); model!(B, 6);
fn in_a(how: i64) -> i64 { match how { 0 => A::go_memo().check(1) as i64, 1 => A::go(1), _ => 1 + A::N } }
fn in_b(how: i64) -> i64 { match how { 0 => B::go_memo().check(1) as i64, 1 => B::go(1), _ => 1 + B::N } }
shown!(a in_a b in_b);
")),
            "12)", "6)", &["a", "b"],
        ),
        // The result of a trait's function cannot be queried for whether it is stored.
        case("members of traits that a macro generates share no results", &["a(1)", "b(1)"], with_calls!("
trait Run { const N: i64; fn go(x: i64) -> i64; }
struct A; struct B;
macro_rules! model { ($t:ident, $k:literal) => { impl Run for $t { const N: i64 = $k; #[memoize] fn go(x: i64) -> i64 { x + Self::N } } } }
model!(A, 12); model!(B, 6);
fn in_a(how: i64) -> i64 { match how { 0 => 0, 1 => A::go(1), _ => 1 + A::N } }
fn in_b(how: i64) -> i64 { match how { 0 => 0, 1 => B::go(1), _ => 1 + B::N } }
shown!(a in_a b in_b);
"))
        .step(edit(MAIN, "(A, 12)", "(A, 7)").changes(&["a"]))
        .step(edit(MAIN, "(A, 12); model!(B, 6)", "(A, 6); model!(B, 12)").changes(&["a", "b"])),
    ]
}

fn binary() -> Vec<Case> {
    vec![
        case(
            "all of the executable counts where it is asked to",
            &["f(3)", "g(3)"],
            "
static OTHER: std::sync::atomic::AtomicI64 = std::sync::atomic::AtomicI64::new(0);
fn unseen() -> i64 { 5 }
fn made() -> Box<dyn Fn() -> i64> { let f: fn() -> i64 = unseen; Box::new(move || f()) }
#[memoize(scope = \"binary\")] fn f(x: i64) -> i64 { x + 1 }
#[memoize] fn g(x: i64) -> i64 { x + 2 }
pub fn aside_of_all() -> i64 { made()() }
",
        )
        .step(again().only(&[]))
        .step(edit(MAIN, "{ 5 }", "{ 7 }").keeps(&["g"])),
    ]
}

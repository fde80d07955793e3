//! Cases about names that `macro_rules!` macros take as arguments and pass on.

use crate::case::{Case, Files, MAIN, case, case_of_f};

const KERNELS: &str = "
pub mod fast { pub fn run(x: i64) -> i64 { x + 1 } pub const K: i64 = 10; }
pub mod slow { pub fn run(x: i64) -> i64 { x + 7 } pub const K: i64 = 70; }
";

/// Creates a program in which a function and a constant of the module `fast` in
/// `src/kernels.rs` count. Only a macro expands to their names.
fn kernels(promise: &'static str, main: &'static str) -> Case {
    case_of_f(promise, main)
        .file("src/kernels.rs", KERNELS)
        .edit("src/kernels.rs", "x + 1 }", "x + 2 }", &["f"])
        .edit("src/kernels.rs", "i64 = 10;", "i64 = 20;", &["f"])
}

const DEP: Files = &[
    (
        "dep/src/lib.rs",
        "
pub mod kernels;
#[macro_export]
macro_rules! dispatch {
    ($k:ident, $x:expr) => { $crate::kernels::$k::run($x) + $crate::kernels::$k::K };
}
",
    ),
    ("dep/src/kernels.rs", KERNELS),
];

pub(crate) fn cases() -> Vec<Case> {
    [paths(), members(), recursion(), crates()]
        .into_iter()
        .flatten()
        .collect()
}

fn paths() -> Vec<Case> {
    vec![
        kernels(
            "a module named by an identifier that a macro takes counts",
            "
mod kernels;
macro_rules! dispatch {
    ($k:ident, $x:expr) => { crate::kernels::$k::run($x) + crate::kernels::$k::K };
}
#[memoize] fn f(x: i64) -> i64 { dispatch!(fast, x) }
",
        ),
        kernels(
            "a module named by the first word of a path that a macro takes counts",
            "
mod kernels;
use kernels::*;
macro_rules! dispatch { ($k:ident, $x:expr) => { $k::run($x) + $k::K }; }
#[memoize] fn f(x: i64) -> i64 { dispatch!(fast, x) }
",
        ),
        kernels(
            "a path that a macro takes as token trees counts",
            "
mod kernels;
macro_rules! dispatch { ($($k:tt)*) => { $($k)*::run(3) + $($k)*::K }; }
#[memoize] fn f(_: i64) -> i64 { dispatch!(kernels::fast) }
",
        ),
        kernels(
            "a module that a macro imports by a name it takes counts",
            "
mod kernels;
macro_rules! dispatch { ($k:ident, $x:expr) => {{ use crate::kernels::$k::*; run($x) + K }}; }
#[memoize] fn f(x: i64) -> i64 { dispatch!(fast, x) }
",
        ),
        kernels(
            "a module that a macro renames counts",
            "
mod kernels;
macro_rules! choose { ($k:ident as $n:ident) => { use crate::kernels::$k as $n; }; }
choose!(fast as chosen);
#[memoize] fn f(x: i64) -> i64 { chosen::run(x) + chosen::K }
",
        ),
        kernels(
            "modules listed for a macro that makes a match of them count",
            r#"
mod kernels;
macro_rules! by_name {
    ($n:expr, $x:expr; $($k:ident),*) => { match $n {
        $(stringify!($k) => crate::kernels::$k::run($x) + crate::kernels::$k::K,)*
        _ => 0,
    } };
}
#[memoize] fn f(x: i64) -> i64 { by_name!("fast", x; slow, fast) }
"#,
        ),
        kernels(
            "a function that a macro takes as a path counts",
            "
mod kernels;
macro_rules! apply { ($k:path, $c:path, $x:expr) => { $k($x) + $c }; }
#[memoize] fn f(x: i64) -> i64 { apply!(kernels::fast::run, kernels::fast::K, x) }
",
        ),
        kernels(
            "a module behind super in a macro counts where the macro is called",
            "
mod kernels;
macro_rules! up { ($k:ident, $x:expr) => { super::kernels::$k::run($x) + super::kernels::$k::K }; }
mod inner {
    use joblib::memoize;
    #[memoize] pub fn f(x: i64) -> i64 { up!(fast, x) }
}
use inner::f;
",
        ),
    ]
}

fn members() -> Vec<Case> {
    vec![
        case_of_f(
            "a method whose name a macro takes counts",
            "
struct Model(i64);
impl Model { fn fit(&self) -> i64 { self.0 + 1 } fn test(&self) -> i64 { self.0 + 9 } }
macro_rules! ask { ($m:expr, $n:ident) => { $m.$n() }; }
#[memoize] fn f(x: i64) -> i64 { ask!(Model(x), fit) }
",
        )
        .edit(MAIN, "self.0 + 1", "self.0 + 2", &["f"]),
        case_of_f(
            "an associated constant of a type that a macro takes counts",
            "
mod units { pub struct Metre; impl Metre { pub const SCALE: i64 = 100; } }
macro_rules! scale { ($t:ty) => { <$t>::SCALE }; }
macro_rules! in_units { ($t:ident, $x:expr) => { scale!(crate::units::$t) * $x }; }
#[memoize] fn f(x: i64) -> i64 { in_units!(Metre, x) }
",
        )
        .edit(MAIN, "i64 = 100", "i64 = 1000", &["f"]),
        case_of_f(
            "a variant and a field whose names a macro takes count",
            "
mod deep {
    #[derive(Clone, Copy)] pub enum Kind { Low = 1, High = 5 }
    pub struct Limits { pub most: i64 }
    pub const LIMITS: Limits = Limits { most: 40 };
}
macro_rules! get { ($v:ident, $l:ident . $m:ident) => { deep::Kind::$v as i64 + deep::$l.$m }; }
#[memoize] fn f(x: i64) -> i64 { x + get!(High, LIMITS.most) }
",
        )
        .edit(MAIN, "High = 5", "High = 6", &["f"])
        .edit(MAIN, "most: 40", "most: 50", &["f"]),
        case_of_f(
            "a type that a macro chooses counts in the place of a type",
            "
mod kinds {
    pub struct Fast; pub struct Slow;
    impl super::Cost for Fast { fn cost() -> i64 { 1 } }
    impl super::Cost for Slow { fn cost() -> i64 { 9 } }
}
trait Cost { fn cost() -> i64; }
macro_rules! pick { (fast) => { kinds::Fast }; (slow) => { kinds::Slow }; }
type Chosen = pick!(fast);
#[memoize] fn f(x: i64) -> i64 { x + Chosen::cost() + <pick!(slow)>::cost() }
",
        )
        .edit(MAIN, "{ 1 }", "{ 2 }", &["f"])
        .edit(MAIN, "{ 9 }", "{ 8 }", &["f"]),
        case_of_f(
            "a constant that a macro names in a pattern counts",
            "
mod limits { pub const LOW: i64 = 3; pub const HIGH: i64 = 9; }
macro_rules! bound { ($n:ident) => { limits::$n }; }
#[memoize] fn f(x: i64) -> bool { match x { bound!(LOW) => true, bound!(HIGH) | _ => false } }
",
        )
        .edit(MAIN, "LOW: i64 = 3", "LOW: i64 = 4", &["f"]),
    ]
}

fn recursion() -> Vec<Case> {
    vec![
        kernels("a module named through two macros counts", "
mod kernels;
macro_rules! inner { ($k:ident, $x:expr) => { crate::kernels::$k::run($x) + crate::kernels::$k::K }; }
macro_rules! outer { ($k:ident, $x:expr) => { inner!($k, $x) }; }
#[memoize] fn f(x: i64) -> i64 { outer!(fast, x) }
"),
        kernels("a module named by a macro that a macro defines counts", "
mod kernels;
macro_rules! define {
    ($d:tt $n:ident) => {
        macro_rules! $n { ($d k:ident, $d x:expr) => {
            crate::kernels::$d k::run($d x) + crate::kernels::$d k::K
        }; }
    };
}
define!($ dispatch);
#[memoize] fn f(x: i64) -> i64 { dispatch!(fast, x) }
"),
        kernels("a path that a macro collects word by word counts", "
mod kernels;
macro_rules! walk {
    (@ [$($p:ident)*] ; $x:expr) => { $($p)::*::run($x) + $($p)::*::K };
    (@ [$($p:ident)*] $next:ident $($rest:tt)*) => { walk!(@ [$($p)* $next] $($rest)*) };
    ($($rest:tt)*) => { walk!(@ [crate] $($rest)*) };
}
#[memoize] fn f(x: i64) -> i64 { walk!(kernels fast ; x) }
")
        .edit(MAIN, "run($x) +", "run($x) -", &["f"]),
        kernels("what a macro hands to the macro it is given counts", "
mod kernels;
macro_rules! each { ($callback:ident, $x:expr) => { $callback!($x, slow fast) }; }
macro_rules! sum { ($x:expr, $($k:ident)*) => { 0 $(+ crate::kernels::$k::run($x) + crate::kernels::$k::K)* }; }
#[memoize] fn f(x: i64) -> i64 { each!(sum, x) }
")
        .edit(MAIN, "slow fast", "fast fast", &["f"]),
        kernels("a macro within a function counts", "
mod kernels;
#[memoize] fn f(x: i64) -> i64 {
    macro_rules! dispatch { ($k:ident) => { crate::kernels::$k::run(x) + crate::kernels::$k::K }; }
    let x = x + 1;
    macro_rules! go { () => { dispatch_fast!() }; }
    macro_rules! dispatch_fast { () => { { let x = 3; crate::kernels::fast::run(x) + crate::kernels::fast::K } }; }
    go!() + x
}
"),
        case_of_f("the operator that a macro takes counts", "
struct Sum(i64);
impl std::ops::Shl<i64> for Sum { type Output = i64; fn shl(self, n: i64) -> i64 { self.0 + n + 1 } }
macro_rules! fold { ($op:tt, $a:expr, $b:expr) => { $a $op $b }; }
#[memoize] fn f(x: i64) -> i64 { fold!(<<, Sum(x), 4) }
")
        .edit(MAIN, "n + 1", "n + 2", &["f"]),
        case("a macro that is called as an item and as a statement counts in both", &["f(3)", "g(3)"], "
mod table { pub fn base() -> i64 { 10 } }
macro_rules! base { ($n:ident) => { fn $n() -> i64 { crate::table::base() + 1 } }; }
base!(outer);
#[memoize] fn f(x: i64) -> i64 { x + outer() }
#[memoize] fn g(x: i64) -> i64 { base!(inner); x - inner() }
")
        .edit(MAIN, "{ 10 }", "{ 11 }", &["f", "g"])
        .edit(MAIN, "base() + 1", "base() + 2", &["f", "g"]),
    ]
}

fn crates() -> Vec<Case> {
    let dep = |promise, main| {
        case_of_f(promise, main)
            .needs("dep", DEP)
            .edit("dep/src/kernels.rs", "x + 1 }", "x + 2 }", &["f"])
            .edit("dep/src/kernels.rs", "i64 = 10;", "i64 = 20;", &["f"])
            .edit("dep/src/lib.rs", "run($x) +", "run($x) -", &["f"])
    };
    vec![
        dep(
            "a module that a macro of another crate names counts",
            "#[memoize] fn f(x: i64) -> i64 { dep::dispatch!(fast, x) }",
        ),
        dep(
            "a module that a macro of another crate names counts, by an import",
            "
use dep::dispatch as go;
mod inner { pub fn call(x: i64) -> i64 { go!(fast, x) } use super::go; }
#[memoize] fn f(x: i64) -> i64 { inner::call(x) }
",
        ),
        dep(
            "a module that a macro of another crate names counts, by #[macro_use]",
            "
#[macro_use] extern crate dep;
#[memoize] fn f(x: i64) -> i64 { dispatch!(fast, x) }
",
        ),
        dep(
            "a module of another crate named by an identifier that a macro takes counts",
            "
macro_rules! of_dep { ($k:ident, $x:expr) => { dep::kernels::$k::run($x) + dep::kernels::$k::K }; }
macro_rules! via { ($c:ident, $x:expr) => { $c::dispatch!(fast, $x) }; }
#[memoize] fn f(x: i64) -> i64 { of_dep!(fast, x) + via!(dep, x) }
",
        ),
        dep(
            "a crate named by an identifier that a macro takes counts",
            "
macro_rules! of { ($c:ident, $x:expr) => { $c::kernels::fast::run($x) + $c::kernels::fast::K }; }
mod more { pub fn go(x: i64) -> i64 { dep::dispatch!(fast, x) } }
#[memoize] fn f(x: i64) -> i64 { of!(dep, x) + more::go(x) }
",
        ),
    ]
}

//! Cases about modules and items that macros declare.

use crate::case::{Case, MAIN, again, case, case_of_f, edit};
use crate::package_files::Edit;

pub(crate) fn cases() -> Vec<Case> {
    [modules(), beside(), items()]
        .into_iter()
        .flatten()
        .collect()
}

/// Creates a program that calls `alpha::go(x)`, with `alpha` in a file of its own.
fn alpha(promise: &'static str, alpha: &'static str, main: &'static str) -> Case {
    case_of_f(promise, main)
        .file(alpha, "pub fn go(x: i64) -> i64 { x + 1 }")
        .edit(alpha, "x + 1", "x + 2", &["f"])
}

fn modules() -> Vec<Case> {
    vec![
        alpha(
            "files of modules that a macro declares count",
            "src/alpha.rs",
            "
macro_rules! mods { ($($m:ident),*) => { $(mod $m;)* } }
mods!(alpha, beta);
#[memoize] fn f(x: i64) -> i64 { alpha::go(x) + beta::go(x) }
",
        )
        .file("src/beta.rs", "pub fn go(x: i64) -> i64 { x * 2 }")
        .edit("src/beta.rs", "x * 2", "x * 3", &["f"]),
        alpha(
            "a module that a macro declares counts for its whole crate",
            "src/alpha.rs",
            r#"
macro_rules! mods { ($($m:ident),*) => { $(mod $m;)* } }
mods!(alpha);
#[memoize(scope = "crate")] fn f(x: i64) -> i64 { alpha::go(x) }
"#,
        )
        .file("src/unused.rs", "")
        .step(edit("src/alpha.rs", "x + 1", "x + 3").changes(&["f"])),
        alpha(
            "a module that a macro declares below another one counts",
            "src/kernels/alpha.rs",
            "
mod kernels;
#[memoize] fn f(x: i64) -> i64 { kernels::go(x) }
",
        )
        .file(
            "src/kernels/mod.rs",
            "
macro_rules! mods { ($($m:ident),*) => { $(mod $m; pub use $m::*;)* } }
mods!(alpha);
",
        ),
        alpha(
            "a module that a macro declares within an inline one counts",
            "src/deep/alpha.rs",
            "
macro_rules! mods { ($($m:ident),*) => { $(pub mod $m;)* } }
mod deep { mods!(alpha); }
#[memoize] fn f(x: i64) -> i64 { deep::alpha::go(x) }
",
        ),
        alpha(
            "an inline module that a macro makes counts with the files in it",
            "src/deep/alpha.rs",
            "
macro_rules! wrap { ($($i:item)*) => { mod deep { $($i)* } } }
wrap! { pub mod alpha; }
#[memoize] fn f(x: i64) -> i64 { deep::alpha::go(x) }
",
        ),
        alpha(
            "a module that a macro declares with a path counts",
            "src/other/first.rs",
            r#"
macro_rules! at { ($m:ident, $p:literal) => { #[path = $p] mod $m; } }
at!(alpha, "other/first.rs");
#[memoize] fn f(x: i64) -> i64 { alpha::go(x) }
"#,
        ),
        alpha(
            "a module whose path goes through two macros counts",
            "src/arch/x/alpha.rs",
            r#"
macro_rules! at { ($m:ident, $p:literal) => { #[cfg_attr(all(), path = $p)] mod $m; } }
macro_rules! arch { ($m:ident) => { at!($m, "arch/x/alpha.rs"); } }
arch!(alpha);
#[memoize] fn f(x: i64) -> i64 { alpha::go(x) }
"#,
        ),
        alpha(
            "a module that a macro passes through counts",
            "src/alpha.rs",
            "
macro_rules! items { ($($i:item)*) => { $($i)* } }
items! { mod alpha; pub use alpha::go; }
#[memoize] fn f(x: i64) -> i64 { go(x) }
",
        ),
        alpha(
            "a module declared by a macro that a macro defines counts",
            "src/alpha.rs",
            "
macro_rules! define { ($d:tt) => { macro_rules! mods { ($d($d m:ident)*) => { $d(mod $d m;)* } } } }
define!($);
mods!(alpha);
#[memoize] fn f(x: i64) -> i64 { alpha::go(x) }
",
        ),
        case_of_f(
            "a module that a macro declares counts where its file moves to",
            "
macro_rules! mods { ($($m:ident),*) => { $(mod $m;)* } }
mods!(alpha);
#[memoize] fn f(x: i64) -> i64 { alpha::go(x) }
",
        )
        .file("src/alpha.rs", "pub fn go(x: i64) -> i64 { x + 1 }")
        .step(
            again()
                .and(Edit::Remove("src/alpha.rs"))
                .and(Edit::Write(
                    "src/alpha/mod.rs",
                    "pub fn go(x: i64) -> i64 { x + 5 }",
                ))
                .only(&["f"]),
        )
        .undone(),
        alpha(
            "a test-like module that a macro declares by condition counts",
            "src/alpha.rs",
            "
macro_rules! unix { ($($i:item)*) => { $(#[cfg(unix)] $i)* #[cfg(windows)] mod alpha {} } }
unix! { mod alpha; }
#[memoize] fn f(x: i64) -> i64 { alpha::go(x) }
",
        ),
    ]
}

/// Cases with crates whose modules are declared by macros.
fn beside() -> Vec<Case> {
    let dep = |promise, lib| {
        case_of_f(
            promise,
            "#[memoize] fn f(x: i64) -> i64 { dep::alpha::go(x) }",
        )
        .depends("dep = { path = \"dep\" }")
        .file("dep/src/lib.rs", lib)
        .file("dep/src/alpha.rs", "pub fn go(x: i64) -> i64 { x + 1 }")
        .edit("dep/src/alpha.rs", "x + 1", "x + 2", &["f"])
    };
    vec![
        dep(
            "a module that a macro declares in a crate beside counts",
            "macro_rules! mods { ($($m:ident),*) => { $(pub mod $m;)* } }
mods!(alpha);",
        ),
        dep(
            "a module that a macro includes in a crate beside counts",
            "macro_rules! mods { ($($m:ident $p:literal),*) => { $(pub mod $m { include!($p); })* } }
mods!(alpha \"alpha.rs\");",
        ),
        dep(
            "a function that a macro names in a crate beside counts",
            "#[path = \"alpha.rs\"] mod gamma;
macro_rules! via { ($m:ident, $x:expr) => { crate::$m::go($x) } }
pub mod alpha { pub fn go(x: i64) -> i64 { via!(gamma, x) } }",
        ),
    ]
}

fn items() -> Vec<Case> {
    vec![
        case_of_f("impls that a macro makes count", "
trait Weight { fn weight(&self) -> i64; }
macro_rules! weights { ($($t:ident $w:expr;)*) => { $(
    struct $t;
    impl Weight for $t { fn weight(&self) -> i64 { $w + crate::table::$t } }
)* } }
#[allow(non_upper_case_globals)]
mod table { pub const Gold: i64 = 19; pub const Iron: i64 = 7; }
weights! { Gold 100; Iron 50; }
#[memoize] fn f(x: i64) -> i64 { x * Gold.weight() }
")
        .edit(MAIN, "Gold 100", "Gold 200", &["f"])
        .edit(MAIN, "i64 = 19", "i64 = 20", &["f"])
        .edit(MAIN, "$w + crate", "$w - crate", &["f"]),
        case("memoized functions that a macro generates depend on their own arguments", &["f(3)", "g(3)"], "
macro_rules! memo { ($($n:ident $by:ident),*) => { $(#[memoize] fn $n(x: i64) -> i64 { table::$by() * x })* } }
mod table { pub fn two() -> i64 { 2 } pub fn three() -> i64 { 3 } }
memo!(f two, g three);
")
        .step(edit(MAIN, "{ 2 }", "{ 4 }").changes(&["f"]).keeps(&["aside"]))
        .undone()
        .step(edit(MAIN, "{ 3 }", "{ 4 }").changes(&["g"]).keeps(&["aside"]))
        .undone(),
        case_of_f("a function that a macro wraps counts", "
macro_rules! counted { ($($i:item)*) => { $($i)* } }
counted! { fn helper(x: i64) -> i64 { x + 1 } impl Own { fn more(&self) -> i64 { 50 } } }
struct Own;
#[memoize] fn f(x: i64) -> i64 { helper(x) + Own.more() }
")
        .edit_wide(MAIN, "x + 1", "x + 2", &["f"])
        .edit_wide(MAIN, "{ 50 }", "{ 60 }", &["f"]),
        case_of_f("a static that a macro like lazy_static makes counts", "
macro_rules! lazy {
    ($(static ref $n:ident : $t:ty = $e:expr;)*) => { $(
        #[allow(non_camel_case_types)] struct $n { inner: () }
        static $n: $n = $n { inner: () };
        impl std::ops::Deref for $n {
            type Target = $t;
            fn deref(&self) -> &$t {
                static CELL: std::sync::OnceLock<$t> = std::sync::OnceLock::new();
                CELL.get_or_init(|| $e)
            }
        }
    )* };
}
fn primes() -> Vec<i64> { vec![2, 3, 5] }
lazy! { static ref TABLE: Vec<i64> = primes(); static ref COUNT: i64 = 8; }
#[memoize] fn f(x: i64) -> i64 { TABLE.iter().sum::<i64>() + x + *COUNT }
")
        .edit(MAIN, "2, 3, 5", "2, 3, 7", &["f"])
        .edit(MAIN, "i64 = 8", "i64 = 9", &["f"]),
        case_of_f("flags that a macro like bitflags makes count", "
macro_rules! flags { ($n:ident { $($f:ident = $v:expr),* }) => {
    #[derive(Clone, Copy)] struct $n(i64);
    impl $n { $(const $f: $n = $n($v);)* const ALL: $n = $n(0 $(| $v)*); }
} }
fn base() -> i64 { 1 }
flags!(Mode { READ = 1, WRITE = 2, EXEC = WIDTH << 2 });
const WIDTH: i64 = 1;
#[memoize] fn f(x: i64) -> i64 { x + Mode::ALL.0 }
")
        .edit(MAIN, "WRITE = 2", "WRITE = 64", &["f"])
        .edit(MAIN, "WIDTH: i64 = 1", "WIDTH: i64 = 3", &["f"]),
    ]
}

//! Cases about conditional compilation: features, `cfg` and the settings that control
//! them.

use crate::case::{Case, Files, How, again, case, case_of_f, edit, run, variable};

pub(crate) fn cases() -> Vec<Case> {
    [modules(), macros(), places(), given(), legal()]
        .into_iter()
        .flatten()
        .collect()
}

/// Creates a program with the features `fast` and `faster`, both off by default, that
/// runs without and with `fast`.
fn featured(promise: &'static str, main: &'static str) -> Case {
    case_of_f(promise, main)
        .manifest("[features]\nfast = []\nfaster = []")
        .step(run(&["--features", "fast"]).only(&["f"]))
        .undone()
}

/// Like [`featured`], for programs in which a macro selects items, so that the feature
/// may count for other functions too.
fn chosen(promise: &'static str, main: &'static str) -> Case {
    case_of_f(promise, main)
        .manifest("[features]\nfast = []\nfaster = []")
        .step(run(&["--features", "fast"]).changes(&["f"]))
        .undone()
}

const FAST: &str = "pub fn go(x: i64) -> i64 { x + 100 }";
const SLOW: &str = "pub fn go(x: i64) -> i64 { x + 1 }";

fn modules() -> Vec<Case> {
    let cfg_if = "cfg-if = \"1\"";
    vec![
        chosen("modules that cfg_if chooses count", r#"
cfg_if::cfg_if! { if #[cfg(feature = "fast")] { mod fast; pub use fast::*; } else { mod slow; pub use slow::*; } }
#[memoize] fn f(x: i64) -> i64 { go(x) }
"#)
        .depends(cfg_if)
        .file("src/fast.rs", FAST)
        .file("src/slow.rs", SLOW)
        .step(edit("src/slow.rs", "x + 1", "x + 2").changes(&["f"])),
        featured("what cfg_if chooses within a function counts", r#"
#[memoize] fn f(x: i64) -> i64 {
    cfg_if::cfg_if! { if #[cfg(feature = "fast")] { let y = x + 100; } else { let y = x + 1; } }
    y
}
"#)
        .depends(cfg_if),
        chosen("items that a macro like cfg_if chooses count", r#"
macro_rules! choose { ($p:meta, $a:item, $b:item) => { #[cfg($p)] $a #[cfg(not($p))] $b } }
choose!(feature = "fast", fn go(x: i64) -> i64 { x + 100 }, fn go(x: i64) -> i64 { x + 1 });
#[memoize] fn f(x: i64) -> i64 { go(x) }
"#),
        featured("files with an inner condition count", "
trait Step { fn step(&self) -> i64; }
struct Foo(i64);
mod a; mod b;
#[memoize] fn f(x: i64) -> i64 { Foo(x).step() }
")
        .file("src/a.rs", r#"#![cfg(feature = "fast")]
impl crate::Step for crate::Foo { fn step(&self) -> i64 { self.0 + 100 } }"#)
        .file("src/b.rs", r#"#![cfg(not(feature = "fast"))]
impl crate::Step for crate::Foo { fn step(&self) -> i64 { self.0 + 1 } }"#),
        featured("a path by condition counts", r#"
#[cfg_attr(feature = "fast", path = "fast.rs")] mod slow;
#[memoize] fn f(x: i64) -> i64 { slow::go(x) }
"#)
        .file("src/fast.rs", FAST)
        .file("src/slow.rs", SLOW),
        featured("an import by condition counts", r#"
mod fast; mod slow;
#[cfg(feature = "fast")] use fast::go;
#[cfg(not(feature = "fast"))] use slow::go;
#[memoize] fn f(x: i64) -> i64 { go(x) }
"#)
        .file("src/fast.rs", FAST)
        .file("src/slow.rs", SLOW),
        featured("a glob that a condition fills counts", r#"
mod both { #[cfg(feature = "fast")] pub use crate::fast::*; #[cfg(not(feature = "fast"))] pub use crate::slow::*; }
mod fast; mod slow;
use both::*;
#[memoize] fn f(x: i64) -> i64 { go(x) }
"#)
        .file("src/fast.rs", FAST)
        .file("src/slow.rs", SLOW),
    ]
}

fn macros() -> Vec<Case> {
    vec![
        featured("a predicate that a macro takes counts", r#"
macro_rules! when { ($($p:tt)*) => { cfg!($($p)*) } }
#[memoize] fn f(x: i64) -> i64 { if when!(feature = "fast") { x } else { -x } }
"#),
        featured("a predicate that a macro takes as a meta item counts", r#"
macro_rules! when { ($p:meta) => { cfg!($p) } }
macro_rules! unless { ($($p:tt)*) => { !when!(all($($p)*)) } }
#[memoize] fn f(x: i64) -> i64 { if unless!(feature = "fast") { x } else { -x } }
"#),
        featured("the feature that a macro takes by name counts", r#"
macro_rules! has { ($f:literal) => { cfg!(feature = $f) } }
fn sign() -> i64 { if has!("fast") { 1 } else { -1 } }
#[memoize] fn f(x: i64) -> i64 { x * sign() }
"#),
        featured("a condition in a macro's output counts", r#"
macro_rules! by { ($f:literal) => { { #[cfg(feature = $f)] let y = 1; #[cfg(not(feature = $f))] let y = -1; y } } }
#[memoize] fn f(x: i64) -> i64 { x * by!("fast") }
"#),
        featured("a macro by condition counts", r#"
#[cfg(feature = "fast")] macro_rules! go { ($x:expr) => { $x + 100 } }
#[cfg(not(feature = "fast"))] macro_rules! go { ($x:expr) => { $x + 1 } }
#[memoize] fn f(x: i64) -> i64 { go!(x) }
"#),
        featured("what cfg_select chooses counts", r#"
fn go(x: i64) -> i64 { std::cfg_select! { feature = "fast" => { x + 100 } _ => { x + 1 } } }
#[memoize] fn f(x: i64) -> i64 { go(x) }
"#),
        chosen("a module that cfg_select chooses counts", r#"
std::cfg_select! { feature = "fast" => { mod fast; use fast::go; } _ => { mod slow; use slow::go; } }
#[memoize] fn f(x: i64) -> i64 { go(x) }
"#)
        .file("src/fast.rs", FAST)
        .file("src/slow.rs", SLOW)
        .step(edit("src/slow.rs", "x + 1", "x + 2").changes(&["f"])),
        featured("a predicate that another crate's macro takes counts for the caller", r#"#[memoize] fn f(x: i64) -> i64 { if predicates::when!(feature = "fast") { x } else { -x } }"#)
        .needs("predicates", PREDICATES),
    ]
}

const PREDICATES: Files = &[
    ("predicates/Cargo.toml", "[features]\nwide = []\n"),
    (
        "predicates/src/lib.rs",
        r#"
#[macro_export] macro_rules! when { ($($p:tt)*) => { cfg!($($p)*) } }
#[macro_export] macro_rules! is_wide { () => { $crate::IS_WIDE } }
pub const IS_WIDE: bool = cfg!(feature = "wide");
pub fn width() -> i64 { #[cfg(feature = "wide")] { 100 } #[cfg(not(feature = "wide"))] { 1 } }
"#,
    ),
];

fn places() -> Vec<Case> {
    vec![
        featured(
            "conditions on statements, arms, fields and elements count",
            r#"
struct Own { #[cfg(feature = "fast")] a: i64, #[cfg(not(feature = "fast"))] a: i8 }
fn arm(x: i64) -> i64 { match x { #[cfg(feature = "fast")] 3 => 100, _ => 1 } }
fn statement(mut x: i64) -> i64 { #[cfg(feature = "fast")] { x += 7; } x }
fn width() -> i64 { [#[cfg(feature = "fast")] 1, 1].len() as i64 }
#[memoize] fn f(x: i64) -> i64 { arm(x) + statement(x) + width() + size_of::<Own>() as i64 }
"#,
        ),
        featured(
            "conditions on variants, methods and impls count",
            r#"
enum Level { #[cfg(feature = "fast")] Zero, One }
struct Own;
impl Own {
    #[cfg(feature = "fast")] fn go(&self) -> i64 { 100 }
    #[cfg(not(feature = "fast"))] fn go(&self) -> i64 { 1 }
}
trait Step { fn step(&self) -> i64 { 1 } }
impl Step for Own { #[cfg(feature = "fast")] fn step(&self) -> i64 { 7 } }
#[memoize] fn f(x: i64) -> i64 { x + Own.go() + Own.step() + Level::One as i64 }
"#,
        ),
        featured(
            "conditions on parameters and bounds count",
            r#"
fn go(#[cfg(feature = "fast")] x: f64, #[cfg(not(feature = "fast"))] x: f32) -> String { format!("{}", x / 7.0) }
#[memoize] fn f(x: i64) -> String { go(x as _) }
"#,
        ),
        featured(
            "an attribute by condition counts",
            r#"
#[cfg_attr(feature = "fast", derive(PartialEq))]
struct Own(i64);
#[cfg(not(feature = "fast"))] impl PartialEq for Own { fn eq(&self, _: &Own) -> bool { false } }
#[repr(C)] #[cfg_attr(feature = "fast", repr(packed))] struct Wide(u8, u64);
#[memoize] fn f(x: i64) -> (bool, usize) { (Own(x) == Own(x), size_of::<Wide>()) }
"#,
        ),
        featured(
            "a predicate in a constant counts",
            r#"
const N: usize = if cfg!(all(feature = "fast", not(feature = "faster"))) { 4 } else { 2 };
static TABLE: [i64; N] = [1; N];
#[memoize] fn f(x: i64) -> i64 { TABLE.iter().sum::<i64>() + x }
"#,
        ),
    ]
}

fn given() -> Vec<Case> {
    let by_feature = r#"
fn go(x: i64) -> i64 { if cfg!(feature = "fast") { x + 100 } else { x + 1 } }
#[memoize] fn f(x: i64) -> i64 { go(x) }
"#;
    let by_cfg = "
fn go(x: i64) -> i64 { if cfg!(fast) { x + 100 } else { x + 1 } }
#[memoize] fn f(x: i64) -> i64 { go(x) }
";
    vec![
        featured("a default feature that is left out counts", by_feature)
            .step(edit("Cargo.toml", "fast = []", "default = [\"fast\"]\nfast = []").only(&["f"])),
        featured("a feature that another one brings counts", by_feature)
            .step(
                run(&["--features", "faster"])
                    .and(crate::package_files::Edit::Replace(
                        "Cargo.toml",
                        "faster = []",
                        "faster = [\"fast\"]",
                    ))
                    .changes(&["f"]),
            )
            .step(run(&["--all-features"]).changes(&["f"])),
        case_of_f(
            "a feature of a crate beside counts",
            "#[memoize] fn f(x: i64) -> i64 { x + predicates::width() + predicates::is_wide!() as i64 }",
        )
        .needs("predicates", PREDICATES)
        .step(run(&["--features", "predicates/wide"]).only(&["f"]))
        .undone(),
        case_of_f(
            "a feature of a crate beside that a dev-dependency brings counts",
            "
#[memoize] fn f(x: i64) -> i64 { x + predicates::width() }
#[test] fn prints() { main() }
",
        )
        .needs("predicates", PREDICATES)
        .manifest(
            "[dev-dependencies]\npredicates = { path = \"predicates\", features = [\"wide\"] }",
        )
        .step(again().by(How::Test(&["--", "--nocapture"])).only(&["f"]))
        .undone(),
        case_of_f(
            "whether a test is compiled counts",
            "
fn go(x: i64) -> i64 { #[cfg(test)] { x + 100 } #[cfg(not(test))] { x + 1 } }
#[memoize] fn f(x: i64) -> i64 { go(x) }
#[test] fn prints() { main() }
",
        )
        .step(again().by(How::Test(&["--", "--nocapture"])).only(&["f"]))
        .undone(),
        case_of_f("a cfg of the build script counts", by_cfg)
            .file(
                "build.rs",
                r#"
fn main() {
    println!("cargo:rerun-if-changed=config.txt");
    println!("cargo:rustc-cfg={}", std::fs::read_to_string("config.txt").unwrap().trim());
}
"#,
            )
            .file("config.txt", "slow\n")
            .edit("config.txt", "slow", "fast", &["f"]),
        case_of_f(
            "a cfg that is given to the compiler counts",
            by_cfg,
        )
        .step(
            again()
                .by(How::Script(
                    "$CARGO rustc -q --offline -- --cfg fast; $TARGET/debug/app",
                ))
                .only(&["f"]),
        )
        .undone(),
        case(
            "a cfg in RUSTFLAGS counts, for a crate beside too",
            &["f(3)", "g(3)"],
            "
#[memoize] fn f(x: i64) -> i64 { if cfg!(fast) { x + 100 } else { x + 1 } }
#[memoize] fn g(x: i64) -> i64 { dep::go(x) }
",
        )
        .library("dep", "#[cfg(fast)] pub fn go(x: i64) -> i64 { x + 100 }
#[cfg(not(fast))] pub fn go(x: i64) -> i64 { x + 1 }")
        .step(variable("RUSTFLAGS", "--cfg fast").only(&["f", "g"]))
        .undone(),
        case_of_f(
            "assertions that a profile turns off count",
            "
macro_rules! when { ($($p:tt)*) => { cfg!($($p)*) } }
#[memoize] fn f(x: i64) -> i64 { if when!(debug_assertions) { x } else { -x } }
",
        )
        .manifest("[profile.dev.package.app]\ndebug-assertions = true")
        .step(edit("Cargo.toml", "assertions = true", "assertions = false").changes(&["f"]))
        .undone(),
    ]
}

fn legal() -> Vec<Case> {
    vec![
        featured(
            "a predicate with repetitions in a macro compiles",
            r#"
macro_rules! any_feature { ($($f:literal),*) => { cfg!(any($(feature = $f),*)) } }
#[memoize] fn f(x: i64) -> i64 { if any_feature!("fast", "faster") { x } else { -x } }
"#,
        ),
        chosen(
            "an attribute with repetitions in a macro compiles",
            r#"
macro_rules! only { ($($f:literal),* => $i:item) => { #[cfg(any($(feature = $f),*))] $i } }
macro_rules! never { ($($f:literal),* => $i:item) => { #[cfg(not(any($(feature = $f),*)))] $i } }
only! { "fast", "faster" => fn go(x: i64) -> i64 { x + 100 } }
never! { "fast", "faster" => fn go(x: i64) -> i64 { x + 1 } }
#[memoize] fn f(x: i64) -> i64 { go(x) }
"#,
        ),
        chosen(
            "predicates of fragments within fragments compile",
            r#"
macro_rules! both { ($a:meta, $($b:tt)+) => { cfg!(all($a, not(any(all(), $($b)+)))) || cfg!($a) } }
macro_rules! attribute { ($p:meta, $a:meta) => { #[cfg_attr($p, $a)] struct Wide(u8, u64); } }
attribute!(feature = "fast", repr(C, packed));
#[memoize] fn f(x: i64) -> i64 { if both!(feature = "fast", windows, unix) { x } else { -x } }
"#,
        ),
        featured(
            "a macro that nobody calls compiles whatever its predicate",
            r#"
macro_rules! odd { ($($k:ident = $v:literal),* ; $p:meta) => { cfg!(all($($k = $v,)* not($p))) } }
macro_rules! go { ($x:expr) => { if cfg!(feature = "fast") { $x } else { -$x } }; (@ $($o:tt)*) => { odd!($($o)*) } }
#[memoize] fn f(x: i64) -> i64 { go!(x) }
"#,
        ),
        case_of_f(
            "a memoized function with a predicate that a macro makes compiles",
            r#"
macro_rules! memo { ($n:ident, $($f:literal)|+) => {
    #[memoize] fn $n(x: i64) -> i64 { if cfg!(any($(feature = $f),+)) { x } else { -x } }
}; }
memo!(f, "fast" | "faster");
"#,
        )
        .manifest("[features]\nfast = []\nfaster = []")
        .step(run(&["--features", "fast"]).changes(&["f"]))
        .undone(),
    ]
}

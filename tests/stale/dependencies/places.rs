//! Cases about builds that must share results: other directories, profiles and cargo
//! commands.

use crate::case::{Case, Files, How, again, case, run};

/// A path dependency with a build script, included files and a dependency on a registry
/// crate.
const DEP: Files = &[
    ("dep/Cargo.toml", "[dependencies]\nlog = \"0.4\"\n"),
    (
        "dep/build.rs",
        r#"
fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let path = format!("{}/gen.rs", std::env::var("OUT_DIR").unwrap());
    std::fs::write(path, "pub fn go(x: i64) -> i64 { x + 1 }").unwrap();
}
"#,
    ),
    ("dep/words.txt", "words"),
    (
        "dep/src/lib.rs",
        r#"
include!(concat!(env!("OUT_DIR"), "/gen.rs"));
pub fn text() -> String { format!("{} {:?}", include_str!("../words.txt"), log::STATIC_MAX_LEVEL) }
#[macro_export] macro_rules! twice { ($x:expr) => { $crate::go($x) * 2 } }
"#,
    ),
];

fn shared(promise: &'static str) -> Case {
    let main = r#"
mod pb { include!(concat!(env!("OUT_DIR"), "/own.rs")); }
const WORDS: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/words.txt"));
#[memoize] fn f(x: i64) -> i64 { dep::go(x) + dep::twice!(x) }
#[memoize] fn g(_: i64) -> String { format!("{} {WORDS} {:?}", dep::text(), log::STATIC_MAX_LEVEL) }
#[memoize] fn h(x: i64) -> i64 { pb::own(x) }
#[test] fn prints() { main() }
"#;
    case(promise, &["f(3)", "g(3)", "h(3)"], main)
        .needs("dep", DEP)
        .depends("log = \"0.4\"")
        .file("words.txt", "own words")
        .file(
            "build.rs",
            r#"
fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let path = format!("{}/own.rs", std::env::var("OUT_DIR").unwrap());
    std::fs::write(path, "pub fn own(x: i64) -> i64 { x + 1 }").unwrap();
}
"#,
        )
}

const ELSEWHERE: &str =
    "rm -rf ../beside; cp -r . ../beside; cd ../beside; $CARGO run -q --offline";

pub(super) fn cases() -> Vec<Case> {
    vec![
        shared("a checkout elsewhere shares what was computed")
            .step(again().by(How::Script(ELSEWHERE)).only(&[]))
            .undone(),
        shared("a release build shares what was computed")
            .manifest("[profile.release]\nopt-level = 0")
            .step(run(&["--release"]).only(&[]))
            .undone(),
        shared("a check before the build changes nothing")
            .step(again().after("touch src/main.rs dep/src/lib.rs; $CARGO check -q --offline").only(&[])),
        shared("a build of tests shares what was computed")
            .step(again().by(How::Test(&["--", "--nocapture"])).only(&[]))
            .undone(),
        shared("a file that is saved as it was changes nothing")
            .step(again().after("touch src/main.rs dep/src/lib.rs dep/build.rs build.rs words.txt Cargo.toml Cargo.lock").only(&[])),
        shared("a build from nothing shares what was computed")
            .step(again().after("$CARGO clean -q --offline -p app -p dep").only(&[])),
        shared("a build of optimized dependencies shares what was computed")
            .step(run(&["--config", "profile.dev.package.dep.opt-level=1"]).only(&[]))
            .undone(),
        shared("a build in another target directory shares what was computed")
            .step(
                again()
                    .by(How::Script("mkdir -p ../beside; cp -a $TARGET ../beside/target; CARGO_TARGET_DIR=../beside/target $CARGO run -q --offline"))
                    .only(&[]),
            ),
    ]
}

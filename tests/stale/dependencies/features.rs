//! Cases about features of other crates, and the crates that enable them.

use crate::case::{Case, Files, How, MAIN, again, case, case_of_f, edit, run};

const LOG: &str = "log = \"0.4\"";

const READS_LOG: &str = r#"
#[memoize] fn f(_: i64) -> String { format!("{:?}", log::STATIC_MAX_LEVEL) }
#[test] fn prints() { main() }
"#;

/// A crate that reads `log` and can enable one of its features.
const MIDDLE: Files = &[
    (
        "middle/Cargo.toml",
        r#"
[features]
quiet = ["log/max_level_warn"]
[dependencies]
log = "0.4"
"#,
    ),
    (
        "middle/src/lib.rs",
        r#"pub fn level() -> String { format!("{:?}", log::STATIC_MAX_LEVEL) }"#,
    ),
];

pub(super) fn cases() -> Vec<Case> {
    vec![
        case_of_f("a feature of a registry crate counts", READS_LOG)
            .depends(LOG)
            .manifest(
                "[features]\nquiet = [\"log/max_level_warn\"]\nmute = [\"log/max_level_off\"]",
            )
            .step(run(&["--features", "quiet"]).only(&["f"]))
            .step(run(&["--features", "mute"]).only(&["f"]))
            .undone(),
        case_of_f(
            "a feature of a registry crate in the manifest counts",
            READS_LOG,
        )
        .depends("log = { version = \"0.4\", features = [] }")
        .edit(
            "Cargo.toml",
            "features = []",
            "features = [\"max_level_warn\"]",
            &["f"],
        ),
        case_of_f(
            "a feature of a registry crate that a dev-dependency brings counts",
            READS_LOG,
        )
        .depends(LOG)
        .manifest(
            "[dev-dependencies]\nlog = { version = \"0.4\", features = [\"max_level_warn\"] }",
        )
        .step(again().by(How::Test(&["--", "--nocapture"])).only(&["f"]))
        .undone(),
        case(
            "a feature of a registry crate that another crate brings counts",
            &["f(3)", "g(3)"],
            r#"
#[memoize] fn f(_: i64) -> String { format!("{:?}", log::STATIC_MAX_LEVEL) }
#[memoize] fn g(_: i64) -> String { middle::level() }
"#,
        )
        .depends(LOG)
        .needs("middle", MIDDLE)
        .manifest("[features]\nquiet = [\"middle/quiet\"]")
        .step(run(&["--features", "quiet"]).only(&["f", "g"]))
        .undone(),
        case_of_f(
            "a feature of a registry crate behind a crate beside counts",
            r#"
use middle::level as told;
#[memoize] fn f(_: i64) -> String { told() }
"#,
        )
        .needs("middle", MIDDLE)
        .step(run(&["--features", "middle/quiet"]).only(&["f"]))
        .undone(),
        case_of_f(
            "a feature of a registry crate that another member brings counts",
            READS_LOG,
        )
        .depends(LOG)
        .manifest("[workspace]\nmembers = [\"middle\"]\n")
        .file(
            "middle/Cargo.toml",
            "[dependencies]\nlog = { version = \"0.4\", features = [\"max_level_warn\"] }\n",
        )
        .file("middle/src/lib.rs", "")
        .step(
            again()
                .by(How::Script(
                    "$CARGO build -q --offline --workspace; $TARGET/debug/app",
                ))
                .only(&["f"]),
        )
        .undone(),
        case_of_f(
            "a feature of a registry crate behind a registry crate counts",
            "#[memoize] fn f(x: i64) -> i64 { x + outer::go() }",
        )
        .on_the_shelf()
        .step(run(&["--features", "outer/wide"]).only(&["f"]))
        .undone(),
        case_of_f(
            "a feature that an import by glob hides counts",
            r#"
mod prelude { pub use log::*; }
use prelude::*;
macro_rules! level { ($c:ident) => { $c::STATIC_MAX_LEVEL } }
#[memoize] fn f(_: i64) -> String { format!("{:?} {:?}", STATIC_MAX_LEVEL, level!(prelude)) }
"#,
        )
        .depends(LOG)
        .manifest("[features]\nquiet = [\"log/max_level_warn\"]")
        .step(run(&["--features", "quiet"]).changes(&["f"]))
        .undone(),
        case_of_f(
            "a feature of a procedural macro counts",
            "#[memoize] fn f(x: i64) -> i64 { x + width::width!() }",
        )
        .library(
            "width",
            r#"
#[proc_macro]
pub fn width(_: proc_macro::TokenStream) -> proc_macro::TokenStream {
    if cfg!(feature = "wide") { "100" } else { "1" }.parse().unwrap()
}
"#,
        )
        .file(
            "width/Cargo.toml",
            r#"
[features]
wide = []
[lib]
proc-macro = true
"#,
        )
        .step(run(&["--features", "width/wide"]).only(&["f"]))
        .undone(),
        case_of_f(
            "an optional crate counts when it is there",
            r#"
#[cfg(feature = "log")] fn told() -> String { format!("{:?}", log::STATIC_MAX_LEVEL) }
#[cfg(not(feature = "log"))] fn told() -> String { String::from("none") }
#[memoize] fn f(_: i64) -> String { told() }
"#,
        )
        .depends("log = { version = \"0.4\", optional = true }")
        .step(run(&["--features", "log"]).only(&["f"]))
        .step(run(&["--features", "log/max_level_warn"]).only(&["f"]))
        .undone(),
        case(
            "one crate with two sets of features counts by the one that is linked",
            &["f(3)", "g(3)"],
            r#"
#[memoize] fn f(x: i64) -> i64 { x + both::go() }
const BUILT: i64 = include!(concat!(env!("OUT_DIR"), "/built.rs"));
#[memoize] fn g(x: i64) -> i64 { x + BUILT }
"#,
        )
        .library(
            "both",
            r#"
#[cfg(feature = "wide")] pub fn go() -> i64 { 100 }
#[cfg(not(feature = "wide"))] pub fn go() -> i64 { 1 }
"#,
        )
        .file("both/Cargo.toml", "[features]\nwide = []\n")
        .manifest("[build-dependencies]\nboth = { path = \"both\", features = [\"wide\"] }")
        .file(
            "build.rs",
            r#"
fn main() {
    let path = format!("{}/built.rs", std::env::var("OUT_DIR").unwrap());
    std::fs::write(path, both::go().to_string()).unwrap();
}
"#,
        )
        .step(edit("both/src/lib.rs", "{ 1 }", "{ 2 }").only(&["f"]))
        .step(
            edit("both/src/lib.rs", "{ 100 }", "{ 200 }")
                .changes(&["g"])
                .keeps(&["aside"]),
        )
        .undone(),
        case_of_f(
            "a feature that changes nothing that is reached keeps what was computed",
            "#[memoize] fn f(x: i64) -> i64 { x }",
        )
        .depends(LOG)
        .step(run(&["--features", "log/max_level_warn"]).only(&[]))
        .edit(MAIN, "i64 { x }", "i64 { x + 1 }", &["f"]),
    ]
}

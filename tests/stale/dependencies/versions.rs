//! Cases about versions of other crates, as selected by the lock file.

use crate::case::{Case, How, Step, again, case, case_of_f, edit};
use crate::package_files::Edit;

/// Downgrades `inner` or `outer` in the lock file.
const OLD_INNER: &str = r#"sed -i '/^name = "inner"/{n;s/1.1.0/1.0.0/}' Cargo.lock"#;
const OLD_OUTER: &str = r#"sed -i '/^name = "outer"/{n;s/1.1.0/1.0.0/}' Cargo.lock"#;
/// Updates `inner` to its newest version.
const NEW_INNER: &str = "$CARGO update -q --offline -p inner";
const NEW_OUTER: &str = "$CARGO update -q --offline -p outer";

const OUTER: &str = "
#[memoize] fn f(x: i64) -> i64 { x + outer::go() }
";

/// A workspace member whose memoized function prints the version of `outer`.
const MEMBER: &[(&str, &str)] = &[
    (
        "member/Cargo.toml",
        r#"
[dependencies]
joblib = { path = "$JOBLIB", default-features = false }
outer = { version = "1", registry = "shelf" }
"#,
    ),
    (
        "member/src/lib.rs",
        "#[joblib::memoize] pub fn f(_: i64) -> String { outer::version().to_owned() }",
    ),
];

/// Functions of a library that use `outer` only by the types that their callers choose.
const GENERIC: &[(&str, &str)] = &[
    (
        "generic/Cargo.toml",
        r#"
[dependencies]
joblib = { path = "$JOBLIB", default-features = false }
outer = { version = "1", registry = "shelf" }
inner = { version = "1", registry = "shelf" }
"#,
    ),
    (
        "generic/src/lib.rs",
        "
use joblib::memoize;
#[memoize(ignore(s))]
pub fn f<T: inner::Step>(s: &T, x: i64) -> i64 { s.step() + x }
#[memoize(ignore(s))]
pub fn f_of(s: &[impl inner::Step; 1], x: i64) -> i64 { s[0].step() + x }
",
    ),
];

pub(super) fn cases() -> Vec<Case> {
    vec![
        case_of_f("an update of a crate counts", OUTER)
            .on_the_shelf()
            .step(again().after(OLD_OUTER).only(&["f"]))
            .step(again().after(NEW_OUTER).only(&[])),
        case_of_f(
            "an update of a crate below another one counts",
            OUTER,
        )
        .on_the_shelf()
        .step(again().after(OLD_INNER).only(&["f"]))
        .step(again().after(NEW_INNER).only(&[])),
        case(
            "an update of a crate counts whose type a caller chooses",
            &["generic::f(&outer::Out, 3)", "generic::f_of(&[Mine], 3)"],
            "
struct Mine;
impl inner::Step for Mine { fn step(&self) -> i64 { 1 } }
",
        )
        .on_the_shelf()
        .depends(r#"inner = { version = "1", registry = "shelf" }"#)
        .needs("generic", GENERIC)
        .step(again().after(OLD_OUTER).changes(&["generic::f"]))
        .step(again().after(NEW_OUTER).only(&[])),
        case_of_f(
            "an update of a crate below a crate beside counts",
            "#[memoize] fn f(x: i64) -> i64 { x + middle::go() }",
        )
        .shelf()
        .library("middle", "pub use outer::go;")
.file("middle/Cargo.toml", "[dependencies]\nouter = { version = \"1\", registry = \"shelf\" }\n")
        .step(again().after(OLD_INNER).only(&["f"]))
        .step(again().after(NEW_INNER).only(&[])),
        case_of_f(
            "an update of a crate that nobody reaches does not count",
            "
#[memoize] fn f(x: i64) -> i64 { x + 1 }
fn never() -> i64 { outer::go() }
",
        )
        .on_the_shelf()
        .step(again().after(OLD_INNER).only(&[])),
        case(
            "a left-over lock file in a member is not the one that counts",
            &["member::f(3)"],
            "",
        )
        .shelf()
        .needs("member", MEMBER)
        .first(again().after("cp Cargo.lock member/Cargo.lock"))
        .step(again().after(OLD_OUTER).only(&["member::f"]))
        .step(again().after(NEW_OUTER).only(&[])),
        case_of_f(
            "a lock file of the same package elsewhere is not the one that counts",
            OUTER,
        )
        .on_the_shelf()
        .manifest("[workspace]\n")
        .first(again().after("cp Cargo.lock src/Cargo.lock; cp Cargo.lock ../Cargo.lock"))
        .step(again().after(OLD_OUTER).only(&["f"]))
        .step(
            again()
                .after("rm ../Cargo.lock src/Cargo.lock; $CARGO update -q --offline -p outer")
                .only(&[]),
        ),
        case_of_f(
            "the lock file of a crate beside is not the one that counts",
            OUTER,
        )
        .on_the_shelf()
        .manifest("[workspace]\nexclude = [\"member\"]")
        .depends("member = { path = \"member\" }")
        .file("member/Cargo.toml", MEMBER[0].1)
        .file("member/src/lib.rs", MEMBER[1].1)
        .first(again().after("cp Cargo.lock member/Cargo.lock"))
        .step(again().after(OLD_OUTER).only(&["f"]))
        .step(again().after(NEW_OUTER).only(&[])),
        case(
            "the lock file of a workspace that lies elsewhere counts",
            &["member::f(3)"],
            "",
        )
        .shelf()
        .needs("member", MEMBER)
        .depends("outer = { version = \"1\", registry = \"shelf\" }")
        .file(
            "root/Cargo.toml",
            "[workspace]\nresolver = \"3\"\nmembers = [\"..\", \"../member\"]\n[profile.dev]\ndebug = false\n",
        )
        .file("member/Cargo.toml", r#"
workspace = "../root"
[dependencies]
joblib = { path = "$JOBLIB", default-features = false }
outer = { version = "1", registry = "shelf" }
"#)
        .inside("root")
        .first(in_root("cp Cargo.lock root/Cargo.lock"))
        .step(
            in_root(r#"sed -i '/^name = "outer"/{n;s/1.1.0/1.0.0/}' root/Cargo.lock"#)
                .only(&["member::f"]),
        ),
        case_of_f(
            "a requirement in the manifest that chooses another version counts",
            OUTER,
        )
        .shelf()
        .depends(r#"outer = { version = "^1", registry = "shelf" }"#)
        .step(edit("Cargo.toml", "version = \"^1\"", "version = \"=1.0.0\"").only(&["f"]))
        .step(again().after(NEW_OUTER).only(&[])),
        case_of_f(
            "swapping two versions of one crate counts",
            "#[memoize] fn f(_: i64) -> i64 { older::go() * 100 - newer::go() }",
        )
        .shelf()
        .file("vendor/inner-2.0.0/src/lib.rs", "pub fn go() -> i64 { 7 }")
        .depends(r#"older = { package = "inner", version = "1", registry = "shelf" }"#)
        .depends(r#"newer = { package = "inner", version = "2", registry = "shelf" }"#)
        .step(
            edit("Cargo.toml", "version = \"1\"", "version = \"<2>\"")
                .and(Edit::Replace(
                    "Cargo.toml",
                    "version = \"2\"",
                    "version = \"1\"",
                ))
                .and(Edit::Replace(
                    "Cargo.toml",
                    "version = \"<2>\"",
                    "version = \"2\"",
                ))
                .only(&["f"]),
        )
        .undone(),
        case_of_f(
            "a crate of one version and another checksum counts",
            "#[memoize] fn f(_: i64) -> i64 { sole::go() }",
        )
        .file(".cargo/config.toml", super::SHELF)
        .depends(r#"sole = { version = "1", registry = "shelf" }"#)
        .file("vendor/sole/.cargo-checksum.json", SUM)
        .file("vendor/sole/src/lib.rs", "pub fn go() -> i64 { 7 }")
        .step(
            edit("vendor/sole/src/lib.rs", "{ 7 }", "{ 8 }")
                .and(Edit::Replace(
                    "vendor/sole/.cargo-checksum.json",
                    "aaaaaaaa",
                    "bbbbbbbb",
                ))
                .after("sed -i s/aaaaaaaa/bbbbbbbb/ Cargo.lock; $CARGO clean -q --offline -p sole")
                .only(&["f"]),
        )
        .step(
            again()
                .after("sed -i s/bbbbbbbb/aaaaaaaa/ Cargo.lock; $CARGO clean -q --offline -p sole")
                .only(&[]),
        ),
    ]
}

/// Creates a step that builds in the workspace in the directory `root`, whose lock file
/// applies.
fn in_root(before: &'static str) -> Step {
    again()
        .after(before)
        .by(How::Script("cd root; $CARGO run -q --offline -p app"))
}

/// A checksum that cargo does not verify.
const SUM: &str = concat!(
    r#"{"files":{},"package":"aaaaaaaa"#,
    "00000000000000000000000000000000000000000000000000000000",
    r#""}"#
);

//! Cases about crates of a git repository. The commit that was built counts.

use crate::case::{Case, Files, How, Step, again, case};
use crate::package_files::Edit;

/// Commits `dep` to a repository, updates to its newest commit if `$UPDATE` is set, and
/// runs the program. The first and the last step remove cargo's copy of the repository.
const BUILD: &str = r#"
repository=$PWD/../beside/joblib-stale-repository
kept="${CARGO_HOME:-$HOME/.cargo}/git/*/joblib-stale-repository-*"
export CARGO_NET_GIT_FETCH_WITH_CLI=true GIT_CONFIG_COUNT=3
export GIT_CONFIG_KEY_0=url.file://$PWD/../beside/.insteadOf GIT_CONFIG_VALUE_0=https://git.invalid/
export GIT_CONFIG_KEY_1=user.name GIT_CONFIG_VALUE_1=somebody
export GIT_CONFIG_KEY_2=user.email GIT_CONFIG_VALUE_2=somebody@git.invalid
if [ ! -d $repository ]; then
    rm -rf $kept
    mkdir -p $repository
    (cd $repository && git init -q -b main)
fi
(
    cd $repository
    rm -rf dep && cp -r $OLDPWD/dep . && git add -A
    git commit -q -m "an edit" || true
) > ../beside/log
[ -z "$UPDATE" ] || $CARGO update -q dep 2> ../beside/log || true
$CARGO run -q $ARGUMENTS
[ -z "$LAST" ] || rm -rf $kept
"#;

const DEP: Files = &[
    (
        "dep/Cargo.toml",
        "[workspace]\n[package]\nname = \"dep\"\nversion = \"1.0.0\"\nedition = \"2024\"\n[features]\nwide = []\n",
    ),
    (
        "dep/src/lib.rs",
        "
pub fn go(x: i64) -> i64 { if cfg!(feature = \"wide\") { x + 100 } else { x + 1 } }
pub fn is_debug() -> bool { cfg!(debug_assertions) }
pub fn text() -> String { include_str!(\"text\").to_owned() }
",
    ),
    ("dep/src/text", "one"),
];

/// Creates a step that builds the program with the newest commit, which contains the
/// edits of the step.
fn build() -> Step {
    again().by(How::Script(BUILD)).with("UPDATE", "yes")
}

pub(super) fn cases() -> Vec<Case> {
    let main = "
#[memoize] fn f(x: i64) -> i64 { dep::go(x) }
#[memoize] fn g(x: i64) -> i64 { x }
#[memoize] fn h(_: i64) -> (String, bool) { (dep::text(), dep::is_debug()) }
";
    let add = |number| build().and(Edit::Replace("dep/src/lib.rs", "x + 1 }", number));
    vec![
        case(
            "what a git dependency was built from counts",
            &["f(3)", "g(3)", "h(3)"],
            main,
        )
        .files(DEP)
        .depends("dep = { git = \"https://git.invalid/joblib-stale-repository\" }")
        .manifest("[features]\nwide = [\"dep/wide\"]")
        .first(build())
        .step(add("x + 2 }").changes(&["f"]).keeps(&["g"]))
        .step(build().only(&[]))
        .step(add("x + 3 }").with("UPDATE", "").only(&[]))
        .step(
            build()
                .with("ARGUMENTS", "--features wide")
                .changes(&["f"])
                .keeps(&["g"]),
        )
        .step(
            build()
                .and(Edit::Write("dep/src/text", "two"))
                .changes(&["h"])
                .keeps(&["g"]),
        )
        .step(
            build()
                .with(
                    "ARGUMENTS",
                    "--config profile.dev.package.dep.debug-assertions=false",
                )
                .changes(&["h"])
                .keeps(&["g"]),
        )
        .step(build().with("LAST", "yes").only(&[])),
    ]
}

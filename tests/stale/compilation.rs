//! Cases about the compilation itself: editions, files that are saved during a build,
//! and builds without cargo.

use crate::case::{Case, Files, How, PROC_MACRO, again, case_of_f, edit};
use crate::package_files::Edit;

pub(crate) fn cases() -> Vec<Case> {
    [editions(), saved(), times(), direct()]
        .into_iter()
        .flatten()
        .collect()
}

/// Prints the order in which a local and a temporary are dropped. The order depends on
/// the edition.
const NOISY: &str = r#"
use std::cell::RefCell;
pub struct Noisy<'a>(pub &'a RefCell<String>, pub &'static str);
impl Drop for Noisy<'_> { fn drop(&mut self) { self.0.borrow_mut().push_str(self.1); } }
impl Noisy<'_> { pub fn len(&self) -> i64 { 1 } }
pub fn tail(log: &RefCell<String>) -> i64 { let _l = Noisy(log, "local "); Noisy(log, "temporary ").len() }
pub fn told() -> String { let log = RefCell::new(String::new()); tail(&log); log.into_inner() }
"#;

const NOISY_CRATE: Files = &[
    (
        "noisy/Cargo.toml",
        r#"
[package]
name = "noisy"
version = "1.0.0"
edition = "2021"
"#,
    ),
    ("noisy/src/lib.rs", NOISY),
];

fn editions() -> Vec<Case> {
    vec![
        case_of_f(
            "the edition counts",
            "
mod noisy;
#[memoize] fn f(_: i64) -> String { noisy::told() }
",
        )
        .edition("2021")
        .file("src/noisy.rs", NOISY)
        .step(edit("Cargo.toml", "edition = \"2021\"", "edition = \"2024\"").changes(&["f"]))
        .undone(),
        case_of_f(
            "the edition of a crate beside counts, and for nobody else",
            "#[memoize] fn f(_: i64) -> String { noisy::told() }",
        )
        .needs("noisy", NOISY_CRATE)
        .edit("noisy/Cargo.toml", "2021", "2024", &["f"]),
        case_of_f(
            "the edition of a crate whose macro is called counts",
            r#"#[memoize] fn f(x: i64) -> String { old::kind!(x as u8) }"#,
        )
        .library(
            "old",
            r#"
#[macro_export] macro_rules! kind { ($x:expr) => {{
    let items = [$x; 2];
    let item = items.into_iter().next().unwrap();
    std::mem::size_of_val(&item).to_string()
}} }
"#,
        )
        .file("old/Cargo.toml", "edition = \"2018\"\n")
        .step(edit("old/Cargo.toml", "2018", "2021").only(&["f"]))
        .undone(),
        case_of_f(
            "an edition that comes from the workspace counts",
            "#[memoize] fn f(_: i64) -> String { noisy::told() }",
        )
        .library("noisy", NOISY)
        .file("noisy/Cargo.toml", "edition.workspace = true\n")
        .manifest("[workspace]\n[workspace.package]\nedition = \"2021\"")
        .step(
            edit(
                "Cargo.toml",
                "[workspace.package]\nedition = \"2021\"",
                "[workspace.package]\nedition = \"2024\"",
            )
            .only(&["f"]),
        )
        .undone(),
    ]
}

/// A procedural macro that writes the file that `armed` names, once. It simulates a
/// user who edits a file during a long build.
const SAVING: Files = &[
    ("saving/Cargo.toml", PROC_MACRO),
    (
        "saving/src/lib.rs",
        r#"
use std::{env, fs, path::Path};
#[proc_macro]
pub fn save(_: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let dir = env::var("CARGO_MANIFEST_DIR").unwrap();
    let dir = Path::new(&dir);
    if let Ok(armed) = fs::read_to_string(dir.join("armed")) {
        let (file, text) = armed.split_once('\n').unwrap();
        fs::write(dir.join(file), text).unwrap();
        fs::remove_file(dir.join("armed")).unwrap();
    }
    Default::default()
}
"#,
    ),
];

/// Creates a program whose first compilation saves a file, as configured by `armed`.
fn while_compiling(promise: &'static str, armed: &'static str, main: &'static str) -> Case {
    case_of_f(promise, main)
        .needs("saving", SAVING)
        .first(again().after(armed))
        .step(again().after("touch src/main.rs"))
        .step(again())
}

fn saved() -> Vec<Case> {
    let helper = "pub fn go(x: i64) -> i64 { x + 1 }";
    let armed = r#"printf 'src/helper.rs\npub fn go(x: i64) -> i64 { x + 2 }' > armed"#;
    let dep: Files = &[("dep/src/lib.rs", "pub fn go(x: i64) -> i64 { x + 1 }")];
    vec![
        while_compiling("a file that is saved while the compiler runs leaves nothing behind", armed, "
mod helper;
saving::save!();
#[memoize] fn f(x: i64) -> i64 { helper::go(x) }
")
        .file("src/helper.rs", helper),
        case_of_f("a file that is saved while the compiler runs causes a warning", "
mod helper;
saving::save!();
#[memoize] fn f(x: i64) -> i64 { helper::go(x) }
")
        .needs("saving", SAVING)
        .file("src/helper.rs", helper)
        .first(again().after(armed).warns(&["helper.rs"])),
        while_compiling(
            "the root file that is saved while the compiler runs leaves nothing behind",
            "(echo src/main.rs; sed 's/x + 1/x + 2/' src/main.rs) > ../armed; mv ../armed armed",
            "
fn helper(x: i64) -> i64 { x + 1 }
saving::save!();
#[memoize] fn f(x: i64) -> i64 { helper(x) }
",
        ),
        while_compiling(
            "a file that is saved after it was included leaves nothing behind",
            r"printf 'src/words.txt\nseven' > armed",
            r#"
const WORDS: &str = include_str!("words.txt");
mod later { saving::save!(); }
#[memoize] fn f(_: i64) -> String { WORDS.to_owned() }
"#,
        )
        .file("src/words.txt", "four"),
        while_compiling(
            "a crate beside that is saved after it was compiled leaves nothing behind",
            r#"printf 'dep/src/lib.rs\npub fn go(x: i64) -> i64 { x + 2 }' > armed"#,
            "
saving::save!();
#[memoize] fn f(x: i64) -> i64 { dep::go(x) }
",
        )
        .needs("dep", dep),
        while_compiling(
            "a macro of a crate beside that is saved after it was compiled leaves nothing behind",
            r#"printf 'rules/src/lib.rs\n#[macro_export] macro_rules! go { ($x:expr) => { $x + 2 } }' > armed"#,
            "
saving::save!();
#[memoize] fn f(x: i64) -> i64 { rules::go!(x) }
",
        )
        .library("rules", "#[macro_export] macro_rules! go { ($x:expr) => { $x + 1 } }"),
        while_compiling(
            "the manifest that is saved while the compiler runs leaves nothing behind",
            "(echo Cargo.toml; sed 's/0.0\"$/1.0\"/' Cargo.toml) > ../armed; mv ../armed armed",
            r#"
saving::save!();
#[memoize] fn f(_: i64) -> String { env!("CARGO_PKG_VERSION").to_owned() }
"#,
        ),
        while_compiling(
            "a module that appears while the compiler runs leaves nothing behind",
            r#"printf 'src/helper.rs\npub fn go(x: i64) -> i64 { x + 2 }' > armed"#,
            r#"
mod helper { include!("helper.rs"); }
saving::save!();
#[memoize] fn f(x: i64) -> i64 { helper::go(x) }
"#,
        )
        .file("src/helper.rs", helper),
    ]
}

/// Creates a program with a module in a file of its own.
fn with_helper(promise: &'static str) -> Case {
    let main = "\nmod helper;\n#[memoize] fn f(x: i64) -> i64 { helper::go(x) }\n";
    case_of_f(promise, main).file("src/helper.rs", "pub fn go(x: i64) -> i64 { x + 1 }")
}

fn times() -> Vec<Case> {
    let dep: Files = &[
        ("dep/src/lib.rs", "mod deep; pub use deep::go;"),
        ("dep/src/deep.rs", "pub fn go(x: i64) -> i64 { x + 1 }"),
    ];
    vec![
        with_helper("a file whose time is set back counts")
            .step(
                edit("src/helper.rs", "x + 1", "x + 2")
                    .after("touch -d '2 hours ago' src/helper.rs; touch src/main.rs")
                    .only(&["f"]),
            )
            .step(
                again()
                    .after("touch -d '3 hours ago' src/helper.rs; touch src/main.rs")
                    .only(&[]),
            ),
        with_helper("a file whose time is in the future counts")
            .step(
                edit("src/helper.rs", "x + 1", "x + 2")
                    .after("touch -d '2 hours' src/helper.rs")
                    .changes(&["f"]),
            )
            .step(
                edit("src/helper.rs", "x + 1", "x + 3")
                    .after("touch -d '2 hours' src/helper.rs")
                    .changes(&["f"]),
            )
            .step(again()),
        case_of_f(
            "a crate beside that cargo does not build again leaves nothing behind",
            "#[memoize] fn f(x: i64) -> i64 { dep::go(x) }",
        )
        .needs("dep", dep)
        .step(
            edit("dep/src/deep.rs", "x + 1", "x + 2")
                .after("touch -d '2 hours ago' dep/src/deep.rs; touch src/main.rs"),
        )
        .step(
            edit("dep/src/deep.rs", "x + 1", "x + 2")
                .after("touch dep/src/deep.rs")
                .changes(&["f"]),
        )
        .step(again().after("touch -d '2 hours ago' dep/src/deep.rs; touch src/main.rs"))
        .step(again().after("touch dep/src/deep.rs")),
        with_helper("a file whose time is set back to the same second counts")
            .first(again().after("touch -d '2020-01-01 00:00:00' src/helper.rs"))
            .step(
                edit("src/helper.rs", "x + 1", "x + 2")
                    .after("touch -d '2020-01-01 00:00:00' src/helper.rs; touch src/main.rs")
                    .only(&["f"]),
            ),
        case_of_f(
            "another checkout of the sources counts",
            "
mod helper;
#[memoize] fn f(x: i64) -> i64 { helper::go(x) + dep::go(x) }
",
        )
        .needs("dep", dep)
        .file("src/helper.rs", "pub fn go(x: i64) -> i64 { x + 1 }")
        .step(
            edit("src/helper.rs", "x + 1", "x + 2")
                .and(Edit::Remove("dep/src/deep.rs"))
                .and(Edit::Write(
                    "dep/src/deep/mod.rs",
                    "pub fn go(x: i64) -> i64 { x + 5 }",
                ))
                .only(&["f"]),
        )
        .step(
            edit("src/helper.rs", "x + 1", "x + 5")
                .and(Edit::Replace("dep/src/deep.rs", "x + 1", "x + 2"))
                .only(&["f"]),
        )
        .undone(),
    ]
}

/// Compiles `dep` and the program as other build systems do.
const DIRECT: &str = r#"
$CARGO build -q --offline
joblib=$(ls -t $TARGET/debug/deps/libjoblib-*.rlib | head -n 1)
mkdir -p ../beside/out
for crate in below dep; do
    if [ -e $crate.rs ]; then
        rustc --edition 2024 --crate-type rlib --crate-name $crate $crate.rs -L ../beside/out -o ../beside/out/lib$crate.rlib
        externs="$externs --extern $crate=../beside/out/lib$crate.rlib"
    fi
done
rustc --edition 2024 --crate-name app src/main.rs --cfg direct $externs \
    --extern joblib=$joblib -L dependency=$TARGET/debug/deps -L ../beside/out -o ../beside/app
../beside/app
"#;

/// Creates a program that compiles as intended only with [`DIRECT`].
fn by_rustc(promise: &'static str, main: &'static str) -> Case {
    case_of_f(promise, main).first(again().by(How::Script(DIRECT)))
}

fn direct() -> Vec<Case> {
    let same = || again().by(How::Script(DIRECT));
    vec![
        by_rustc(
            "a crate that rustc is given by its file counts",
            "
#[cfg(direct)] #[memoize] fn f(x: i64) -> i64 { dep::go(x) }
#[cfg(not(direct))] #[memoize] fn f(x: i64) -> i64 { x }
",
        )
        .file("dep.rs", "pub fn go(x: i64) -> i64 { x + 1 }")
        .step(
            same()
                .and(Edit::Replace("dep.rs", "x + 1", "x + 2"))
                .changes(&["f"]),
        ),
        by_rustc(
            "a crate that rustc finds below another one counts",
            "
#[cfg(direct)] #[memoize] fn f(x: i64) -> i64 { dep::go(x) }
#[cfg(not(direct))] #[memoize] fn f(x: i64) -> i64 { x }
",
        )
        .file(
            "dep.rs",
            "extern crate below; pub fn go(x: i64) -> i64 { below::go(x) }",
        )
        .file("below.rs", "pub fn go(x: i64) -> i64 { x + 1 }")
        .step(
            same()
                .and(Edit::Replace("below.rs", "x + 1", "x + 2"))
                .changes(&["f"]),
        ),
        by_rustc(
            "a generic function and a macro of a crate that rustc is given count",
            "
#[cfg(direct)] #[memoize] fn f(x: i64) -> i64 { dep::go(x) + dep::twice!(x) }
#[cfg(not(direct))] #[memoize] fn f(x: i64) -> i64 { x }
",
        )
        .file(
            "dep.rs",
            "
#[inline] pub fn go<T: Copy + std::ops::Add<i64, Output = i64>>(x: T) -> i64 { x + 1 }
#[macro_export] macro_rules! twice { ($x:expr) => { $x * 2 } }
",
        )
        .step(
            same()
                .and(Edit::Replace("dep.rs", "x + 1", "x + 2"))
                .changes(&["f"]),
        )
        .step(
            same()
                .and(Edit::Replace("dep.rs", "$x * 2", "$x * 3"))
                .changes(&["f"]),
        ),
        by_rustc(
            "a module of a program that rustc compiles counts",
            "
mod helper;
#[memoize] fn f(x: i64) -> i64 { helper::go(x) }
",
        )
        .file("src/helper.rs", "pub fn go(x: i64) -> i64 { x + 1 }")
        .step(
            same()
                .and(Edit::Replace("src/helper.rs", "x + 1", "x + 2"))
                .only(&["f"]),
        )
        .step(same().only(&[])),
        case_of_f(
            "arguments that rustc reads from a file count",
            "
mod helper;
#[memoize] fn f(x: i64) -> i64 { if cfg!(fast) { -helper::go(x) } else { helper::go(x) } }
",
        )
        .file("src/helper.rs", "pub fn go(x: i64) -> i64 { x + 1 }")
        .first(again().by(How::Script(BY_FILE)))
        .step(
            again()
                .by(How::Script(BY_FILE))
                .and(Edit::Replace("src/helper.rs", "x + 1", "x + 2"))
                .only(&["f"]),
        )
        .step(
            again()
                .with("FAST", "--cfg=fast")
                .by(How::Script(BY_FILE))
                .only(&["f"]),
        )
        .step(again().by(How::Script(BY_FILE)).only(&[])),
    ]
}

/// Compiles the program with all arguments in an argument file.
const BY_FILE: &str = r#"
$CARGO build -q --offline
joblib=$(ls -t $TARGET/debug/deps/libjoblib-*.rlib | head -n 1)
mkdir -p ../beside
printf '%s\n' --edition=2024 --crate-name=app src/main.rs -L dependency=$TARGET/debug/deps -o ../beside/app $FAST \
    --extern joblib=$joblib | sed 's/^\(-[Lo]\) /\1\n/' > ../beside/arguments
rustc @../beside/arguments
../beside/app
"#;

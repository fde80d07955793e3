//! Cases about the source of other crates: patches, overrides, vendoring and renamed
//! crates.

use crate::case::{Case, Files, again, case, case_of_f, edit};
use crate::package_files::Edit;

/// Crates that replace `outer` of the registry, and `log`.
const MINE: Files = &[
    (
        "mine/outer/Cargo.toml",
        r#"
[package]
name = "outer"
version = "1.1.0"
edition = "2024"
[features]
wide = []
[dependencies]
inner = { version = "1", registry = "shelf" }
"#,
    ),
    (
        "mine/outer/src/lib.rs",
        "pub fn go() -> i64 { 7 } pub fn version() -> &'static str { env!(\"CARGO_PKG_VERSION\") }",
    ),
];

const PATCH: &str = "[patch.shelf]\nouter = { path = \"mine/outer\" }\n";

const PATCHED: &str = r#"
[registries.shelf]
index = "sparse+https://shelf.invalid/"
[source.shelf]
registry = "sparse+https://shelf.invalid/"
replace-with = "vendored"
[source.vendored]
directory = "vendor"
[patch.shelf]
outer = { path = "mine/outer" }
"#;

const OUTER: &str = "
#[memoize] fn f(x: i64) -> i64 { x + outer::go() }
";

impl Case {
    fn mine(self) -> Case {
        self.files(MINE)
    }
}

pub(super) fn cases() -> Vec<Case> {
    let log = "
#[memoize] fn f(_: i64) -> i64 { log::level() }
";
    vec![
        case_of_f("a patch in the manifest counts", OUTER)
            .on_the_shelf()
            .mine()
            .manifest("[workspace]\nexclude = [\"mine\"]")
            .manifest(PATCH)
            .edit("mine/outer/src/lib.rs", "{ 7 }", "{ 8 }", &["f"])
            .step(
                edit("Cargo.toml", "outer = { path = \"mine/outer\" }", "")
                    .changes(&["f"]),
            )
            .undone(),
        case_of_f("a patch in cargo's configuration counts", OUTER)
            .on_the_shelf()
            .mine()
            .file(".cargo/config.toml", PATCHED)
            .manifest("[workspace]\nexclude = [\"mine\"]")
            .edit("mine/outer/src/lib.rs", "{ 7 }", "{ 8 }", &["f"]),
        case_of_f("a patch of a crate of the public registry in cargo's configuration counts", log)
            .depends("log = \"0.4\"")
            .manifest("[workspace]\nexclude = [\"mine\"]")
            .file(".cargo/config.toml", "[patch.crates-io]\nlog = { path = \"mine/log\" }\n")
            .file("mine/log/Cargo.toml", "[package]\nname = \"log\"\nversion = \"0.4.35\"\nedition = \"2024\"\n[features]\nstd = []\n")
            .file("mine/log/src/lib.rs", "pub fn level() -> i64 { 7 }")
            .edit("mine/log/src/lib.rs", "{ 7 }", "{ 8 }", &["f"]),
        case_of_f("a patch of a crate below another one counts", OUTER)
            .on_the_shelf()
            .manifest("[workspace]\nexclude = [\"mine\"]\n[patch.shelf]\ninner = { path = \"mine/inner\" }")
            .file("mine/inner/Cargo.toml", "[package]\nname = \"inner\"\nversion = \"1.1.0\"\nedition = \"2024\"\n[features]\nwide = []\n")
            .file(
                "mine/inner/src/lib.rs",
                "pub fn go() -> i64 { deep::K } mod deep; pub trait Step { fn step(&self) -> i64; }",
            )
            .file("mine/inner/src/deep.rs", "pub const K: i64 = 7;")
            .edit("mine/inner/src/deep.rs", "= 7", "= 8", &["f"]),
        case_of_f("an override by path counts", OUTER)
            .on_the_shelf()
            .mine()
            .manifest("[workspace]\nexclude = [\"mine\"]")
            .file(".cargo/config.toml", concat!("paths = [\"mine/outer\"]\n", r#"
[registries.shelf]
index = "sparse+https://shelf.invalid/"
[source.shelf]
registry = "sparse+https://shelf.invalid/"
replace-with = "vendored"
[source.vendored]
directory = "vendor"
"#))
            .edit("mine/outer/src/lib.rs", "{ 7 }", "{ 8 }", &["f"]),
        case_of_f("a patch given on the command line counts", OUTER)
            .on_the_shelf()
            .mine()
            .manifest("[workspace]\nexclude = [\"mine\"]")
            .step(
                crate::case::run(&["--config", "patch.shelf.outer.path='mine/outer'"]).only(&["f"]),
            )
            .step(
                crate::case::run(&["--config", "patch.shelf.outer.path='mine/outer'"])
                    .and(Edit::Replace("mine/outer/src/lib.rs", "{ 7 }", "{ 8 }"))
                    .only(&["f"]),
            )
            .undone(),
        case_of_f("a crate that is vendored in place of another one counts", OUTER)
            .on_the_shelf()
            .step(
                again()
                    .after("cp -r vendor other; sed -i 's/1000/5/' other/outer-1.1.0/src/lib.rs; sed -i 's/\"vendor\"/\"other\"/' .cargo/config.toml")
                    .only(&["f"]),
            )
            .step(again().after("sed -i 's/\"other\"/\"vendor\"/' .cargo/config.toml").only(&[])),
        case_of_f("a crate beside, outside of the workspace, counts", "#[memoize] fn f(x: i64) -> i64 { x + outside::go() }")
            .depends("outside = { path = \"mine/outside\" }")
            .manifest("[workspace]\nexclude = [\"mine\"]")
            .file("mine/outside/src/lib.rs", "mod deep; pub use deep::go;")
            .file("mine/outside/src/deep.rs", "pub fn go() -> i64 { 7 }")
            .edit("mine/outside/src/deep.rs", "{ 7 }", "{ 8 }", &["f"]),
        case_of_f("a crate whose library has another name and place counts", "#[memoize] fn f(x: i64) -> i64 { x + engine::go() }")
            .depends("the-motor = { path = \"motor\" }")
            .file("motor/Cargo.toml", "
[package]
name = \"the-motor\"
version = \"1.0.0\"
edition = \"2024\"
[lib]
name = \"engine\"
path = \"code/root.rs\"
")
            .file("motor/code/root.rs", "mod deep; pub use deep::go;")
            .file("motor/code/deep.rs", "pub fn go() -> i64 { 7 }")
            .edit("motor/code/deep.rs", "{ 7 }", "{ 8 }", &["f"]),
        case_of_f("a crate under another name counts", "
extern crate engine as turbine;
#[memoize] fn f(x: i64) -> i64 { x + turbine::go() }
")
            .depends("engine = { path = \"motor\", package = \"motor\" }")
            .file("motor/src/lib.rs", "pub fn go() -> i64 { 7 }")
            .edit("motor/src/lib.rs", "{ 7 }", "{ 8 }", &["f"]),
        case_of_f("a crate that another one hands on counts", "#[memoize] fn f(x: i64) -> i64 { x + facade::engine::go() + facade::idle() }")
            .library("facade", "pub extern crate engine; pub use engine::*;")
.file("facade/Cargo.toml", "[dependencies]\nengine = { path = \"../motor\", package = \"motor\" }\n")
.file("motor/src/lib.rs", "pub fn go() -> i64 { 7 } pub fn idle() -> i64 { 1 }")
            .edit("motor/src/lib.rs", "{ 7 }", "{ 8 }", &["f"])
            .edit("motor/src/lib.rs", "{ 1 }", "{ 2 }", &["f"]),
        case_of_f(
            "the library of the same package counts",
            "#[memoize] fn f(x: i64) -> i64 { app::go(x) + app::twice!(x) }",
        )
        .file(
            "src/lib.rs",
            "mod deep; pub use deep::go; #[macro_export] macro_rules! twice { ($x:expr) => { $x * 2 } }",
        )
        .file("src/deep.rs", "pub fn go(x: i64) -> i64 { x + 1 }")
        .edit("src/deep.rs", "x + 1", "x + 2", &["f"])
        .edit("src/lib.rs", "$x * 2", "$x * 3", &["f"]),
        case(
            "the library of the same package counts by its features",
            &["app::f(3)"],
            "",
        )
        .file(
            "src/lib.rs",
            "#[joblib::memoize] pub fn f(x: i64) -> i64 { go(x) }
macro_rules! when { ($($p:tt)*) => { cfg!($($p)*) } }
fn go(x: i64) -> i64 { if when!(feature = \"fast\") { x + 100 } else { x + 1 } }",
        )
        .manifest("[features]\nfast = []")
        .step(crate::case::run(&["--features", "fast"]).only(&["app::f"]))
        .undone(),
    ]
}

//! Functions with equal names, because a file belongs to two targets, a dependency exists
//! in two versions, or the program contains joblib twice: worker processes run the right
//! one.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A crate in two versions, whose functions have the same positions.
const DEPENDENCY: &str = r#"
use joblib::backend::Processes;

#[joblib::parallel]
fn plus(x: u64) -> u64 {
    x + PLUS
}

pub fn sums() -> Vec<u64> {
    let task = joblib::task!(|x: u64| -> u64 { x * 10 * PLUS });
    let sums = plus::par([10, 20]).n_jobs(1).backend(Processes).collect::<Vec<_>>();
    let products = joblib::par([10, 20]).map(task).n_jobs(1).backend(Processes).collect::<Vec<_>>();
    [sums, products].concat()
}

const PLUS: u64 = "#;

/// A file that belongs to both the library and the binary of a package.
const WORK: &str = r#"
#[joblib::parallel]
pub fn target(_: u64) -> String {
    format!("{:?}", option_env!("CARGO_BIN_NAME"))
}
"#;

const MAIN: &str = r#"
mod work;

use joblib::backend::Processes;

#[other::parallel(crate = ::other)]
fn theirs(x: u64) -> (u64, u32) {
    (x, std::process::id())
}

#[joblib::parallel]
fn ours(x: u64) -> (u64, u32) {
    (x, std::process::id())
}

fn main() {
    println!("old {:?}", old::sums());
    println!("new {:?}", new::sums());
    let library = twice::work::target::par([0]).backend(Processes).collect::<Vec<_>>();
    println!("library {library:?}");
    let binary = work::target::par([0]).backend(Processes).collect::<Vec<_>>();
    println!("binary {binary:?}");
    let ours = ours::par([1]).backend(Processes).collect::<Vec<_>>();
    let theirs = theirs::par([2]).backend(other::backend::Processes).collect::<Vec<_>>();
    let here = std::process::id();
    println!("ours {} {}", ours[0].0, ours[0].1 != here);
    println!("theirs {} {}", theirs[0].0, theirs[0].1 != here);
}
"#;

const EXPECTED: &str = r#"old [11, 21, 100, 200]
new [12, 22, 200, 400]
library ["None"]
binary ["Some(\"twice\")"]
ours 1 true
theirs 2 true
"#;

/// A directory below cargo's directory for tests.
fn directory() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("names")
}

fn write(path: &str, text: &str) {
    let path = directory().join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    // Cargo does not compile a file again that is not written again.
    if fs::read_to_string(&path).ok().as_deref() != Some(text) {
        fs::write(path, text).unwrap();
    }
}

fn manifest(name: &str, version: &str, dependencies: &str) -> String {
    let root = env!("CARGO_MANIFEST_DIR");
    format!(
        "[package]\nname = \"{name}\"\nversion = \"{version}\"\nedition = \"2024\"\n\n\
         [dependencies]\njoblib = {{ path = {root:?}, default-features = false }}\n\
         {dependencies}\n\n[workspace]\n"
    )
}

/// Creates a copy of this repository with another version number of joblib.
fn make_other() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let manifest = fs::read_to_string(root.join("Cargo.toml")).unwrap();
    let version = concat!("\"", env!("CARGO_PKG_VERSION"), "\"");
    write("other/Cargo.toml", &manifest.replace(version, "\"9.9.9\""));
    for part in [
        "src",
        "tests",
        "benches",
        "examples",
        "joblib-macros",
        "joblib-runtime",
    ] {
        let (from, to) = (root.join(part), directory().join("other").join(part));
        if from.exists() && !to.is_symlink() {
            symlink(from, to).unwrap();
        }
    }
}

#[test]
fn functions_with_equal_names_and_two_joblibs_are_distinguished() {
    if std::env::var_os("JOBLIB_TEST_WHOLE").is_none() {
        return println!("skipped: it builds joblib twice; set JOBLIB_TEST_WHOLE=1");
    }
    for (version, plus) in [("old", "1"), ("new", "2")] {
        let number = format!("{plus}.0.0");
        write(
            &format!("{version}/Cargo.toml"),
            &manifest("dependency", &number, ""),
        );
        write(
            &format!("{version}/src/lib.rs"),
            &format!("{DEPENDENCY}{plus};\n"),
        );
    }
    let dependencies = "old = { package = \"dependency\", path = \"../old\" }\n\
         new = { package = \"dependency\", path = \"../new\" }\n\
         other = { package = \"joblib\", path = \"../other\", default-features = false }";
    write(
        "twice/Cargo.toml",
        &manifest("twice", "1.0.0", dependencies),
    );
    write("twice/src/lib.rs", "pub mod work;\n");
    write("twice/src/main.rs", MAIN);
    write("twice/src/work.rs", WORK);
    let lock = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.lock");
    write("twice/Cargo.lock", &fs::read_to_string(lock).unwrap());
    make_other();
    let mut command = Command::new(env!("CARGO"));
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy().into_owned();
        if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
            command.env_remove(name);
        }
    }
    let output = command
        .args(["run", "--quiet", "--offline"])
        .current_dir(directory().join("twice"))
        .env("CARGO_TARGET_DIR", directory().join("target"))
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        EXPECTED,
        "{stderr}"
    );
}

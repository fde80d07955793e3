//! Shares one build of the library among the small packages that tests build: the target
//! directory of each package starts as a copy of that build.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

const MANIFEST: &str = "\
[package]
name = \"built\"
version = \"1.0.0\"
edition = \"2024\"
[dependencies]
joblib = { path = \"$JOBLIB\", default-features = false }
[workspace]
[profile.dev]
debug = false
";

/// Copies the compiled library into `target`, unless that is up to date.
pub(crate) fn begin(target: &Path) {
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("built");
    fs::create_dir_all(home.join("src")).expect("a directory is created");
    let lock = File::create(home.join("lock")).expect("the lock file is created");
    lock.lock().expect("the build lock is acquired");
    let built = home.join("target");
    build(&home, &built);
    if compiled_at(target) != compiled_at(&built) {
        copy(&built, target).expect("the build is copied");
    }
}

fn build(home: &Path, target: &Path) {
    let joblib = env!("CARGO_MANIFEST_DIR");
    let write =
        |path: &str, text: &str| fs::write(home.join(path), text).expect("a file is written");
    write("Cargo.toml", &MANIFEST.replace("$JOBLIB", joblib));
    write("src/lib.rs", "");
    let lock = Path::new(joblib).join("Cargo.lock");
    fs::copy(lock, home.join("Cargo.lock")).expect("the lock file is copied");
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--quiet", "--offline"]);
    for name in ["CARGO_BUILD_TARGET", "CARGO_ENCODED_RUSTFLAGS", "RUSTFLAGS"] {
        cargo.env_remove(name);
    }
    let status = cargo
        .current_dir(home)
        .env("CARGO_TARGET_DIR", target)
        .status()
        .expect("cargo starts");
    assert!(status.success(), "building the library failed: {status}");
}

/// Returns when the library in `target` was compiled, or `None` if it is missing.
fn compiled_at(target: &Path) -> Option<SystemTime> {
    let files = fs::read_dir(target.join("debug/deps")).ok()?;
    let paths = files.flatten().map(|file| file.path());
    let is_library = |path: &PathBuf| {
        let name = path.file_stem().and_then(OsStr::to_str);
        let is_joblib = name.is_some_and(|name| name.starts_with("libjoblib-"));
        is_joblib && path.extension() == Some(OsStr::new("rlib"))
    };
    let times = paths.filter(is_library).map(|path| path.metadata());
    times.flatten().filter_map(|it| it.modified().ok()).max()
}

/// Copies a directory and keeps the modification times, by which cargo sees that the
/// files are up to date.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    match fs::remove_dir_all(to) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let status = Command::new("cp").arg("-a").args([from, to]).status()?;
    match status.success() {
        true => Ok(()),
        false => Err(io::Error::other(format!("cp: {status}"))),
    }
}

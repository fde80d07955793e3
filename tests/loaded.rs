//! Code in a library that another program loads: it runs on threads, and a call on worker
//! processes fails at once instead of running that program again.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Returns the library `tests/loaded/plugin.rs`. `cargo test` builds it with all tests;
/// if a single test target runs, this function builds it.
fn plugin() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let built = test.parent().and_then(Path::parent).unwrap();
    let plugin = built.join("examples/libplugin.so");
    if !plugin.exists() {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["build", "--quiet", "--example", "plugin"]);
        assert!(cargo.status().unwrap().success());
    }
    plugin
}

/// Returns the output of `program`.
fn printed(program: &mut Command) -> String {
    let output = program.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{text}{error}");
    text
}

fn is_refused(text: &str, program: &str) {
    assert!(text.contains("threads: [0, 1, 4, 9]"), "{text}");
    assert!(
        text.contains("refused: ") && text.contains(program),
        "{text}"
    );
    assert!(text.contains("backend::Threads"), "{text}");
}

#[test]
fn a_loaded_library_has_no_workers_and_main_runs_once() {
    let directory = tempfile::tempdir().unwrap();
    let host = directory.path().join("host");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/loaded/host.rs");
    let mut compiler = Command::new("rustc");
    compiler
        .args(["--edition", "2024", "-o"])
        .arg(&host)
        .arg(source);
    assert!(compiler.status().unwrap().success());
    for flags in [libc::RTLD_NOW, libc::RTLD_NOW | libc::RTLD_GLOBAL] {
        let text = printed(Command::new(&host).arg(plugin()).arg(flags.to_string()));
        assert_eq!(text.matches("main begins").count(), 1, "{text}");
        is_refused(&text, "host");
    }
}

#[test]
fn a_library_loaded_by_an_interpreter_has_no_workers() {
    let script = format!("import ctypes; ctypes.CDLL({:?}).call()", plugin());
    let mut python = Command::new("python3");
    python.args(["-c", &script]);
    if python.output().is_err() {
        println!("skipped: python3 is not installed");
        return;
    }
    is_refused(&printed(&mut python), "python");
}

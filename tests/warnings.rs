//! A fault of a cache is reported once, with the path and the value, and the functions
//! run as if it did not exist.
//!
//! The calls run in a child process whose standard error is read: this test, run again
//! with the directory in the environment.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use joblib::{Limits, Memory};

const DIR: &str = "JOBLIB_TEST_WARNINGS_DIR";

/// Each fault: the directory it is in, and a text that its warning must contain.
const FAULTS: [(&str, &str); 16] = [
    ("a-file", "a-file is refused: it is a file"),
    ("under-file/cache", "under-file is a file"),
    ("open", "its mode 777 gives other users access"),
    ("link", "it is a symbolic link"),
    (
        "no-target",
        "it is a symbolic link to a directory that does not",
    ),
    (
        "under-link/cache",
        "under-link is a symbolic link to a directory that",
    ),
    ("anothers", "it is owned by user 12345"),
    ("/proc/joblib-rs", "cannot create the directory"),
    ("no-bytes", "limit_bytes of the cache at"),
    ("no-items", "limit_items of the cache at"),
    ("no-age", "limit_age of the cache at"),
    ("later-format", "has the format v3, which is newer than 2"),
    ("later-table", "it starts with `jbTable9`"),
    ("strange-table", "it belongs to log"),
    ("bad-record", "is damaged at byte"),
    ("bad-payload", "its checksum is wrong"),
];

fn memory(root: &Path, name: &str) -> Memory {
    let memory = Memory::at(root.join(name));
    match name {
        "no-bytes" => memory.limit_bytes(0),
        "no-items" => memory.limit_items(0),
        "no-age" => memory.limit_age(Duration::ZERO),
        "later-format" => memory.read_only(),
        _ => memory,
    }
}

fn call(memory: &Memory, n: u64) {
    assert_eq!(memory.cached("square", &n, || n * n), n * n);
    let large = vec![n as u8; 100_000];
    assert_eq!(memory.cached("large", &n, || large.clone()), large);
}

#[test]
fn each_fault_is_reported_once_and_the_functions_run() {
    if let Some(root) = std::env::var_os(DIR) {
        for (name, _) in FAULTS {
            let memory = memory(root.as_ref(), name);
            (0..3).for_each(|n| call(&memory, n));
        }
        return a_removed_directory(&memory(root.as_ref(), "removed"));
    }
    let root = tempfile::tempdir().unwrap();
    let is_root = root.path().metadata().unwrap().uid() == 0;
    prepare(root.path(), is_root);
    let output = Command::new(std::env::current_exe().unwrap())
        .args([
            "each_fault_is_reported_once_and_the_functions_run",
            "--exact",
        ])
        .arg("--nocapture")
        .env(DIR, root.path())
        .output()
        .unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{stderr}");
    assert!(!stderr.contains("removed"), "{stderr}");
    for (name, what) in FAULTS {
        if name == "anothers" && !is_root {
            eprintln!("skipped: only root can change the owner of a directory");
            continue;
        }
        let place = root.path().join(name);
        let is_of = |line: &&str| line.contains(&*place.to_string_lossy());
        let lines: Vec<_> = stderr.lines().filter(is_of).collect();
        assert!(
            matches!(lines[..], [line] if line.starts_with("joblib: warning: ") && line.contains(what)),
            "{name}: {lines:?} in:\n{stderr}"
        );
    }
}

/// The limit on the size of files stands for a full disk: each large result is a file
/// of its own that cannot be written.
#[test]
fn a_disk_that_takes_no_result_is_reported_once() {
    const FULL: &str = "JOBLIB_TEST_FULL_DIR";
    if let Some(dir) = std::env::var_os(FULL) {
        let limit = libc::rlimit {
            rlim_cur: 64 << 10,
            rlim_max: 64 << 10,
        };
        // SAFETY: the pointer is to a valid `rlimit`.
        assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_FSIZE, &limit) }, 0);
        let memory = Memory::at(dir);
        for n in 0..20_u8 {
            let large = vec![n; 100_000];
            assert_eq!(memory.cached("large", &n, || large.clone()), large);
        }
        return;
    }
    let root = tempfile::tempdir().unwrap();
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["a_disk_that_takes_no_result_is_reported_once", "--exact"])
        .arg("--nocapture")
        .env(FULL, root.path())
        .output()
        .unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{stderr}");
    let warnings: Vec<_> = stderr
        .lines()
        .filter(|it| it.contains("joblib: "))
        .collect();
    assert!(
        matches!(warnings[..], [line] if line.contains("or a limit on the size of files")),
        "{stderr}"
    );
}

/// A removed directory is created again, which is not a fault.
fn a_removed_directory(memory: &Memory) {
    for n in 0..3 {
        call(memory, n);
        fs::remove_dir_all(memory.dir()).unwrap();
        assert_eq!(memory.entries().unwrap(), []);
        memory.clear_memory();
        call(memory, n);
        assert_eq!(memory.entries().unwrap().len(), 2);
    }
}

fn prepare(root: &Path, is_root: bool) {
    let dir = |name| {
        let dir = root.join(name);
        fs::create_dir(&dir).unwrap();
        dir
    };
    let mode =
        |dir: &Path, mode| fs::set_permissions(dir, PermissionsExt::from_mode(mode)).unwrap();
    fs::write(root.join("a-file"), "").unwrap();
    fs::write(root.join("under-file"), "").unwrap();
    mode(&dir("open"), 0o777);
    symlink(dir("target"), root.join("link")).unwrap();
    for link in ["no-target", "under-link"] {
        symlink(root.join("nowhere"), root.join(link)).unwrap();
    }
    if is_root {
        chown(dir("anothers"), Some(12345), None).unwrap();
    }
    let later = dir("later-format");
    mode(&later, 0o700);
    fs::create_dir(later.join("v3")).unwrap();
    for name in ["later-table", "strange-table", "bad-record", "bad-payload"] {
        let memory = memory(root, name);
        (0..2).for_each(|n| call(&memory, n));
        memory.reduce_size(Limits::default()).unwrap();
    }
    let inner = |name: &str| root.join(name).join("v2");
    change(&file(&inner("later-table"), "idx"), |table| table[7] = b'9');
    let [table, other] = ["strange-table", "bad-record"].map(|name| file(&inner(name), "idx"));
    fs::copy(other, table).unwrap();
    change(&file(&inner("bad-record"), "log"), |log| {
        // The first record describes a function.
        let second = log
            .windows(4)
            .skip(8)
            .position(|four| four == b"jbR2")
            .unwrap()
            + 8;
        log[second + 80] ^= 1;
    });
    for payload in fs::read_dir(inner("bad-payload").join("big"))
        .unwrap()
        .take(1)
    {
        change(&payload.unwrap().path(), |bytes| bytes[100] ^= 1);
    }
}

fn file(dir: &Path, extension: &str) -> PathBuf {
    let mut paths = fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    paths
        .find(|path| path.extension().is_some_and(|found| found == extension))
        .unwrap()
}

fn change(path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(path).unwrap();
    change(&mut bytes);
    fs::write(path, bytes).unwrap();
}

/// A process whose standard error is closed must not fail because of it.
#[test]
fn a_closed_standard_error_is_harmless() {
    if std::env::var_os(DIR).is_some() {
        let memory = Memory::at("/proc/joblib-rs").verbose(1);
        assert_eq!(memory.cached("square", &3, || 9), 9);
        return;
    }
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let status = Command::new(std::env::current_exe().unwrap())
        .args([
            "a_closed_standard_error_is_harmless",
            "--exact",
            "--nocapture",
        ])
        .env(DIR, "any")
        .stderr(writer)
        .status()
        .unwrap();
    assert!(status.success());
}

//! The owner and the mode of the directory, and the marks in it.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use super::*;

/// Returns a path that does not exist yet.
fn place() -> (tempfile::TempDir, PathBuf) {
    let parent = tempfile::tempdir().unwrap();
    let dir = parent.path().join("cache");
    (parent, dir)
}

const SHARED: StoreOptions = StoreOptions {
    limits: Limits {
        bytes: None,
        items: None,
        age: None,
    },
    read_only: false,
    shared: true,
    on_large: None,
};

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

/// Returns the error of a store in `dir` that is refused because of `path`, which may
/// be inside it.
fn refusal(dir: &Path, path: &Path) -> String {
    match Store::open(dir, StoreOptions::default()) {
        Err(error @ Error::Refused { .. }) => {
            let text = error.to_string();
            let path: PathBuf = path.components().collect();
            assert!(
                text.starts_with(&format!("{} is", path.display())),
                "{text}"
            );
            text
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_directory_is_for_the_user_alone_and_marked() {
    let (_parent, dir) = place();
    open(&dir).put(id(1), &meta(1), &[1; BIG + 1]).unwrap();
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    for inner in ["", "v2", "v2/big"] {
        assert_eq!(mode(&dir.join(inner)), 0o700);
    }
    for name in names(&dir.join("v2")) {
        assert_eq!(mode(&dir.join("v2").join(name)) & 0o077, 0);
    }
    let text = |name| fs::read_to_string(dir.join(name)).unwrap();
    assert_eq!(text(".gitignore"), "*\n");
    assert!(text("CACHEDIR.TAG").starts_with("Signature: 8a477f59"));
}

#[test]
fn marks_cover_nothing_but_the_cache() {
    let (_parent, dir) = place();
    fs::create_dir(&dir).unwrap();
    fs::write(dir.join("thesis.tex"), "ten years").unwrap();
    open(&dir).put(id(1), &meta(1), &[1]).unwrap();
    for mark in [".gitignore", "CACHEDIR.TAG"] {
        assert!(!dir.join(mark).exists());
        assert!(dir.join("v2").join(mark).exists());
    }
    let store = open(&dir);
    assert!(store.get(id(1), false).unwrap().is_some());
    store.clear().unwrap();
    assert!(dir.join("thesis.tex").exists() && dir.join("v2/.gitignore").exists());
}

#[test]
fn a_torn_mark_is_written_anew_and_one_of_the_user_stays() {
    let (_parent, dir) = place();
    let marks = [dir.join(".gitignore"), dir.join("CACHEDIR.TAG")];
    drop(open(&dir));
    for mark in &marks {
        let whole = fs::read(mark).unwrap();
        for len in 0..whole.len() {
            fs::write(mark, &whole[..len]).unwrap();
            drop(open(&dir));
            assert_eq!(fs::read(mark).unwrap(), whole);
        }
        let own = [&whole[..], b"!kept\n"].concat();
        fs::write(mark, &own).unwrap();
        drop(open(&dir));
        assert_eq!(fs::read(mark).unwrap(), own);
    }
    assert!(
        names(&dir.join("v2"))
            .iter()
            .all(|name| !name.starts_with("tmp-"))
    );
}

#[test]
fn a_directory_that_others_may_enter_is_refused_with_its_mode() {
    let (_parent, dir) = place();
    drop(open(&dir));
    for (inner, mode) in [
        ("", 0o777),
        ("", 0o775),
        ("", 0o720),
        ("", 0o702),
        ("v2", 0o755),
        ("v2", 0o701),
        ("v2/big", 0o770),
    ] {
        let path = dir.join(inner);
        set_mode(&path, mode);
        assert!(refusal(&dir, &path).contains(&format!("mode {mode:o}")));
        assert!(Store::open(&dir, SHARED).is_ok());
        set_mode(&path, 0o700);
    }
    // Other users may see that there is a cache, as long as they cannot access its
    // files.
    set_mode(&dir, 0o755);
    assert!(Store::open(&dir, StoreOptions::default()).is_ok());
}

#[test]
fn a_directory_of_another_user_is_refused_with_the_number_of_the_user() {
    let (_parent, dir) = place();
    drop(open(&dir));
    if !rustix::process::geteuid().is_root() {
        eprintln!("skipped: only root can give a directory away");
        return;
    }
    for inner in ["", "v2", "v2/big"] {
        let path = dir.join(inner);
        std::os::unix::fs::chown(&path, Some(12345), None).unwrap();
        assert!(refusal(&dir, &path).contains("user 12345"));
        assert!(Store::open(&dir, SHARED).is_ok());
        std::os::unix::fs::chown(&path, Some(0), None).unwrap();
    }
    assert!(Store::open(&dir, StoreOptions::default()).is_ok());
}

#[test]
fn a_link_in_place_of_a_directory_is_refused() {
    let (parent, dir) = place();
    let target = parent.path().join("target");
    drop(open(&target));
    symlink(&target, &dir).unwrap();
    assert!(refusal(&dir, &dir).contains("symbolic link"));
    fs::remove_file(&dir).unwrap();
    for inner in ["v2", "v2/big"] {
        drop(open(&dir));
        let path = dir.join(inner);
        fs::remove_dir_all(&path).unwrap();
        symlink(target.join(inner), &path).unwrap();
        assert!(refusal(&dir, &path).contains("symbolic link"));
        fs::remove_dir_all(&dir).unwrap();
    }
    fs::create_dir(&dir).unwrap();
    symlink(parent.path().join("nowhere"), dir.join("v2")).unwrap();
    assert!(Store::open(&dir, StoreOptions::default()).is_err());
    assert!(!parent.path().join("nowhere").exists());
}

#[test]
fn a_file_in_place_of_a_directory_is_refused() {
    let (_parent, dir) = place();
    fs::write(&dir, "").unwrap();
    assert!(refusal(&dir, &dir).contains("is a file"));
    let below = dir.join("below");
    assert!(refusal(&below, &below).contains(&format!("{} is a file", dir.display())));
    fs::remove_file(&dir).unwrap();
    for inner in ["v2", "v2/big"] {
        drop(open(&dir));
        let path = dir.join(inner);
        fs::remove_dir_all(&path).unwrap();
        fs::write(&path, "").unwrap();
        assert!(refusal(&dir, &path).contains("is a file"));
        fs::remove_dir_all(&dir).unwrap();
    }
}

#[test]
fn a_directory_that_cannot_be_made_is_named() {
    let dir = Path::new("/proc/joblib-rs/cache");
    let error = Store::open(dir, StoreOptions::default()).unwrap_err();
    let text = error.to_string();
    let expected = format!("cannot create the directory {}", dir.display());
    assert!(text.contains(&expected), "{text}");
}

#[test]
fn links_in_place_of_files_are_not_followed() {
    let (parent, dir) = place();
    let store = open(&dir);
    store.put(id(1), &meta(1), b"one").unwrap();
    store.put(id(2), &meta(1), &[2; BIG + 1]).unwrap();
    drop(store);
    let inner = dir.join("v2");
    let big = inner.join("big");
    let aside = parent.path().join("aside");
    let files = [(1, only_log(&dir)), (2, big.join(&names(&big)[0]))];
    for (n, path) in files {
        fs::rename(&path, &aside).unwrap();
        symlink(&aside, &path).unwrap();
        let store = open(&dir);
        assert!(!store.contains(id(n)));
        drop(store);
        fs::remove_file(&path).unwrap();
        fs::rename(&aside, &path).unwrap();
    }
    for name in ["lock", "pulse"] {
        let path = inner.join(name);
        fs::remove_file(&path).unwrap();
        fs::write(&aside, "mine").unwrap();
        symlink(&aside, &path).unwrap();
        let store = open(&dir);
        store.put(id(3), &meta(1), b"three").unwrap();
        assert_eq!(payload(&store, 3).unwrap(), b"three");
        assert_eq!(fs::read(&aside).unwrap(), b"mine");
        fs::remove_file(&path).unwrap();
    }
}

#[test]
fn what_is_no_file_in_place_of_one_changes_no_result() {
    let (_parent, dir) = place();
    drop(open(&dir));
    let inner = dir.join("v2");
    let names = [
        "lock",
        "pulse",
        "0000000000000001.log",
        "0000000000000002.idx",
    ];
    for name in names {
        let path = inner.join(name);
        let _ = fs::remove_file(&path);
        let pipe = rustix::fs::Mode::from_raw_mode(0o600);
        rustix::fs::mknodat(rustix::fs::CWD, &path, rustix::fs::FileType::Fifo, pipe, 0).unwrap();
    }
    for n in 0..2 {
        let store = open(&dir);
        store.put(id(n), &meta(1), b"value").unwrap();
        assert_eq!(payload(&store, n).unwrap(), b"value");
        for name in names {
            let path = inner.join(name);
            let _ = fs::remove_file(&path);
            fs::create_dir_all(&path).unwrap();
        }
    }
    assert_eq!(payload(&open(&dir), 0).unwrap(), b"value");
}

#[test]
fn a_later_format_is_left_alone_and_named_where_nothing_else_is_there() {
    let (_parent, dir) = place();
    fs::create_dir(&dir).unwrap();
    set_mode(&dir, 0o700);
    fs::create_dir(dir.join("v3")).unwrap();
    fs::write(dir.join("v3/file"), "later").unwrap();
    let read_only = StoreOptions {
        read_only: true,
        ..StoreOptions::default()
    };
    let text = Store::open(&dir, read_only).unwrap_err().to_string();
    assert!(
        text.contains("format v3") && text.contains(&*dir.to_string_lossy()),
        "{text}"
    );
    let store = open(&dir);
    store.put(id(1), &meta(1), b"one").unwrap();
    store.clear().unwrap();
    assert_eq!(fs::read(dir.join("v3/file")).unwrap(), b"later");
    assert!(Store::open(&dir, read_only).is_ok());
}

#[test]
fn files_that_somebody_else_put_there_are_not_read() {
    let (parent, dir) = place();
    if !rustix::process::geteuid().is_root() {
        eprintln!("skipped: only root can give a file away");
        return;
    }
    // Another user filled a directory and replaced ours with it.
    let forged = parent.path().join("forged");
    let store = open(&forged);
    store.put(id(1), &meta(1), b"forged").unwrap();
    store.put(id(2), &meta(2), &vec![7; BIG + 1]).unwrap();
    drop(store);
    for name in names(&forged.join("v2")) {
        let path = forged.join("v2").join(name);
        std::os::unix::fs::chown(path, Some(12345), None).unwrap();
    }
    fs::rename(&forged, &dir).unwrap();
    std::os::unix::fs::chown(dir.join("v2/big"), Some(0), None).unwrap();
    let store = open(&dir);
    for number in [1, 2] {
        assert!(!matches!(store.get(id(number), false), Ok(Some(_))));
    }
    // The option `shared` accepts files of other users.
    let shared = Store::open(&dir, SHARED).unwrap();
    assert!(shared.get(id(1), false).unwrap().is_some());
}

#[test]
fn a_large_result_that_somebody_else_put_there_is_not_read() {
    let (_parent, dir) = place();
    if !rustix::process::geteuid().is_root() {
        eprintln!("skipped: only root can give a file away");
        return;
    }
    let store = open(&dir);
    store.put(id(1), &meta(1), &vec![7; BIG + 1]).unwrap();
    let big = dir.join("v2/big");
    for name in names(&big) {
        std::os::unix::fs::chown(big.join(name), Some(12345), None).unwrap();
    }
    let error = store.get(id(1), false).unwrap_err().to_string();
    assert!(error.contains("owned by user 12345"), "{error}");
}

//! Paths that do not name a regular file, and unusual file names.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::thread;

use super::{Place, dumped, inspect};
use crate::persist::{Dump, Durability, ErrorKind, dump, load, open};

/// Writes, replaces, reads, and maps a file with this name.
#[track_caller]
fn assert_valid_name(name: &OsStr) {
    let place = Place::new();
    let path = place.directory.path().join(name);
    for number in [1_u64, 2] {
        dump(&number, &path).unwrap();
        assert_eq!(load::<u64>(&path).unwrap(), number);
        assert_eq!(*open::<u64>(&path).unwrap().view(), number);
    }
    assert_eq!(place.names().len(), 1);
}

/// Returns why there cannot be a file at `path`. Asserts that nothing is left behind.
#[track_caller]
fn assert_invalid_path(path: &Path) -> String {
    let written = dump(&7_u8, path).unwrap_err();
    assert_eq!(written.path(), Some(path));
    load::<u8>(path).unwrap_err();
    open::<u8>(path).unwrap_err();
    inspect(path).unwrap_err();
    written.to_string()
}

#[test]
fn a_name_of_255_bytes_is_a_name() {
    assert_valid_name(OsStr::new(&"n".repeat(255)));
    assert_valid_name(OsStr::new(&"n".repeat(200)));
    assert_valid_name(OsStr::new(&"n".repeat(199)));
}

#[test]
fn a_name_of_256_bytes_is_refused() {
    let place = Place::new();
    assert_invalid_path(&place.directory.path().join("n".repeat(256)));
    assert!(place.names().is_empty());
}

#[test]
fn a_path_longer_than_the_system_takes_is_refused() {
    let place = Place::new();
    assert_invalid_path(&place.directory.path().join("n/".repeat(2100)));
    assert!(place.names().is_empty());
}

#[test]
fn a_name_that_is_not_utf_8_is_a_name() {
    assert_valid_name(OsStr::from_bytes(b"\xff\xfe"));
}

#[test]
fn odd_names_are_names() {
    for name in [
        " ",
        "-",
        "...",
        "CON",
        "a.",
        "\u{202e}gpj",
        "a\nb",
        ".hidden",
        "é",
    ] {
        assert_valid_name(OsStr::new(name));
    }
}

#[test]
fn names_of_different_case_are_different_files() {
    let place = Place::new();
    let (lower, upper) = (
        place.directory.path().join("a"),
        place.directory.path().join("A"),
    );
    dump(&1_u8, &lower).unwrap();
    dump(&2_u8, &upper).unwrap();
    assert_eq!(load::<u8>(&lower).unwrap(), 1);
}

#[test]
fn a_zero_byte_in_a_path_is_refused() {
    let place = Place::new();
    assert_invalid_path(&place.directory.path().join("a\0b"));
    assert_invalid_path(&place.directory.path().join("a\0b/c"));
    assert!(place.names().is_empty());
}

#[test]
fn a_path_that_names_a_directory_is_refused() {
    let place = Place::new();
    fs::create_dir(&place.path).unwrap();
    assert!(assert_invalid_path(&place.path).contains("not a file that can be written to"));
    assert_invalid_path(&place.path.join(".."));
    assert_invalid_path(&place.path.join("."));
    assert_invalid_path(Path::new(""));
    assert_invalid_path(Path::new("/"));
    assert_eq!(place.names(), ["value"]);
}

#[test]
fn a_way_through_dots_leads_to_the_file() {
    let place = Place::new();
    fs::create_dir(&place.path).unwrap();
    let path = place.path.join("../other");
    dump(&7_u8, &path).unwrap();
    assert_eq!(load::<u8>(&path).unwrap(), 7);
    assert_eq!(place.names(), ["other", "value"]);
}

#[test]
fn a_directory_that_is_not_there_or_is_a_file_is_refused() {
    let place = Place::new();
    assert_invalid_path(&place.path.join("a"));
    fs::write(&place.path, "a file").unwrap();
    assert_invalid_path(&place.path.join("a"));
    assert_eq!(place.names(), ["value"]);
}

#[test]
fn a_link_is_followed_and_stays() {
    let place = Place::new();
    let link = place.directory.path().join("link");
    fs::write(&place.path, "old").unwrap();
    symlink("value", &link).unwrap();
    dump(&7_u8, &link).unwrap();
    assert_eq!(load::<u8>(&place.path).unwrap(), 7);
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(place.names(), ["link", "value"]);
}

#[test]
fn links_to_nothing_make_what_they_name() {
    let place = Place::new();
    let (first, second) = (
        place.directory.path().join("1"),
        place.directory.path().join("2"),
    );
    symlink("2", &first).unwrap();
    symlink("value", &second).unwrap();
    dump(&7_u8, &first).unwrap();
    assert!(fs::symlink_metadata(&first).unwrap().is_symlink());
    assert!(fs::symlink_metadata(&second).unwrap().is_symlink());
    assert_eq!(load::<u8>(&place.path).unwrap(), 7);
    assert_eq!(place.names(), ["1", "2", "value"]);
}

#[test]
fn links_in_a_circle_are_refused() {
    let place = Place::new();
    let (first, second) = (
        place.directory.path().join("1"),
        place.directory.path().join("2"),
    );
    symlink("2", &first).unwrap();
    symlink("1", &second).unwrap();
    assert_invalid_path(&first);
    assert_eq!(place.names(), ["1", "2"]);
}

#[test]
fn a_full_device_is_an_error() {
    let error = dump(&vec![1.5; 100_000], "/dev/full").unwrap_err();
    let ErrorKind::Io { source, .. } = error.kind() else {
        panic!("{error}");
    };
    assert_eq!(source.kind(), std::io::ErrorKind::StorageFull);
}

#[test]
fn a_device_without_an_end_is_none_of_ours() {
    let error = load::<u8>("/dev/zero").unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Foreign { .. }), "{error}");
    assert!(open::<u8>("/dev/zero").is_err());
    assert!(inspect("/dev/zero").is_err());
}

fn fifo(place: &Place) {
    let mode = rustix::fs::Mode::from_raw_mode(0o600);
    let fifo = rustix::fs::FileType::Fifo;
    rustix::fs::mknodat(rustix::fs::CWD, &place.path, fifo, mode, 0).unwrap();
}

#[test]
fn a_pipe_is_written_through_and_read() {
    let place = Place::new();
    fifo(&place);
    let value: Vec<u64> = (0..50_000).collect();
    let read = thread::scope(|scope| {
        scope.spawn(|| dump(&value, &place.path).unwrap());
        load::<Vec<u64>>(&place.path).unwrap()
    });
    assert!(read == value);
    assert_eq!(place.names(), ["value"]);
}

#[test]
fn a_pipe_that_nobody_writes_to_cannot_be_mapped() {
    let place = Place::new();
    fifo(&place);
    for error in [
        open::<u8>(&place.path).unwrap_err(),
        inspect(&place.path).unwrap_err(),
    ] {
        assert!(
            error.to_string().contains("read it with `Load::read`"),
            "{error}"
        );
    }
}

#[test]
fn a_file_with_another_name_too_keeps_its_old_contents_there() {
    let place = Place::new();
    let other = place.directory.path().join("other");
    fs::write(&place.path, "old").unwrap();
    fs::hard_link(&place.path, &other).unwrap();
    dump(&7_u8, &place.path).unwrap();
    assert_eq!(fs::read(&other).unwrap(), b"old");
}

#[test]
fn a_map_shows_the_file_that_was_replaced() {
    let place = Place::new();
    dump(&vec![1.5; 20_000], &place.path).unwrap();
    let mapped = open::<Vec<f64>>(&place.path).unwrap();
    dump(&vec![2.5; 20_000], &place.path).unwrap();
    assert!(mapped.view().iter().all(|it| *it == 1.5));
    mapped.verify().unwrap();
}

#[test]
fn many_threads_that_write_one_file_leave_one_of_theirs_whole() {
    let place = Place::new();
    dump(&vec![0_u64; 2_000], &place.path).unwrap();
    thread::scope(|scope| {
        for number in 0..8_u64 {
            let path = &place.path;
            scope.spawn(move || {
                for _ in 0..20 {
                    let durability = Dump::new().durability(Durability::Nothing);
                    durability.to(path, &vec![number; 2_000]).unwrap();
                    let read: Vec<u64> = load(path).unwrap();
                    assert!(read.iter().all(|it| *it == read[0]));
                }
            });
        }
    });
    assert_eq!(place.names(), ["value"]);
}

#[test]
fn a_directory_that_cannot_be_written_leaves_the_old_file() {
    // A directory in which even root cannot create files.
    let error = dump(&7_u8, "/proc/self/status").unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::Directory { .. }),
        "{error}"
    );
    let place = Place::with(&dumped(&1_u8));
    let directory = place.directory.path();
    fs::set_permissions(directory, fs::Permissions::from_mode(0o500)).unwrap();
    let written = dump(&2_u8, &place.path);
    fs::set_permissions(directory, fs::Permissions::from_mode(0o700)).unwrap();
    // Root can write to the directory.
    let expected = if written.is_ok() { 2 } else { 1 };
    assert_eq!(load::<u8>(&place.path).unwrap(), expected);
    assert_eq!(place.names(), ["value"]);
}

#[test]
fn a_value_without_a_name_is_read_from_a_directory_as_an_error() {
    let error = load::<u8>("/").unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Io { .. }), "{error}");
}

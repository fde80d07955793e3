//! Files that cannot or must not be replaced.

use std::fs;
use std::os::fd::AsRawFd;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};
use std::thread;

use super::access::as_other_user;
use super::{Place, assert_contains};
use crate::persist::{Dump, ErrorKind, dump, load};

fn is_root() -> bool {
    if !rustix::process::geteuid().is_root() {
        eprintln!("skipped: it needs root");
    }
    rustix::process::geteuid().is_root()
}

/// A file of another user in a directory of that user with this mode.
fn in_directory(mode: u32) -> Place {
    let place = Place::new();
    dump(&1_u64, &place.path).unwrap();
    for path in [place.directory.path(), &place.path] {
        chown(path, Some(65534), Some(65534)).unwrap();
    }
    fs::set_permissions(place.directory.path(), fs::Permissions::from_mode(mode)).unwrap();
    place
}

fn inode(path: &Path) -> u64 {
    fs::metadata(path).unwrap().ino()
}

#[test]
fn a_directory_that_cannot_be_read_can_be_written() {
    if !is_root() {
        return;
    }
    let place = in_directory(0o333);
    let new = place.directory.path().join("new");
    as_other_user(|| {
        dump(&2_u64, &place.path).unwrap();
        dump(&3_u64, &new).unwrap();
    });
    assert_eq!(load::<u64>(&place.path).unwrap(), 2);
    assert_eq!(load::<u64>(&new).unwrap(), 3);
}

#[test]
fn a_directory_that_takes_no_file_is_named_and_may_be_gone_round() {
    if !is_root() {
        return;
    }
    let place = in_directory(0o555);
    let old = inode(&place.path);
    as_other_user(|| {
        let error = dump(&2_u64, &place.path).unwrap_err();
        let ErrorKind::Directory { directory, .. } = error.kind() else {
            panic!("{error}");
        };
        assert_eq!(directory, place.directory.path());
        assert!(error.to_string().contains("`Dump::in_place`"), "{error}");
        assert_eq!(load::<u64>(&place.path).unwrap(), 1);
        let in_place = Dump::new().in_place(true);
        in_place.to(&place.path, &vec![2_u64; 5000]).unwrap();
        assert!(load::<Vec<u64>>(&place.path).unwrap() == [2; 5000]);
        in_place.to(&place.path, &3_u64).unwrap();
        let new = in_place.to(place.directory.path().join("new"), &3_u64);
        let error = new.unwrap_err().to_string();
        assert_contains(&error, &*place.directory.path().to_string_lossy());
    });
    assert_eq!(load::<u64>(&place.path).unwrap(), 3);
    assert_eq!(inode(&place.path), old, "the same file");
    assert_eq!(place.names(), ["value"]);
}

#[test]
fn what_cannot_be_written_leaves_a_file_that_would_be_overwritten() {
    if !is_root() {
        return;
    }
    let place = in_directory(0o555);
    as_other_user(|| {
        let busy = std::cell::RefCell::new(7_u64);
        let _held = busy.borrow_mut();
        let in_place = Dump::new().in_place(true);
        in_place.to(&place.path, &busy).unwrap_err();
    });
    assert_eq!(load::<u64>(&place.path).unwrap(), 1);
}

#[test]
fn what_can_be_replaced_is_not_overwritten() {
    let place = Place::new();
    dump(&1_u64, &place.path).unwrap();
    let other = place.directory.path().join("other");
    fs::hard_link(&place.path, &other).unwrap();
    let in_place = Dump::new().in_place(true);
    in_place.to(&place.path, &2_u64).unwrap();
    assert_eq!(load::<u64>(&other).unwrap(), 1);
    assert_eq!(load::<u64>(&place.path).unwrap(), 2);
}

#[test]
fn what_is_to_be_new_replaces_nothing() {
    let place = Place::new();
    let new = Dump::new().create_new(true);
    new.to(&place.path, &1_u64).unwrap();
    let (link, nowhere) = (
        place.directory.path().join("l"),
        place.directory.path().join("n"),
    );
    symlink("value", &link).unwrap();
    symlink("nothing", &nowhere).unwrap();
    for path in [&place.path, &link, &nowhere, &PathBuf::from("/dev/null")] {
        let error = new.to(path, &2_u64).unwrap_err();
        let error = std::io::Error::from(error);
        assert_eq!(error.kind(), std::io::ErrorKind::AlreadyExists, "{error}");
    }
    assert_eq!(load::<u64>(&place.path).unwrap(), 1);
    assert_eq!(place.names(), ["l", "n", "value"]);
}

#[test]
fn of_many_that_write_a_new_file_one_succeeds() {
    let place = Place::new();
    let new = Dump::new().create_new(true);
    let written = thread::scope(|scope| {
        let path = &place.path;
        let threads = (0..8_u64).map(|number| scope.spawn(move || new.to(path, &number).is_ok()));
        let threads: Vec<_> = threads.collect();
        let ends = threads.into_iter().map(|it| it.join().unwrap());
        ends.collect::<Vec<bool>>()
    });
    let one = written.iter().position(|it| *it).unwrap() as u64;
    assert_eq!(written.iter().filter(|it| **it).count(), 1);
    assert_eq!(load::<u64>(&place.path).unwrap(), one);
    assert_eq!(place.names(), ["value"]);
}

/// Writes to the path of a pipe and returns what the other end receives.
fn through_a_pipe(path: impl FnOnce(i32) -> PathBuf) -> Vec<u64> {
    let value: Vec<u64> = (0..50_000).collect();
    let (reader, writer) = std::io::pipe().unwrap();
    let path = path(writer.as_raw_fd());
    thread::scope(|scope| {
        scope.spawn(move || {
            dump(&value, path).unwrap();
            drop(writer);
        });
        super::super::Load::new().read(reader).unwrap()
    })
}

#[test]
fn links_of_the_system_lead_to_what_they_stand_for() {
    let place = Place::new();
    let link = place.directory.path().join("link");
    let link = &link;
    let expected: Vec<u64> = (0..50_000).collect();
    assert!(through_a_pipe(|fd| format!("/dev/fd/{fd}").into()) == expected);
    assert!(through_a_pipe(|fd| format!("/proc/self/fd/{fd}").into()) == expected);
    assert!(
        through_a_pipe(|fd| {
            symlink(format!("/dev/fd/{fd}"), link).unwrap();
            link.clone()
        }) == expected
    );
    assert_eq!(place.names(), ["link"]);
}

#[test]
fn a_file_that_a_descriptor_leads_to_is_replaced_where_it_has_its_name() {
    let place = Place::new();
    fs::write(&place.path, "old").unwrap();
    let file = fs::File::options().write(true).open(&place.path).unwrap();
    dump(&7_u64, format!("/dev/fd/{}", file.as_raw_fd())).unwrap();
    assert_eq!(load::<u64>(&place.path).unwrap(), 7);
    assert_eq!(place.names(), ["value"]);
}

#[test]
fn a_file_without_a_name_is_written_as_it_is() {
    let unlinked = tempfile::tempfile().unwrap();
    let flags = rustix::fs::MemfdFlags::CLOEXEC;
    let memory = fs::File::from(rustix::fs::memfd_create("value", flags).unwrap());
    for file in [unlinked, memory] {
        file.set_len(1 << 20).unwrap();
        let path = format!("/proc/self/fd/{}", file.as_raw_fd());
        dump(&7_u64, &path).unwrap();
        assert_eq!(load::<u64>(&path).unwrap(), 7);
    }
}

#[test]
fn a_link_to_nothing_that_somebody_left_where_all_may_write_is_not_followed() {
    if !is_root() {
        return;
    }
    let place = Place::new();
    let shared = place.directory.path().join("shared");
    fs::create_dir(&shared).unwrap();
    fs::set_permissions(&shared, fs::Permissions::from_mode(0o1777)).unwrap();
    fs::set_permissions(place.directory.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let link = shared.join("link");
    as_other_user(|| symlink(&place.path, &link).unwrap());
    let error = dump(&7_u64, &link).unwrap_err().to_string();
    assert!(error.contains("another user"), "{error}");
    assert_eq!(place.names(), ["shared"]);
    // The link is followed in a directory that is not world-writable, and so is a link
    // of this user.
    fs::set_permissions(&shared, fs::Permissions::from_mode(0o755)).unwrap();
    dump(&7_u64, &link).unwrap();
    fs::remove_file(&place.path).unwrap();
    fs::set_permissions(&shared, fs::Permissions::from_mode(0o1777)).unwrap();
    fs::remove_file(&link).unwrap();
    symlink(&place.path, &link).unwrap();
    dump(&7_u64, &link).unwrap();
    assert_eq!(load::<u64>(&place.path).unwrap(), 7);
}

#[test]
fn a_users_files_beside_it_stay() {
    let place = Place::new();
    let names = [
        ".value.new",
        ".value.new.20240101",
        ".value.new.7.0",
        ".value.new.mine",
    ];
    for name in names {
        // These contents begin like our temporary files.
        dump(&1_u8, place.directory.path().join(name)).unwrap();
    }
    for number in 0..3_u64 {
        dump(&number, &place.path).unwrap();
    }
    let mut expected = names.map(str::to_owned).to_vec();
    expected.push("value".to_owned());
    assert_eq!(place.names(), expected);
}

#[test]
fn a_path_that_ends_like_a_directorys_makes_no_file() {
    let place = Place::new();
    for end in ["new/", "new/.", "new//"] {
        let path = place.directory.path().join(end);
        let error = dump(&7_u64, &path).unwrap_err().to_string();
        assert!(error.contains("the path does not name a file"), "{error}");
    }
    assert!(place.names().is_empty());
}

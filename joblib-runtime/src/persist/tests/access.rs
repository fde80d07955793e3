//! Permissions of a file that replaces another. Most tests need root, to act as several
//! users.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::Path;

use rustix::fs::{XattrFlags, lgetxattr, lsetxattr};
use rustix::io::Errno;
use rustix::process::{DumpableBehavior, geteuid, set_dumpable_behavior};
use rustix::thread::{set_thread_groups, set_thread_res_gid, set_thread_res_uid};
use rustix::{fs::Gid, fs::Uid};

use super::Place;
use crate::persist::atomic_write::{ReplaceMode, replace};
use crate::persist::error::ErrorKind;
use crate::persist::{dump, load};

/// A user other than root, and the user's only group.
const OTHER_USER: u32 = 65534;
/// A group that the user is not in.
const STAFF: u32 = 4;

const LIST: &str = "system.posix_acl_access";
const DEFAULT_LIST: &str = "system.posix_acl_default";

fn is_root() -> bool {
    if !geteuid().is_root() {
        eprintln!("skipped: it needs root");
    }
    geteuid().is_root()
}

/// Runs as a user other than root.
pub(super) fn as_other_user<R: Send>(work: impl FnOnce() -> R + Send) -> R {
    as_user(OTHER_USER, work)
}

/// Credentials belong to threads; this thread changes its own and then ends.
fn as_user<R: Send>(user: u32, work: impl FnOnce() -> R + Send) -> R {
    let thread = || {
        let (group, user) = (Gid::from_raw(OTHER_USER), Uid::from_raw(user));
        set_thread_groups(&[]).unwrap();
        set_thread_res_gid(group, group, group).unwrap();
        set_thread_res_uid(user, user, user).unwrap();
        // A change of credentials makes the process undumpable, which prevents access
        // to its `/proc` files; other tests need them.
        set_dumpable_behavior(DumpableBehavior::Dumpable).unwrap();
        work()
    };
    std::thread::scope(|scope| scope.spawn(thread).join().unwrap())
}

/// A file with this user and group, in a directory of another user.
fn owned(user: u32, group: u32, mode: u32) -> Place {
    let place = Place::new();
    dump(&1_u8, &place.path).unwrap();
    chown(place.directory.path(), Some(OTHER_USER), Some(OTHER_USER)).unwrap();
    chown(&place.path, Some(user), Some(group)).unwrap();
    set_mode(&place.path, mode);
    place
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[track_caller]
fn assert_permissions(path: &Path, mode: u32, user: u32, group: u32) {
    let about = fs::metadata(path).unwrap();
    let found = (about.mode() & 0o7777, about.uid(), about.gid());
    assert_eq!(found, (mode, user, group), "mode {:o}", found.0);
}

/// An access control list with the permissions of the owner, user 2000, the group, the
/// mask, and others.
fn list(owner: u16, user: u16, group: u16, most: u16, other: u16) -> Vec<u8> {
    let nobody = u32::MAX;
    let mut bytes = 2_u32.to_le_bytes().to_vec();
    for (tag, rights, id) in [
        (0x01, owner, nobody),
        (0x02, user, 2000),
        (0x04, group, nobody),
        (0x10, most, nobody),
        (0x20, other, nobody),
    ] {
        bytes.extend_from_slice(&u16::to_le_bytes(tag));
        bytes.extend_from_slice(&rights.to_le_bytes());
        bytes.extend_from_slice(&id.to_le_bytes());
    }
    bytes
}

/// Sets a list. Returns whether the file system supports it.
fn set_list(path: &Path, name: &str, list: &[u8]) -> bool {
    match lsetxattr(path, name, list, XattrFlags::empty()) {
        Err(Errno::OPNOTSUPP) => {
            eprintln!("skipped: the file system has no access control lists");
            false
        }
        set => {
            set.unwrap();
            true
        }
    }
}

fn list_of(path: &Path) -> Option<Vec<u8>> {
    let mut list = [0; 1000];
    match lgetxattr(path, LIST, &mut list[..]) {
        Ok(len) => Some(list[..len].to_vec()),
        Err(Errno::NODATA) => None,
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn a_file_keeps_its_mode() {
    let place = Place::new();
    for mode in [0o600, 0o640, 0o755, 0o664, 0o606] {
        fs::write(&place.path, "old").unwrap();
        set_mode(&place.path, mode);
        dump(&7_u8, &place.path).unwrap();
        assert_eq!(fs::metadata(&place.path).unwrap().mode() & 0o7777, mode);
        fs::remove_file(&place.path).unwrap();
    }
}

#[test]
fn rights_of_the_owner_that_a_program_has_do_not_go_to_new_contents() {
    let place = Place::new();
    dump(&1_u8, &place.path).unwrap();
    for mode in [0o4755, 0o2755, 0o6711] {
        set_mode(&place.path, mode);
        dump(&2_u8, &place.path).unwrap();
        assert_eq!(fs::metadata(&place.path).unwrap().mode() & 0o7000, 0);
    }
}

#[test]
fn a_file_stays_its_owners_and_its_groups_if_root_writes_it() {
    if !is_root() {
        return;
    }
    for (user, group, mode) in [
        (OTHER_USER, OTHER_USER, 0o600),
        (OTHER_USER, STAFF, 0o640),
        (7, 8, 0o664),
    ] {
        let place = owned(user, group, mode);
        dump(&2_u8, &place.path).unwrap();
        assert_permissions(&place.path, mode, user, group);
        assert_eq!(load::<u8>(&place.path).unwrap(), 2);
    }
}

#[test]
fn a_group_that_cannot_be_kept_lets_nobody_else_read() {
    if !is_root() {
        return;
    }
    for (mode, expected) in [
        (0o640, 0o600),
        (0o660, 0o600),
        (0o664, 0o644),
        (0o604, 0o600),
    ] {
        let place = owned(OTHER_USER, STAFF, mode);
        as_other_user(|| dump(&2_u8, &place.path).unwrap());
        assert_permissions(&place.path, expected, OTHER_USER, OTHER_USER);
        assert_eq!(load::<u8>(&place.path).unwrap(), 2);
    }
}

#[test]
fn an_owner_that_cannot_be_kept_leaves_the_group_what_it_had() {
    if !is_root() {
        return;
    }
    let place = owned(7, OTHER_USER, 0o660);
    as_other_user(|| dump(&2_u8, &place.path).unwrap());
    assert_permissions(&place.path, 0o660, OTHER_USER, OTHER_USER);
}

#[test]
fn an_access_list_is_kept() {
    if !is_root() {
        return;
    }
    let list = list(6, 6, 0, 6, 0);
    for writes_as_root in [true, false] {
        let place = owned(OTHER_USER, OTHER_USER, 0o600);
        if !set_list(&place.path, LIST, &list) {
            return;
        }
        match writes_as_root {
            true => dump(&2_u8, &place.path).unwrap(),
            false => as_other_user(|| dump(&2_u8, &place.path).unwrap()),
        }
        assert_eq!(list_of(&place.path).as_ref(), Some(&list));
        assert_permissions(&place.path, 0o660, OTHER_USER, OTHER_USER);
        // The mask makes the group bits of the mode visible, but the group has no
        // permissions; user 2000 has them.
        set_mode(place.directory.path(), 0o755);
        as_user(2000, || load::<u8>(&place.path).unwrap());
        as_user(3000, || load::<u8>(&place.path).unwrap_err());
    }
}

/// The list is not read from another file that is at the path by then.
#[test]
fn an_access_list_is_that_of_the_file_whose_owner_and_mode_are_kept() {
    if !is_root() {
        return;
    }
    let (old, other) = (list(6, 6, 0, 6, 0), list(6, 6, 6, 6, 6));
    for other_has_list in [true, false] {
        let place = owned(OTHER_USER, OTHER_USER, 0o600);
        if !set_list(&place.path, LIST, &old) {
            return;
        }
        let mut contents = |out: &mut dyn std::io::Write, _| {
            fs::rename(&place.path, place.directory.path().join("moved")).unwrap();
            fs::write(&place.path, "other").unwrap();
            assert!(!other_has_list || set_list(&place.path, LIST, &other));
            out.write_all(b"new").map_err(ErrorKind::io("writing"))
        };
        replace(&place.path, ReplaceMode::default(), &mut contents).unwrap();
        assert_eq!(fs::read(&place.path).unwrap(), b"new");
        assert_eq!(list_of(&place.path).as_ref(), Some(&old));
        assert_permissions(&place.path, 0o660, OTHER_USER, OTHER_USER);
    }
}

#[test]
fn an_access_list_that_cannot_be_kept_leaves_the_file_to_its_writer() {
    if !is_root() {
        return;
    }
    for list in [
        list(6, 6, 0, 6, 0),
        list(6, 4, 4, 4, 4),
        list(6, 0, 4, 6, 4),
    ] {
        let place = owned(OTHER_USER, STAFF, 0o600);
        if !set_list(&place.path, LIST, &list) {
            return;
        }
        as_other_user(|| dump(&2_u8, &place.path).unwrap());
        assert_permissions(&place.path, 0o600, OTHER_USER, OTHER_USER);
        assert_eq!(list_of(&place.path), None);
    }
}

#[test]
fn a_list_that_the_directory_gives_is_for_new_files() {
    let place = Place::new();
    let lists = list(7, 7, 5, 7, 0);
    if !set_list(place.directory.path(), DEFAULT_LIST, &lists) {
        return;
    }
    let made = place.directory.path().join("made");
    fs::write(&made, "by others").unwrap();
    dump(&1_u8, &place.path).unwrap();
    assert!(list_of(&place.path).is_some());
    assert_eq!(list_of(&place.path), list_of(&made));
    // A file without a list does not get one.
    rustix::fs::lremovexattr(&place.path, LIST).unwrap();
    set_mode(&place.path, 0o640);
    dump(&2_u8, &place.path).unwrap();
    assert_eq!(list_of(&place.path), None);
    assert_eq!(fs::metadata(&place.path).unwrap().mode() & 0o777, 0o640);
}

#[test]
fn a_write_protected_file_is_not_replaced() {
    let refused = |place: &Place| {
        let error = dump(&2_u8, &place.path).unwrap_err();
        assert!(error.to_string().contains("chmod u+w"), "{error}");
        let kind = std::io::Error::from(error).kind();
        assert_eq!(kind, std::io::ErrorKind::PermissionDenied);
    };
    match is_root() {
        // A file of this user, of another user, and one that only its group may write
        // to.
        true => {
            for (user, mode) in [(OTHER_USER, 0o444), (7, 0o644), (OTHER_USER, 0o460)] {
                let place = owned(user, STAFF, mode);
                as_other_user(|| refused(&place));
                assert_eq!(load::<u8>(&place.path).unwrap(), 1);
                assert_permissions(&place.path, mode, user, STAFF);
            }
        }
        false => {
            let place = Place::new();
            dump(&1_u8, &place.path).unwrap();
            set_mode(&place.path, 0o444);
            refused(&place);
            set_mode(&place.path, 0o644);
            dump(&2_u8, &place.path).unwrap();
        }
    }
}

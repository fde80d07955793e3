//! Files with a name from the start, as they are where a file system has none
//! without.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::super::error::ErrorKind;
use super::super::layout::MAGIC;
use super::fresh::Fresh;
use super::target::{Place, Target};
use super::{Manner, left, replace};

fn place(directory: &Path) -> Place {
    match Target::find(&directory.join("a.joblib")).unwrap() {
        Target::Free(place) | Target::Named(place, _) => place,
        _ => panic!("it is a plain file or none"),
    }
}

fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).unwrap();
    let name = |it: fs::DirEntry| it.file_name().into_string().unwrap();
    entries.map(|it| name(it.unwrap())).collect()
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

#[test]
fn what_was_left_is_removed_and_what_is_being_written_is_not() {
    let directory = tempfile::tempdir().unwrap();
    let place = place(directory.path());
    let beside = left::beside(&place.name);
    for (name, contents) in [
        (beside.clone(), &MAGIC[..]),
        (left::own(&beside), &MAGIC[..3]),
        (left::own(&beside), b""),
        (left::own(&beside), &[0; 5000]),
    ] {
        fs::write(directory.path().join(name), contents).unwrap();
    }
    let one = Fresh::named(&place, true).unwrap();
    assert_eq!(names(directory.path()).len(), 1);
    let other = Fresh::named(&place, false).unwrap();
    assert_eq!(names(directory.path()).len(), 2);
    drop((one, other));
    assert!(names(directory.path()).is_empty());
}

#[test]
fn what_only_looks_like_a_file_that_was_left_stays() {
    let directory = tempfile::tempdir().unwrap();
    let place = place(directory.path());
    let beside = left::beside(&place.name).into_string().unwrap();
    let others = [
        ".a.joblib.new".to_owned(),
        ".a.joblib.new.20240101".to_owned(),
        ".a.joblib.new.30447.0".to_owned(),
        ".a.joblib.new-0123456789abcdef".to_owned(),
        format!("{beside}.bak"),
        format!("{beside}-20240101"),
        format!("{beside}-0123456789abcdef0"),
    ];
    for name in &others {
        fs::write(directory.path().join(name), MAGIC).unwrap();
    }
    // The right name is not enough either.
    let mine = format!("{beside}-0123456789abcdef");
    fs::write(directory.path().join(&mine), "mine").unwrap();
    std::os::unix::fs::symlink(&mine, directory.path().join(&beside)).unwrap();
    drop(Fresh::named(&place, true).unwrap());
    assert_eq!(names(directory.path()).len(), others.len() + 2);
}

#[test]
fn a_named_file_takes_the_place_of_another() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.joblib");
    fs::write(&path, "old").unwrap();
    let place = place(directory.path());
    let mut fresh = Fresh::named(&place, true).unwrap();
    (&fresh.file).write_all(b"new").unwrap();
    fresh.publish(true).unwrap();
    drop(fresh);
    assert_eq!(fs::read(&path).unwrap(), b"new");
    assert_eq!(names(directory.path()), ["a.joblib"]);
}

#[test]
fn a_named_file_that_is_to_be_new_replaces_none() {
    let directory = tempfile::tempdir().unwrap();
    let place = place(directory.path());
    let mut first = Fresh::named(&place, false).unwrap();
    let mut second = Fresh::named(&place, false).unwrap();
    (&first.file).write_all(b"first").unwrap();
    first.publish_new().unwrap();
    let error = second.publish_new().unwrap_err().to_string();
    assert!(error.contains("`create_new` replaces nothing"), "{error}");
    drop((first, second));
    assert_eq!(names(directory.path()), ["a.joblib"]);
    assert_eq!(
        fs::read(directory.path().join("a.joblib")).unwrap(),
        b"first"
    );
}

#[test]
fn a_named_file_is_its_writers_alone_until_it_is_whole() {
    let directory = tempfile::tempdir().unwrap();
    let place = place(directory.path());
    fs::write(directory.path().join("usual"), "").unwrap();
    for has_old in [true, false] {
        let fresh = Fresh::named(&place, has_old).unwrap();
        let name = names(directory.path()).into_iter().find(|it| it != "usual");
        let path = directory.path().join(name.unwrap());
        assert_eq!(mode(&path), 0o600);
        if let Some(access) = &fresh.access {
            access.give(fresh.file.get().unwrap()).unwrap();
            assert_eq!(mode(&path), mode(&directory.path().join("usual")));
        }
    }
}

#[test]
fn what_is_taken_from_others_while_a_file_is_written_stays_taken() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.joblib");
    fs::write(&path, "old").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let written = replace(&path, Manner::default(), &mut |out, _| {
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        out.write_all(b"new").map_err(ErrorKind::io("writing"))
    });
    written.unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"new");
    assert_eq!(mode(&path), 0o600);
}

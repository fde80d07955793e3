//! Temporary files with a name, as used on file systems without unnamed files.

use std::fs;
use std::io::Write;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use super::target::{DirEntry, DumpTarget};
use super::temp_file::TempFile;
use super::{ReplaceMode, replace, stale_files};
use crate::persist::error::ErrorKind;
use crate::persist::layout::MAGIC;

fn place(directory: &Path) -> DirEntry {
    match DumpTarget::find(&directory.join("a.joblib")).unwrap() {
        DumpTarget::Free(place) | DumpTarget::Named(place, _) => place,
        _ => panic!("expected a regular file or none"),
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
    let prefix = stale_files::prefix(&place.name);
    for (name, contents) in [
        (prefix.clone(), &MAGIC[..]),
        (stale_files::unique(&prefix), &MAGIC[..3]),
        (stale_files::unique(&prefix), b""),
        (stale_files::unique(&prefix), &[0; 5000]),
    ] {
        fs::write(directory.path().join(name), contents).unwrap();
    }
    let one = TempFile::named(&place, true).unwrap();
    assert_eq!(names(directory.path()).len(), 1);
    let other = TempFile::named(&place, false).unwrap();
    assert_eq!(names(directory.path()).len(), 2);
    drop((one, other));
    assert!(names(directory.path()).is_empty());
}

#[test]
fn what_only_looks_like_a_file_that_was_left_stays() {
    let directory = tempfile::tempdir().unwrap();
    let place = place(directory.path());
    let prefix = stale_files::prefix(&place.name).into_string().unwrap();
    let others = [
        ".a.joblib.new".to_owned(),
        ".a.joblib.new.20240101".to_owned(),
        ".a.joblib.new.30447.0".to_owned(),
        ".a.joblib.new-0123456789abcdef".to_owned(),
        format!("{prefix}.bak"),
        format!("{prefix}-20240101"),
        format!("{prefix}-0123456789abcdef0"),
    ];
    for name in &others {
        fs::write(directory.path().join(name), MAGIC).unwrap();
    }
    // A matching name is not sufficient.
    let other_file = format!("{prefix}-0123456789abcdef");
    fs::write(directory.path().join(&other_file), "mine").unwrap();
    std::os::unix::fs::symlink(&other_file, directory.path().join(&prefix)).unwrap();
    drop(TempFile::named(&place, true).unwrap());
    assert_eq!(names(directory.path()).len(), others.len() + 2);
}

#[test]
fn a_named_file_takes_the_place_of_another() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.joblib");
    fs::write(&path, "old").unwrap();
    let place = place(directory.path());
    let mut fresh = TempFile::named(&place, true).unwrap();
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
    let mut first = TempFile::named(&place, false).unwrap();
    let mut second = TempFile::named(&place, false).unwrap();
    (&first.file).write_all(b"first").unwrap();
    first.publish_new().unwrap();
    let error = second.publish_new().unwrap_err().to_string();
    assert!(
        error.contains("`create_new` does not replace files"),
        "{error}"
    );
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
        let fresh = TempFile::named(&place, has_old).unwrap();
        let name = names(directory.path()).into_iter().find(|it| it != "usual");
        let path = directory.path().join(name.unwrap());
        assert_eq!(mode(&path), 0o600);
        if let Some(access) = &fresh.access {
            access.apply(fresh.file.get().unwrap()).unwrap();
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
    let written = replace(&path, ReplaceMode::default(), &mut |out, _| {
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        out.write_all(b"new").map_err(ErrorKind::io("writing"))
    });
    written.unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"new");
    assert_eq!(mode(&path), 0o600);
}

/// Closes every descriptor and reuses their numbers for other files in this directory.
fn close_all(directory: &Path) -> Vec<fs::File> {
    // SAFETY: the users of the closed descriptors are what this test exercises.
    unsafe { libc::close_range(3, libc::c_uint::MAX, 0) };
    (0..100)
        .map(|number| fs::File::create_new(other_file(directory, number)).unwrap())
        .collect()
}

fn other_file(directory: &Path, number: u32) -> std::path::PathBuf {
    directory.join(format!("mine {number}"))
}

/// Asserts that the files were neither written to nor closed.
fn are_untouched(directory: &Path, files: &[fs::File]) {
    for (number, mut file) in (0..).zip(files) {
        let about = file.metadata().unwrap();
        assert_eq!((about.len(), about.nlink()), (0, 1));
        file.write_all(b"mine").unwrap();
        assert_eq!(fs::read(other_file(directory, number)).unwrap(), b"mine");
    }
}

// Runs in child processes, since other tests have descriptors too.
#[test]
fn a_file_whose_descriptor_is_closed_while_it_is_written_takes_no_name() {
    let durabilities = [super::Durability::Full, super::Durability::Nothing];
    for (durability, has_old) in durabilities
        .into_iter()
        .flat_map(|it| [(it, false), (it, true)])
    {
        let fails_without_damage = || {
            let directory = tempfile::tempdir().unwrap();
            let path = directory.path().join("a.joblib");
            if has_old {
                fs::write(&path, "old").unwrap();
            }
            let mode = ReplaceMode {
                durability,
                ..ReplaceMode::default()
            };
            let mut opened = Vec::new();
            let written = replace(&path, mode, &mut |out, _| {
                let _ = out.write(&[1; 1 << 20]);
                opened = close_all(directory.path());
                out.write_all(&[2; 1 << 20])
                    .map_err(ErrorKind::io("writing"))
            });
            assert!(written.is_err());
            assert_eq!(fs::read(&path).ok(), has_old.then(|| b"old".to_vec()));
            are_untouched(directory.path(), &opened);
            true
        };
        assert!(crate::child::in_child(20, fails_without_damage));
    }
}

#[test]
fn a_file_that_is_closed_at_the_end_of_its_writing_takes_no_name() {
    let fails_without_damage = || {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.joblib");
        fs::write(&path, "old").unwrap();
        let mut opened = Vec::new();
        let written = replace(&path, ReplaceMode::default(), &mut |out, _| {
            out.write_all(&[1; 1 << 20])
                .map_err(ErrorKind::io("writing"))?;
            out.flush().map_err(ErrorKind::io("writing"))?;
            opened = close_all(directory.path());
            Ok(())
        });
        assert!(written.is_err());
        assert_eq!(fs::read(&path).unwrap(), b"old");
        are_untouched(directory.path(), &opened);
        true
    };
    assert!(crate::child::in_child(20, fails_without_damage));
}

#[test]
fn a_file_that_is_closed_before_it_is_written_over_stays_as_it_is() {
    let fails_without_damage = || {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.joblib");
        fs::write(&path, "old").unwrap();
        let old = fs::File::options().write(true).open(&path).unwrap();
        let mut opened = Vec::new();
        let durability = super::Durability::Full;
        let written = super::in_place::overwrite(old, durability, &mut |out, _| {
            if opened.is_empty() {
                opened = close_all(directory.path());
            }
            out.write_all(b"new").map_err(ErrorKind::io("writing"))
        });
        assert!(written.is_err());
        assert_eq!(fs::read(&path).unwrap(), b"old");
        are_untouched(directory.path(), &opened);
        true
    };
    assert!(crate::child::in_child(20, fails_without_damage));
}

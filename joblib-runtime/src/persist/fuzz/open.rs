//! Fuzzing of whole files that are mapped and inspected.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use super::COUNTS;
use super::file::{dumped, sealed, unsealed};
use super::forms::{Records, Together, records, together};
use crate::fuzz_target::Target;
use crate::persist::{
    CopyOnWrite, Dump, Error, ErrorKind, Persist, ReadOnly, inspect, load, open, open_cow,
};

/// Input: a mode byte as for [`FILE`](super::FILE), then a file. The next bits of the
/// mode byte select the type.
pub(crate) const OPEN: Target = Target {
    name: "persist_open",
    run,
    seeds,
};

/// Values whose debug output does not depend on where they come from.
type Seen = (
    Vec<(u16, String)>,
    (Vec<f64>, Vec<bool>, Vec<u8>, Vec<String>),
    BTreeMap<String, Vec<i32>>,
    Option<Box<str>>,
);

/// The same with other arrays.
type Other = (
    Vec<(u64, String)>,
    (Vec<f64>, Vec<bool>, Vec<u16>, Vec<String>),
    BTreeMap<String, Vec<i32>>,
    Option<Box<str>>,
);

fn seen(count: usize) -> Seen {
    let texts = (0..count).map(|n| (n as u16, "t".repeat(n % 5)));
    (
        texts.collect(),
        (
            vec![0.5; count],
            vec![true; 4 * count],
            vec![3; 3 * count + 1],
            (0..count).map(|n| n.to_string()).collect(),
        ),
        [("ü".to_owned(), vec![-1; count]), (String::new(), vec![])].into(),
        (count > 3).then(|| "some".into()),
    )
}

fn run(bytes: &[u8]) {
    let Some(file) = unsealed(bytes) else {
        return;
    };
    let room = Room::with(&file);
    let room = room.expect("the temporary directory must be writable");
    let inspected = inspect(&room);
    let inspect_error = inspected.as_ref().err();
    match bytes[0] & 6 {
        0 => assert_consistent::<Seen>(&room, inspect_error),
        2 => assert_consistent::<Other>(&room, inspect_error),
        4 => assert_consistent::<Records>(&room, inspect_error),
        _ => assert_consistent::<Together>(&room, inspect_error),
    }
}

/// Asserts that a mapped value equals the loaded one and that the file can be
/// inspected.
fn assert_consistent<T: Persist + Debug>(path: &Path, inspect_error: Option<&Error>)
where
    for<'m> T::View<'m, ReadOnly>: Debug,
    for<'m> T::View<'m, CopyOnWrite>: Debug,
{
    let mapped = match open::<T>(path) {
        Ok(mapped) => mapped,
        Err(error) => {
            // If inspecting or loading fails as well, nothing remains to be compared.
            // Whole files that only `load` reads are covered by `FILE`.
            let is_refused = inspect_error.is_some() || load::<T>(path).is_err();
            assert!(is_refused || is_load_only(error.kind()), "{error}");
            return;
        }
    };
    assert!(
        inspect_error.is_none(),
        "the file can be mapped but not inspected: {inspect_error:?}"
    );
    let view = format!("{:?}", mapped.view());
    let mut writable = open_cow::<T>(path).expect("the file can be mapped read-only");
    let changing = writable.view_mut().expect("the file did not change");
    assert_eq!(format!("{changing:?}"), view);
    let loaded = load::<T>(path);
    match mapped.verify() {
        Ok(()) => assert_eq!(
            format!("{:?}", loaded.expect("the file was verified")),
            view
        ),
        Err(error) => assert!(loaded.is_err(), "{error}"),
    }
}

/// Returns whether the error is expected for files that can only be loaded: compressed
/// files and files with other number kinds.
fn is_load_only(kind: &ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::Unmappable { .. } | ErrorKind::Foreign { .. }
    )
}

/// The file that this thread uses for all inputs. It has no name, so nothing is left
/// behind.
struct Room {
    file: File,
    path: PathBuf,
}

thread_local! {
    static ROOM: OnceCell<Room> = const { OnceCell::new() };
}

impl Room {
    /// Writes `bytes` to the file and returns its path.
    fn with(bytes: &[u8]) -> io::Result<PathBuf> {
        ROOM.with(|room| {
            let room = match room.get() {
                Some(room) => room,
                None => {
                    let new = Room::new()?;
                    room.get_or_init(|| new)
                }
            };
            room.file.write_all_at(bytes, 0)?;
            room.file.set_len(bytes.len() as u64)?;
            Ok(room.path.clone())
        })
    }

    fn new() -> io::Result<Room> {
        let name = format!("joblib-fuzz-{}", std::process::id());
        let named = std::env::temp_dir().join(name);
        let mut options = File::options();
        let file = options
            .read(true)
            .write(true)
            .create_new(true)
            .open(&named)?;
        std::fs::remove_file(named)?;
        let path = format!("/dev/fd/{}", file.as_raw_fd()).into();
        Ok(Room { file, path })
    }
}

fn seeds() -> Vec<Vec<u8>> {
    let files = COUNTS
        .iter()
        .map(|count| dumped(&seen(*count), Dump::new()));
    let mut seeds = sealed(files.collect());
    let marked = |seeds: &[Vec<u8>], mark: u8| {
        let marked = seeds
            .iter()
            .map(|seed| [&[seed[0] | mark], &seed[1..]].concat());
        marked.collect::<Vec<_>>()
    };
    let forms = COUNTS.map(|count| dumped(&together(count), Dump::new()));
    let forms = sealed(forms.to_vec());
    let structs = COUNTS.map(|count| dumped(&records(count), Dump::new()));
    seeds.extend(marked(&seeds, 2));
    seeds.extend(marked(&forms, 6));
    seeds.extend(marked(&sealed(structs.to_vec()), 4));
    seeds
}

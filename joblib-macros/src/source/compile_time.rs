//! When this compilation began, and whether a file was written since: what was
//! written later may be another text than the one that is compiled.

use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// When the compiler was started that writes to `out_dir`, files that end with
/// `suffix`.
///
/// Cargo touches a file just before, which has the time of the same clock as
/// sources have; without cargo the age of the process tells it.
pub(super) fn started(out_dir: Option<&Path>, suffix: &str) -> Option<SystemTime> {
    let touched = out_dir.and_then(|out_dir| touched_by_cargo(out_dir, suffix));
    touched.or_else(process_started)
}

fn touched_by_cargo(out_dir: &Path, suffix: &str) -> Option<SystemTime> {
    // Examples go to a directory within the one of the profile.
    let records = out_dir.ancestors().skip(1).take(2);
    let mut records = records.map(|dir| dir.join(".fingerprint"));
    let listed = fs::read_dir(records.find(|dir| dir.is_dir())?).ok()?;
    let is_own = |name: &str| suffix.len() > 1 && name.ends_with(suffix);
    let own = listed
        .flatten()
        .find(|entry| entry.file_name().to_str().is_some_and(is_own))?;
    let touched = fs::metadata(own.path().join("invoked.timestamp")).ok()?;
    touched.modified().ok()
}

/// From the kernel's count of hundredths of a second since it was booted.
fn process_started() -> Option<SystemTime> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    let (_, after_name) = stat.rsplit_once(')')?;
    let started: u64 = after_name.split_whitespace().nth(19)?.parse().ok()?;
    let uptime = fs::read_to_string("/proc/uptime").ok()?;
    let uptime: f64 = uptime.split_whitespace().next()?.parse().ok()?;
    let age = uptime - started as f64 / 100.0;
    let age = Duration::try_from_secs_f64(age).ok()?;
    SystemTime::now().checked_sub(age + GRAIN)
}

/// What both counts may be off by.
const GRAIN: Duration = Duration::from_millis(20);

/// Whether a path led to the same text at some moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum TextAge {
    /// Nothing was touched since.
    Older,
    /// A directory above the file had its list of files changed since, which hides
    /// when the directory itself was put there.
    Unknown,
    /// The file was changed since, or a link or a directory that leads to it was
    /// put there since.
    Newer,
}

/// How `path` stands to `moment`. The time of a text can be set at will; that of
/// the last change of any kind cannot, so it is the one that is asked for.
pub(super) fn age(path: &Path, moment: SystemTime) -> TextAge {
    let is_newer = |metadata: &Metadata| changed(metadata).is_none_or(|time| time > moment);
    if fs::metadata(path).map_or(true, |metadata| is_newer(&metadata)) {
        return TextAge::Newer;
    }
    let here = std::env::current_dir().unwrap_or_default();
    let mut age = TextAge::Older;
    let mut pending: Vec<PathBuf> = vec![path.to_owned()];
    let mut links = 0;
    while let Some(path) = pending.pop() {
        for place in path.ancestors() {
            let Ok(metadata) = fs::symlink_metadata(place) else {
                continue;
            };
            if metadata.is_symlink() && links < MOST_LINKS {
                links += 1;
                let target = fs::read_link(place).unwrap_or_default();
                pending.push(place.parent().unwrap_or(place).join(target));
            }
            if !is_newer(&metadata) {
                continue;
            }
            // Moving a directory changes nothing of its list of files.
            let is_moved = !metadata.is_dir() || metadata.modified().ok() != changed(&metadata);
            if is_moved {
                age = TextAge::Newer;
            } else if here == place || !here.starts_with(place) {
                // Above, there are files of others, too.
                age = age.max(TextAge::Unknown);
            }
        }
    }
    age
}

/// How many links on the way to a file are followed.
const MOST_LINKS: usize = 40;

/// When the file was changed in any way.
#[cfg(unix)]
pub(super) fn changed(metadata: &Metadata) -> Option<SystemTime> {
    use std::os::unix::fs::MetadataExt;

    let seconds = u64::try_from(metadata.ctime()).ok()?;
    let nanos = u32::try_from(metadata.ctime_nsec()).ok()?;
    SystemTime::UNIX_EPOCH.checked_add(Duration::new(seconds, nanos))
}

#[cfg(not(unix))]
pub(super) fn changed(metadata: &Metadata) -> Option<SystemTime> {
    metadata.modified().ok()
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    /// How `dir/file` stands to a moment between its making and `change`.
    fn after(change: impl Fn(&Path)) -> TextAge {
        let place = tempfile::TempDir::new().unwrap();
        let dir = place.path().join("dir");
        for dir in ["dir", "other"] {
            let dir = place.path().join(dir);
            fs::create_dir(&dir).unwrap();
            fs::write(dir.join("file"), "").unwrap();
        }
        let pause = || std::thread::sleep(Duration::from_millis(30));
        pause();
        let moment = SystemTime::now();
        pause();
        change(place.path());
        age(&dir.join("file"), moment)
    }

    #[test]
    fn a_path_is_newer_where_any_part_of_it_was_put_there_since() {
        // Others may put files beside the place at any time.
        assert!((0..50).any(|_| after(|_| {}) == TextAge::Older));
        let edited = after(|place| fs::write(place.join("dir/file"), "text").unwrap());
        assert_eq!(edited, TextAge::Newer);
        let moved = after(|place| {
            fs::rename(place.join("dir"), place.join("old")).unwrap();
            fs::rename(place.join("other"), place.join("dir")).unwrap();
        });
        assert_eq!(moved, TextAge::Newer);
        let linked = after(|place| {
            fs::rename(place.join("dir"), place.join("old")).unwrap();
            std::os::unix::fs::symlink("other", place.join("dir")).unwrap();
        });
        assert_eq!(linked, TextAge::Newer);
        let behind = after(|place| {
            fs::rename(place.join("dir"), place.join("old")).unwrap();
            fs::rename(place.join("other"), place.join("new")).unwrap();
            std::os::unix::fs::symlink("new", place.join("dir")).unwrap();
        });
        assert_eq!(behind, TextAge::Newer);
    }

    #[test]
    fn a_directory_with_other_files_hides_whether_it_was_put_there_since() {
        let listed = after(|place| fs::write(place.join("dir/more"), "").unwrap());
        assert_eq!(listed, TextAge::Unknown);
    }
}

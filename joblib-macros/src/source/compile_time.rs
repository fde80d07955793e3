//! Determines when this compilation started and whether a file changed since then. A
//! file that changed later may differ from the text that is compiled.

use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// Returns the start time of the compiler that writes files with the suffix `suffix`
/// to `out_dir`.
///
/// Cargo touches a file just before, and its time is from the same clock as the times
/// of sources. Without cargo the age of the process is used.
pub(super) fn started(out_dir: Option<&Path>, suffix: &str) -> Option<SystemTime> {
    let touched = out_dir.and_then(|out_dir| touched_by_cargo(out_dir, suffix));
    touched.or_else(process_started)
}

fn touched_by_cargo(out_dir: &Path, suffix: &str) -> Option<SystemTime> {
    // Examples are in a subdirectory of the profile's directory.
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

/// Computes the start time from the kernel's count of hundredths of a second since
/// boot.
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

/// The maximum error of both counts.
const GRAIN: Duration = Duration::from_millis(20);

/// Whether a path led to the same text at an earlier moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum TextAge {
    /// Nothing changed since.
    Older,
    /// The list of files of a parent directory changed since, so it is not known
    /// whether the directory itself was replaced.
    Unknown,
    /// The file changed since, or a link or directory on its path was put there
    /// since.
    Newer,
}

/// Compares `path` with `moment`. The modification time of a file can be set freely,
/// but the time of its last status change cannot, so the latter is used.
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
            if metadata.is_symlink() && links < MAX_LINKS {
                links += 1;
                let target = fs::read_link(place).unwrap_or_default();
                pending.push(place.parent().unwrap_or(place).join(target));
            }
            if !is_newer(&metadata) {
                continue;
            }
            // Moving a directory does not change its list of files.
            let is_moved = !metadata.is_dir() || metadata.modified().ok() != changed(&metadata);
            if is_moved {
                age = TextAge::Newer;
            } else if here == place || !here.starts_with(place) {
                // Parent directories also contain unrelated files.
                age = age.max(TextAge::Unknown);
            }
        }
    }
    age
}

/// The maximum number of links that are followed on the way to a file.
const MAX_LINKS: usize = 40;

/// Returns the time of the last change of any kind.
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

    /// Compares `dir/file` with a moment between its creation and `change`.
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
        // Other processes may create files in the same directory at any time.
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

//! Detects whether the control group of this process and its workers ran out of memory.
//! The system counts the processes that it killed for this reason per control group.

use std::fs;
use std::path::Path;
use std::sync::Mutex;

use crate::fork::PerProcess;
use crate::unpoisoned::lock;

/// Records the current count.
pub(super) fn note() {
    GROUPS.get().note();
}

/// Whether memory ran out since the last check.
pub(super) fn has_run_out() -> bool {
    GROUPS.get().has_run_out()
}

/// It is per process, so that a fork cannot leave the lock locked in the child.
static GROUPS: PerProcess<CgroupOomCount<&str>> = PerProcess::new(|| CgroupOomCount {
    of_process: "/proc/self/cgroup",
    root: "/sys/fs/cgroup",
    seen: Mutex::new(None),
});

/// The last observed count of the memory control group of a process.
struct CgroupOomCount<P> {
    /// The file that lists the control groups of the process.
    of_process: P,
    /// The mount point of the control groups.
    root: P,
    seen: Mutex<Option<u64>>,
}

impl<P: AsRef<Path>> CgroupOomCount<P> {
    fn note(&self) {
        *lock(&self.seen) = self.count();
    }

    fn has_run_out(&self) -> bool {
        let mut seen = lock(&self.seen);
        let now = self.count();
        let is_more = matches!((*seen, now), (Some(seen), Some(now)) if now > seen);
        *seen = now;
        is_more
    }

    fn count(&self) -> Option<u64> {
        let groups = fs::read_to_string(&self.of_process).ok()?;
        groups.lines().find_map(|line| self.count_of(line))
    }

    /// Returns the count for a line of the list: number, controllers and path.
    fn count_of(&self, line: &str) -> Option<u64> {
        let mut fields = line.splitn(3, ':').skip(1);
        let (controllers, path) = (fields.next()?, fields.next()?.trim_start_matches('/'));
        let root = self.root.as_ref();
        let (root, file) = match controllers {
            "" => (root.to_owned(), "memory.events"),
            _ if controllers.split(',').any(|name| name == "memory") => {
                (root.join("memory"), "memory.oom_control")
            }
            _ => return None,
        };
        // In a container the group itself may be mounted at the mount point.
        let mut places = [root.join(path), root].into_iter();
        let text = places.find_map(|place| fs::read_to_string(place.join(file)).ok())?;
        oom_kills(&text)
    }
}

fn oom_kills(text: &str) -> Option<u64> {
    let mut lines = text.lines();
    lines.find_map(|line| line.strip_prefix("oom_kill ")?.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;
    use std::sync::Mutex;

    use super::{CgroupOomCount, oom_kills};

    /// A process in the control groups of `list`, in a directory of its own.
    fn groups(list: &str) -> (tempfile::TempDir, CgroupOomCount<PathBuf>) {
        let directory = tempfile::tempdir().unwrap();
        let of_process = directory.path().join("list");
        fs::write(&of_process, list).unwrap();
        let root = directory.path().join("mounted");
        let seen = Mutex::new(None);
        let groups = CgroupOomCount {
            of_process,
            root,
            seen,
        };
        (directory, groups)
    }

    fn write(groups: &CgroupOomCount<PathBuf>, file: &str, text: &str) {
        let path = groups.root.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    #[test]
    fn kills_are_counted_in_either_hierarchy() {
        let unified = "low 0\nhigh 0\nmax 3\noom 2\noom_kill 1\noom_group_kill 0\n";
        assert_eq!(oom_kills(unified), Some(1));
        let old = "oom_kill_disable 0\nunder_oom 0\noom_kill 7\n";
        assert_eq!(oom_kills(old), Some(7));
        assert_eq!(oom_kills("under_oom 0\n"), None);
    }

    #[test]
    fn the_count_is_that_of_the_process_s_own_group() {
        for (list, file) in [
            ("0::/user/one\n", "user/one/memory.events"),
            ("0::/user/one\n", "memory.events"),
            (
                "9:cpu:/\n4:rdma,memory:/one\n0::/\n",
                "memory/one/memory.oom_control",
            ),
            ("4:memory:/one\n0::/\n", "memory/memory.oom_control"),
            ("4:cpu:/\n0::/one:two\n", "one:two/memory.events"),
        ] {
            let (_directory, groups) = groups(list);
            assert_eq!(groups.count(), None, "{list}");
            write(&groups, file, "oom_kill 3\n");
            assert_eq!(groups.count(), Some(3), "{list}");
        }
    }

    #[test]
    fn memory_has_run_out_when_the_count_rose_since_the_last_look() {
        let (_directory, groups) = groups("0::/one\n");
        let set = |count: u64| write(&groups, "one/memory.events", &format!("oom_kill {count}\n"));
        set(5);
        groups.note();
        assert!(!groups.has_run_out());
        set(6);
        assert!(groups.has_run_out());
        assert!(!groups.has_run_out());
        set(9);
        groups.note();
        assert!(!groups.has_run_out());
        // As after the process moved to another group.
        set(2);
        assert!(!groups.has_run_out());
        set(3);
        assert!(groups.has_run_out());
    }

    #[test]
    fn a_count_that_cannot_be_read_is_no_want_of_memory() {
        let (_directory, groups) = groups("0::/one\n");
        groups.note();
        assert!(!groups.has_run_out());
        // A count from before the first check is not known to be new.
        write(&groups, "one/memory.events", "oom_kill 4\n");
        assert!(!groups.has_run_out());
        write(&groups, "one/memory.events", "oom_kill many\n");
        assert!(!groups.has_run_out());
    }
}

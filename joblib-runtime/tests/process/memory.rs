//! Workers that exceed the memory limit of their own control group.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use joblib_runtime::parallel::{ErrorKind, WorkerExit};

use crate::call::call;
use crate::function;
use crate::parent::{again, eventually, role, succeeds, this_test};

/// The memory limit of parent and workers together.
const LIMIT: usize = 96 << 20;

/// A control group below that of this process, removed on drop.
struct Group(PathBuf);

impl Group {
    /// Creates a group with a limit, or returns why that fails.
    fn new() -> Result<Group, String> {
        let list = fs::read_to_string("/proc/self/cgroup").map_err(|error| error.to_string())?;
        let mut why = String::from("no control group limits memory");
        for line in list.lines() {
            match Group::of(line) {
                Some(Ok(group)) => return Ok(group),
                Some(Err(refused)) => why = refused,
                None => {}
            }
        }
        Err(why)
    }

    /// Creates a group in the hierarchy of a line, if that hierarchy has the memory
    /// controller.
    fn of(line: &str) -> Option<Result<Group, String>> {
        let mut fields = line.splitn(3, ':').skip(1);
        let (controllers, path) = (fields.next()?, fields.next()?.trim_start_matches('/'));
        let (root, limits) = match controllers {
            "" => ("/sys/fs/cgroup", ["memory.max", "memory.swap.max"]),
            "memory" => (
                "/sys/fs/cgroup/memory",
                ["memory.limit_in_bytes", "memory.swappiness"],
            ),
            _ => return None,
        };
        let name = format!("joblib-test-{}", std::process::id());
        let group = Path::new(root).join(path).join(name);
        Some(Group::limited(group, limits))
    }

    fn limited(path: PathBuf, [limit, swap]: [&str; 2]) -> Result<Group, String> {
        let describe = |error: std::io::Error| format!("{}: {error}", path.display());
        fs::create_dir(&path).map_err(describe)?;
        let group = Group(path.clone());
        // Existing files are not created: a limit that is not supported here is an
        // error.
        let set = |file: &str, value: String| {
            let mut options = fs::OpenOptions::new();
            let file = options.write(true).open(path.join(file));
            file.and_then(|mut file| file.write_all(value.as_bytes()))
        };
        set(limit, LIMIT.to_string()).map_err(describe)?;
        // Without swap, it need not be disabled.
        let _ = set(swap, "0".to_owned());
        Ok(group)
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        // Its last processes may still be exiting.
        eventually("removing the group", || fs::remove_dir(&self.0).is_ok());
    }
}

#[test]
fn a_worker_that_exceeds_its_memory_limit_costs_one_task() {
    if let Some(group) = role() {
        let own = std::process::id().to_string();
        fs::write(Path::new(&group).join("cgroup.procs"), own).expect("the process moves");
        let mut sizes = [16; 12];
        sizes[7] = 4 * LIMIT as u64;
        let results = call::<u64, u64>(&function::grow, 2, &sizes).results;
        for (index, result) in results.into_iter().enumerate() {
            match (index, result) {
                (7, lost) => assert_eq!(lost, Err(ErrorKind::WorkerDied(WorkerExit::OutOfMemory))),
                (_, result) => assert!(result.is_ok(), "task {index}: {result:?}"),
            }
        }
        // A kill for another reason must not be reported as out of memory.
        let killed = call::<u64, u64>(&function::die_at_once, 1, &[0]).results;
        assert_eq!(
            killed,
            [Err(ErrorKind::WorkerDied(WorkerExit::Killed(
                libc::SIGKILL
            )))]
        );
        return;
    }
    match Group::new() {
        Ok(group) => {
            let role = group.0.to_str().expect("the path is valid UTF-8");
            succeeds(again(this_test!(), role));
        }
        // Write past the output capture of the test harness, so that it is visible.
        Err(why) => {
            let _ = writeln!(
                std::io::stderr(),
                "{}: skipped, since no control group can be made: {why}",
                this_test!()
            );
        }
    }
}

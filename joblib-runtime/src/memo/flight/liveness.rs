//! Whether another process is running, according to the kernel.

use std::fs;

use rustix::io::Errno;
use rustix::process::{Pid, test_kill_process};

use crate::proc::Stat;

/// Whether a process is running.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Liveness {
    /// It runs, or the kernel does not report that it does not.
    Running,
    /// It is stopped by a signal, a debugger or its control group. The field is the
    /// processor time that it has used so far.
    Stopped(u64),
    /// It does not exist, or is a zombie.
    Gone,
}

/// Returns whether the process with the thread `tid` is running.
pub(super) fn liveness_of(tid: i32) -> Liveness {
    match Stat::read(tid) {
        Ok(stat) => liveness(&stat, || is_frozen(tid)).unwrap_or(Liveness::Running),
        // Without `/proc`, or where it hides the processes of other users, a null
        // signal shows at least whether the process exists.
        Err(_) => match Pid::from_raw(tid) {
            Some(pid) if test_kill_process(pid) == Err(Errno::SRCH) => Liveness::Gone,
            _ => Liveness::Running,
        },
    }
}

fn liveness(stat: &Stat, is_frozen: impl Fn() -> bool) -> Option<Liveness> {
    let used = || {
        let (user, system) = (stat.field::<u64>(14)?, stat.field::<u64>(15)?);
        Some(user.wrapping_add(system))
    };
    match stat.field::<char>(3)? {
        'T' | 't' => Some(Liveness::Stopped(used().unwrap_or(0))),
        'Z' | 'X' | 'x' => Some(Liveness::Gone),
        // A frozen process is reported as sleeping.
        'S' | 'D' if is_frozen() => Some(Liveness::Stopped(used().unwrap_or(0))),
        _ => Some(Liveness::Running),
    }
}

/// Returns whether the control group of a process is frozen, as by `docker pause` and
/// `systemctl freeze` (see cgroups(7)), as far as this process can see.
fn is_frozen(tid: i32) -> bool {
    let groups = fs::read_to_string(format!("/proc/{tid}/cgroup")).unwrap_or_default();
    let has_line = |file: String, line: &str| {
        fs::read_to_string(file).is_ok_and(|text| text.lines().any(|found| found == line))
    };
    groups.lines().any(|group| {
        let mut parts = group.splitn(3, ':').skip(1);
        let (Some(controllers), Some(path)) = (parts.next(), parts.next()) else {
            return false;
        };
        let is_freezer = controllers.split(',').any(|name| name == "freezer");
        let unified = ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"];
        let is_unified = controllers.is_empty();
        is_freezer
            && has_line(
                format!("/sys/fs/cgroup/freezer{path}/freezer.state"),
                "FROZEN",
            )
            || is_unified
                && unified
                    .iter()
                    .any(|root| has_line(format!("{root}{path}/cgroup.events"), "frozen 1"))
    })
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use rustix::process::{WaitOptions, waitpid};

    use super::*;

    #[test]
    fn the_state_of_a_process_is_read_whatever_it_is_called() {
        let of = |name: &str, state: &str, is_frozen: bool| {
            let rest = "1 7 7 0 -1 4194304 9 9 9 9 30 12 0 0 20 0 1";
            let line = format!("7 ({name}) {state} {rest}");
            liveness(&Stat::parse(line.as_bytes()).unwrap(), || is_frozen)
        };
        for name in ["sh", "a b", ") R 1 (", "T"] {
            assert_eq!(of(name, "S", false), Some(Liveness::Running));
            assert_eq!(of(name, "S", true), Some(Liveness::Stopped(42)));
            assert_eq!(of(name, "D", true), Some(Liveness::Stopped(42)));
            assert_eq!(of(name, "R", false), Some(Liveness::Running));
            assert_eq!(of(name, "T", false), Some(Liveness::Stopped(42)));
            assert_eq!(of(name, "t", false), Some(Liveness::Stopped(42)));
            assert_eq!(of(name, "Z", false), Some(Liveness::Gone));
        }
    }

    #[test]
    fn this_process_goes_on_and_one_that_is_not_there_is_gone() {
        assert_eq!(liveness_of(std::process::id() as i32), Liveness::Running);
        assert_eq!(liveness_of(i32::MAX), Liveness::Gone);
    }

    #[test]
    fn a_process_is_stopped_whatever_its_program_is_called() {
        // The kernel stores 15 bytes of a name, here with half of the `ü`.
        for name in ["sleeper", ") R 1 (", "verteilungs-grün"] {
            let script = "printf %s \"$0\" > /proc/$$/comm; kill -STOP $$";
            let mut child = Command::new("sh")
                .args(["-c", script, name])
                .spawn()
                .unwrap();
            let pid = Some(Pid::from_child(&child));
            waitpid(pid, WaitOptions::UNTRACED).unwrap();
            let liveness = liveness_of(child.id() as i32);
            child.kill().unwrap();
            child.wait().unwrap();
            let is_stopped = matches!(liveness, Liveness::Stopped(_));
            assert!(is_stopped, "{name} is {liveness:?}");
        }
    }
}

//! Kills the programs that a process started, and their descendants, before the process
//! itself is killed. A program that detached from the process tree, as daemons do, is
//! not included.

use std::collections::HashSet;
use std::fs;
use std::os::fd::{BorrowedFd, OwnedFd};

use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

use crate::proc::Stat;

/// The maximum number of scans; a tree that still grows after these is given up.
const MAX_SCANS: usize = 16;

/// Kills all programs below the process `pid`, which `process` refers to. It stops the
/// process first, so that it starts no more programs; the caller kills it afterwards.
pub(super) fn end(pid: u32, process: BorrowedFd<'_>) {
    if pidfd_send_signal(process, Signal::STOP).is_err() {
        return;
    }
    let mut tree = ProcessTree::new(pid);
    // A signal is not delivered at once; the next scan finds programs that are started
    // meanwhile.
    for _ in 0..MAX_SCANS {
        if !tree.grow() {
            break;
        }
    }
    for program in &tree.stopped {
        let _ = pidfd_send_signal(program, Signal::KILL);
    }
}

/// The programs below a process that were found and stopped so far.
struct ProcessTree {
    pids: Vec<u32>,
    known: HashSet<u32>,
    stopped: Vec<OwnedFd>,
}

impl ProcessTree {
    fn new(root: u32) -> ProcessTree {
        ProcessTree {
            pids: vec![root],
            known: HashSet::from([root]),
            stopped: Vec::new(),
        }
    }

    /// Scans for unknown programs. Returns whether it found any.
    fn grow(&mut self) -> bool {
        let before = self.pids.len();
        let mut at = 0;
        while let Some(&parent) = self.pids.get(at) {
            for child in children(parent) {
                self.add(parent, child);
            }
            at += 1;
        }
        self.pids.len() > before
    }

    fn add(&mut self, parent: u32, child: u32) {
        let is_new = self.known.insert(child);
        let Some(fd) = is_new.then(|| open(child)).flatten() else {
            return;
        };
        // While its parent is stopped, the child is not reaped, so its process ID is
        // not reused. If the parent could not be stopped, the ID may already be reused,
        // so the parent is checked.
        if parent_of(child) == Some(parent) && pidfd_send_signal(&fd, Signal::STOP).is_ok() {
            self.pids.push(child);
            self.stopped.push(fd);
        }
    }
}

fn open(pid: u32) -> Option<OwnedFd> {
    let pid = Pid::from_raw(i32::try_from(pid).ok()?)?;
    pidfd_open(pid, PidfdFlags::empty()).ok()
}

/// Returns the children of all threads of a process.
fn children(pid: u32) -> Vec<u32> {
    list_children(pid).unwrap_or_else(|| scan_children(pid))
}

/// Returns the children as listed by the system, or `None` if the system keeps no list.
fn list_children(pid: u32) -> Option<Vec<u32>> {
    let mut children = Vec::new();
    for task in fs::read_dir(format!("/proc/{pid}/task")).ok()? {
        let list = fs::read_to_string(task.ok()?.path().join("children")).ok()?;
        children.extend(numbers(&list));
    }
    Some(children)
}

fn numbers(list: &str) -> impl Iterator<Item = u32> {
    list.split_whitespace().filter_map(|pid| pid.parse().ok())
}

/// Returns the processes whose parent is `pid`, by a scan of all processes.
fn scan_children(pid: u32) -> Vec<u32> {
    let all = fs::read_dir("/proc").into_iter().flatten();
    let pids = all.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    pids.filter(|&child| parent_of(child) == Some(pid))
        .collect()
}

fn parent_of(pid: u32) -> Option<u32> {
    Stat::read(pid).ok()?.field(4)
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader};
    use std::os::fd::AsFd;
    use std::process::{Command, Stdio};

    use super::{end, list_children, open, parent_of, scan_children};

    /// Starts a shell that waits for a shell that waits for a program. Returns the
    /// outer shell and the process ID of the innermost program.
    fn tree() -> (std::process::Child, u32) {
        let script = "sh -c 'sleep 3600 & echo $!; wait' & wait";
        let mut shell = Command::new("sh");
        let mut shell = shell
            .args(["-c", script])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let out = shell.stdout.take().unwrap();
        BufReader::new(out).read_line(&mut line).unwrap();
        (shell, line.trim().parse().unwrap())
    }

    #[test]
    fn all_programs_below_a_process_end() {
        let (mut shell, innermost) = tree();
        let sleeping = open(innermost).unwrap();
        end(shell.id(), open(shell.id()).unwrap().as_fd());
        let mut fds = [rustix::event::PollFd::new(
            &sleeping,
            rustix::event::PollFlags::IN,
        )];
        rustix::event::poll(&mut fds, None).unwrap();
        shell.kill().unwrap();
        shell.wait().unwrap();
    }

    #[test]
    fn children_are_found_without_a_list_of_them_too() {
        let (mut shell, innermost) = tree();
        let below = scan_children(shell.id());
        assert_eq!(below.len(), 1);
        if let Some(list_children) = list_children(shell.id()) {
            assert_eq!(list_children, below);
        }
        assert_eq!(scan_children(below[0]), [innermost]);
        end(shell.id(), open(shell.id()).unwrap().as_fd());
        shell.kill().unwrap();
        shell.wait().unwrap();
    }

    #[test]
    fn a_child_is_found_whatever_its_program_is_called() {
        // The kernel stores 15 bytes of a name, here with half of the `ü`.
        for name in ["sleeper", ") R 1 (", "verteilungs-grün"] {
            let script = "printf %s \"$0\" > /proc/$$/comm; echo; read _";
            let mut shell = Command::new("sh");
            let mut shell = shell
                .args(["-c", script, name])
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()
                .unwrap();
            let mut out = BufReader::new(shell.stdout.take().unwrap());
            out.read_line(&mut String::new()).unwrap();
            let parent = parent_of(shell.id());
            shell.kill().unwrap();
            shell.wait().unwrap();
            assert_eq!(parent, Some(std::process::id()), "{name}");
        }
    }
}

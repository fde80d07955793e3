//! Power cuts on a simulated disk: replays the system calls of a dump up to each call,
//! and drops what was not synced by then in many ways.
//!
//! The simulated disk is the contents of files and the names in the directory. What no
//! `fsync` has covered may or may not be on the disk: of contents any number of writes,
//! or their length with zeros in it; of names any subset of the changes, in order.
//! Contents reach the disk in the order of the writes.

use std::collections::BTreeMap;
use std::fs;

use super::Load;
use super::check::{self, FILE, PLACE};
use super::syscalls::CALLS;
use crate::faults::strace;
use crate::shell::Result;

const NAME: &str = "value.joblib";

/// A system call of a dump that changes the disk.
#[derive(Clone, Debug)]
enum Op {
    /// Appends this many bytes to the new file.
    Write(usize),
    SyncFile,
    /// Gives the new file a name.
    Link(String),
    Rename(String, String),
    Unlink(String),
    SyncDirectory,
}

pub(super) fn run(load: Load) -> Result<String> {
    if !strace::is_there() {
        return Ok("skipped: strace is not installed".to_owned());
    }
    let (mut dumps, mut states) = (0, 0);
    for durability in ["full", "contents", "nothing"] {
        for has_old in [true, false] {
            for is_named in [false, true] {
                states += Replay::record(durability, has_old, is_named)?.run(load)?;
                dumps += 1;
            }
        }
    }
    Ok(format!(
        "{states} states of a disk after power cuts in {dumps} dumps"
    ))
}

/// A recorded dump.
struct Replay {
    what: String,
    durability: &'static str,
    has_old: bool,
    old: Vec<u8>,
    new: Vec<u8>,
    ops: Vec<Op>,
    /// Whether the new file had a name from the start.
    is_named: bool,
}

impl Replay {
    fn record(durability: &'static str, has_old: bool, is_named: bool) -> Result<Replay> {
        let dir = check::prepared(has_old)?;
        let old = match has_old {
            true => fs::read(dir.path().join(FILE))?,
            false => Vec::new(),
        };
        let trace = strace::trace(dir.path(), CALLS, &check::args(durability, is_named))?;
        let what = format!("dump ({durability}, old file: {has_old}, named: {is_named})");
        let replay = Replay {
            durability,
            has_old,
            old,
            new: fs::read(dir.path().join(FILE))?,
            ops: ops(&trace)?,
            what,
            is_named,
        };
        replay.is_complete()?;
        Ok(replay)
    }

    /// Checks that the recording contains the whole dump.
    fn is_complete(&self) -> Result {
        let written: usize = self
            .ops
            .iter()
            .map(|op| match op {
                Op::Write(len) => *len,
                _ => 0,
            })
            .sum();
        let syncs = self
            .ops
            .iter()
            .filter(|op| matches!(op, Op::SyncFile | Op::SyncDirectory));
        let expected = match self.durability {
            "full" => 2,
            "contents" => 1,
            _ => 0,
        };
        if written != self.new.len() || syncs.count() != expected {
            return Err(
                format!("{}: the recording is incomplete: {:?}", self.what, self.ops).into(),
            );
        }
        Ok(())
    }

    /// Cuts the power before, between and after all calls.
    fn run(&self, load: Load) -> Result<usize> {
        let (mut count, mut tried) = (0, 0);
        for end in 0..=self.ops.len() {
            for state in states(&self.ops[..end], self.new.len()) {
                count += 1;
                if !usize::is_multiple_of(count, load.states) {
                    continue;
                }
                tried += 1;
                let is_over = end == self.ops.len();
                self.look_at(&state, is_over).map_err(|error| {
                    format!(
                        "{} cut after {:?}: {state:?}: {error}",
                        self.what,
                        &self.ops[..end]
                    )
                })?;
            }
        }
        Ok(tried)
    }

    fn look_at(&self, state: &State, is_over: bool) -> Result {
        let dir = check::prepared(false)?;
        let place = dir.path().join(PLACE);
        let mut names = BTreeMap::new();
        if self.has_old {
            names.insert(NAME, &self.old[..]);
        }
        let mut new = self.new[..state.written].to_vec();
        new.resize(state.len, 0);
        for change in &state.changes {
            match change {
                Op::Link(name) => drop(names.insert(name.as_str(), &new[..])),
                Op::Rename(from, to) => {
                    names.remove(from.as_str());
                    // Whether or not its other name is gone, this name refers to the
                    // new file.
                    names.insert(to.as_str(), &new[..]);
                }
                Op::Unlink(name) => drop(names.remove(name.as_str())),
                _ => {}
            }
        }
        for (name, bytes) in names {
            fs::write(place.join(name), bytes)?;
        }
        match self.durability {
            "nothing" => {
                // The file may be damaged, but it must not have a wrong value.
                if let Err(error) = check::is_old_or_new(dir.path(), self.has_old, true)
                    && error.downcast_ref::<joblib::persist::Error>().is_none()
                {
                    return Err(error);
                }
            }
            durability => {
                let may_be_old = durability != "full" || !is_over;
                check::is_old_or_new(dir.path(), self.has_old, may_be_old)?;
            }
        }
        check::is_cleared_by_the_next(dir.path(), self.is_named)
    }
}

/// The state of the disk after a cut: the number of bytes of the new file that were
/// written, its length (padded with zeros), and the changes of names.
#[derive(Clone, Debug)]
struct State {
    written: usize,
    len: usize,
    changes: Vec<Op>,
}

/// Returns every state that a disk may be in after a power cut that follows `ops`.
fn states(ops: &[Op], whole: usize) -> Vec<State> {
    let (mut lens, mut kept, mut pending) = (vec![0], Vec::new(), Vec::new());
    for op in ops {
        let last = lens.last().copied().unwrap_or(0);
        match op {
            Op::Write(len) => lens.push(last + len),
            Op::SyncFile => lens = vec![last],
            Op::SyncDirectory => kept.append(&mut pending),
            change => pending.push(change.clone()),
        }
    }
    let mut contents: Vec<_> = lens.iter().map(|len| (*len, *len)).collect();
    if let (Some(synced), Some(last)) = (lens.first(), lens.last())
        && synced < last
    {
        // The length may reach the disk before the contents.
        contents.push((*synced, (*last).min(whole)));
    }
    let mut states = Vec::new();
    for (written, len) in contents {
        for chosen in 0..1_u32 << pending.len() {
            let is_chosen = |at: usize| chosen >> at & 1 == 1;
            let some = pending.iter().enumerate().filter(|(at, _)| is_chosen(*at));
            let mut changes = kept.clone();
            changes.extend(some.map(|(_, op)| op.clone()));
            states.push(State {
                written,
                len,
                changes,
            });
        }
    }
    states
}

/// Parses the calls in the output of strace that change the disk.
fn ops(trace: &[String]) -> Result<Vec<Op>> {
    let (mut ops, mut file, mut directory) = (Vec::new(), None, None);
    for line in trace {
        let Some((call, result)) = line.rsplit_once(" = ") else {
            continue;
        };
        let Some((name, arguments)) = call.split_once('(') else {
            continue;
        };
        let is_of = |fd: &Option<String>| {
            let first = arguments.split([',', ')']).next();
            fd.is_some() && first == fd.as_deref()
        };
        let is_refused = result.trim_start().starts_with('-');
        let fd = || Some(result.trim().to_owned());
        match name {
            _ if is_refused => {}
            "openat" if arguments.contains("O_TMPFILE") => file = fd(),
            "openat" if arguments.contains("O_EXCL") && arguments.contains(".new-") => {
                file = fd();
                ops.push(Op::Link(named(arguments, 0)?));
            }
            "openat" if arguments.contains("\".\", O_RDONLY") => directory = fd(),
            "write" if is_of(&file) => ops.push(Op::Write(result.trim().parse()?)),
            "fsync" if is_of(&file) => ops.push(Op::SyncFile),
            "fsync" if is_of(&directory) => ops.push(Op::SyncDirectory),
            "linkat" => ops.push(Op::Link(named(arguments, 1)?)),
            "renameat" => ops.push(Op::Rename(named(arguments, 0)?, named(arguments, 1)?)),
            "unlinkat" => ops.push(Op::Unlink(named(arguments, 0)?)),
            "close" if is_of(&file) => file = None,
            "close" if is_of(&directory) => directory = None,
            _ => {}
        }
    }
    Ok(ops)
}

/// Returns the file name of one of the quoted paths among the arguments.
fn named(arguments: &str, number: usize) -> Result<String> {
    let path = arguments.split('"').nth(2 * number + 1);
    let name = path.and_then(|path| path.rsplit('/').next());
    Ok(name
        .ok_or_else(|| format!("the path is missing in {arguments:?}"))?
        .to_owned())
}

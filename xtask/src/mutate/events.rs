//! `cargo xtask mutate events`: changes builds of applications that use published
//! crates, one setting at a time, and checks that no function gives another answer
//! under a fingerprint that it had before.

mod axis;
mod saving;
mod state;
mod subject;
mod tally;
mod walk;
mod workspace;

use std::collections::VecDeque;
use std::sync::Mutex;
use std::thread;

use self::subject::{SUBJECTS, Subject};
use self::tally::Tally;
use self::walk::Walk;
use crate::document::write_section;
use crate::shell::{Result, root};

/// Walks over one of the crates or all, prints the tables, and writes them to the
/// document if `write` is set.
pub(crate) fn run(name: Option<&str>, write: bool) -> Result {
    let is_wanted = |subject: &&Subject| name.is_none_or(|name| name == subject.name);
    let wanted: VecDeque<_> = SUBJECTS.iter().filter(is_wanted).collect();
    if wanted.is_empty() {
        let names: Vec<_> = SUBJECTS.iter().map(|subject| subject.name).collect();
        return Err(format!(
            "unknown crate {name:?}; expected one of {}",
            names.join(", ")
        )
        .into());
    }
    let (mut tallies, broken) = walk_all(wanted)?;
    tallies.sort_by_key(|(subject, _)| subject.name);
    let tables = format!(
        "{}\n{}",
        tally::by_crate(&tallies),
        tally::by_kind(&tallies)
    );
    println!("\n{tables}");
    if !broken.is_empty() {
        return Err(broken.join("\n").into());
    }
    if write {
        write_section(&root().join("docs/fingerprint.md"), "events", &tables)?;
    }
    match tallies.iter().map(|(_, tally)| tally.stale()).sum() {
        0 => Ok(()),
        stale => Err(format!("{stale} stale answers; each is printed above").into()),
    }
}

type Tallies = Vec<(&'static Subject, Tally)>;

/// Runs one walk on each core, each in its own directory with its own builds. Returns
/// the tallies, and the errors of walks that could not continue.
fn walk_all(wanted: VecDeque<&'static Subject>) -> Result<(Tallies, Vec<String>)> {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let lanes = cores.min(wanted.len());
    let wanted = Mutex::new(wanted);
    let next = || wanted.lock().ok()?.pop_front();
    let lane = |number: usize| {
        let (mut done, mut broken) = (Tallies::new(), Vec::new());
        while let Some(subject) = next() {
            match Walk::new(subject, number).and_then(Walk::run) {
                Ok(tally) => done.push((subject, tally)),
                Err(error) => broken.push(format!("{}: {error}", subject.name)),
            }
        }
        (done, broken)
    };
    let done: Vec<_> = thread::scope(|scope| {
        let lane = &lane;
        let lanes: Vec<_> = (0..lanes)
            .map(|number| scope.spawn(move || lane(number)))
            .collect();
        lanes
            .into_iter()
            .map(thread::ScopedJoinHandle::join)
            .collect()
    });
    let (mut tallies, mut all_broken) = (Tallies::new(), Vec::new());
    for lane in done {
        let (done, broken) = lane.map_err(|_| "a walk panicked")?;
        tallies.extend(done);
        all_broken.extend(broken);
    }
    Ok((tallies, all_broken))
}

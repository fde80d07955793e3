//! `cargo xtask mutate events`: changes builds of applications over published
//! crates, one thing at a time, and requires that no function answers anew
//! under a fingerprint that it has had.

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

/// Walks over one of the crates, or over all, prints, and writes the tables
/// when asked.
pub(crate) fn run(name: Option<&str>, write: bool) -> Result {
    let is_wanted = |subject: &&Subject| name.is_none_or(|name| name == subject.name);
    let wanted: VecDeque<_> = SUBJECTS.iter().filter(is_wanted).collect();
    if wanted.is_empty() {
        let names: Vec<_> = SUBJECTS.iter().map(|subject| subject.name).collect();
        return Err(format!("{name:?} is none of the crates: {}", names.join(", ")).into());
    }
    let mut tallies = walk_all(wanted)?;
    tallies.sort_by_key(|(subject, _)| subject.name);
    let tables = format!(
        "{}\n{}",
        tally::by_crate(&tallies),
        tally::by_kind(&tallies)
    );
    println!("\n{tables}");
    if write {
        write_section(&root().join("docs/fingerprint.md"), "events", &tables)?;
    }
    match tallies.iter().map(|(_, tally)| tally.stale()).sum() {
        0 => Ok(()),
        stale => Err(format!("{stale} stale answers; each is printed above").into()),
    }
}

type Tallies = Vec<(&'static Subject, Tally)>;

/// One walk on each core; each has a directory, with what it builds, of its own.
fn walk_all(wanted: VecDeque<&'static Subject>) -> Result<Tallies> {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let lanes = cores.min(wanted.len());
    let wanted = Mutex::new(wanted);
    let next = || wanted.lock().ok()?.pop_front();
    let lane = |number: usize| -> std::result::Result<Tallies, String> {
        let mut done = Vec::new();
        while let Some(subject) = next() {
            let walk = Walk::new(subject, number).and_then(Walk::run);
            let tally = walk.map_err(|error| format!("{}: {error}", subject.name))?;
            done.push((subject, tally));
        }
        Ok(done)
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
    let mut tallies = Tallies::new();
    for lane in done {
        tallies.extend(lane.map_err(|_| "a walk panicked")??);
    }
    Ok(tallies)
}

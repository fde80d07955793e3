//! Tests fingerprints with single edits of a small workspace. A table lists the exact
//! set of memoized functions that each edit invalidates. With `JOBLIB_TEST_WHOLE=1` the
//! test runs every edit instead of one in four.

#[path = "../built/mod.rs"]
mod built;
mod edit;
mod table;
mod verdict;
mod workspace;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use edit::Topic;
use table::TOPICS;
use verdict::{Verdict, judge, stale_results};
use workspace::{Lines, Workspace};

/// Number of fixture copies that are edited in parallel.
const COPIES: usize = 2;

#[test]
fn edits_change_exactly_the_fingerprints_they_can_reach() {
    let next = AtomicUsize::new(0);
    let (before, total) = thread::scope(|scope| {
        let next = &next;
        let copies: Vec<_> = (0..COPIES)
            .map(|copy| scope.spawn(move || try_topics(copy, next)))
            .collect();
        let mut before: Vec<Lines> = Vec::new();
        let mut total = Verdict::default();
        for copy in copies {
            let (lines, verdict) = copy
                .join()
                .expect("a thread that runs edits does not panic");
            before.push(lines);
            total.add(verdict);
        }
        (before, total)
    });
    print("all", &total);
    assert!(total.faults.is_empty(), "\n{}", total.faults.join("\n"));
    assert!(
        before.windows(2).all(|pair| pair[0] == pair[1]),
        "the fingerprints depend on the path of the workspace"
    );
}

/// Runs topics until none is left. Returns the output without an edit and the sum of
/// the outcomes.
fn try_topics(copy: usize, next: &AtomicUsize) -> (Lines, Verdict) {
    let workspace = Workspace::copy(copy);
    let before = workspace.run(&[]).unwrap_or_else(|error| panic!("{error}"));
    assert!(
        stale_results(&before).is_empty(),
        "the first run, with an empty cache, returned stale results"
    );
    let mut total = Verdict::default();
    while let Some(topic) = TOPICS.get(next.fetch_add(1, Ordering::Relaxed)) {
        let verdict = try_topic(&workspace, topic, &before);
        print(topic.name, &verdict);
        total.add(verdict);
    }
    (before, total)
}

fn try_topic(workspace: &Workspace, topic: &Topic, before: &Lines) -> Verdict {
    let mut total = Verdict::default();
    let is_whole = std::env::var_os("JOBLIB_TEST_WHOLE").is_some();
    let edits = topic.edits.iter().step_by(if is_whole { 1 } else { 4 });
    for edit in edits {
        total.add(match workspace.edited(edit) {
            Ok(after) => judge(edit, before, &after),
            Err(error) => Verdict::fault(format!("{edit}\n    {error}")),
        });
    }
    if workspace.run(&[]).as_ref() != Ok(before) {
        let message = format!(
            "{}: the output without an edit differs from the first run",
            topic.name
        );
        total.faults.push(message);
    }
    total
}

fn print(name: &str, verdict: &Verdict) {
    eprintln!(
        "{name:<32} {:>4} edits, {:>4} answers and {:>4} fingerprints changed, {:>3} needlessly, {} faults",
        verdict.edits,
        verdict.answers,
        verdict.fingerprints,
        verdict.needless,
        verdict.faults.len(),
    );
}

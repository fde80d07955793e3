//! Compares the fingerprints that an edit changed with those that it must change.

use std::collections::BTreeSet;

use crate::edit::Edit;
use crate::workspace::{Line, Lines};

/// The outcome of one edit or the sum of several outcomes.
#[derive(Default)]
pub(crate) struct Verdict {
    pub(crate) faults: Vec<String>,
    pub(crate) edits: usize,
    /// Number of functions whose result changed.
    pub(crate) answers: usize,
    /// Number of functions whose fingerprint changed.
    pub(crate) fingerprints: usize,
    /// Number of functions whose fingerprint changed although the edit cannot change
    /// their result.
    pub(crate) needless: usize,
}

impl Verdict {
    /// Creates the outcome of an edit that failed to run.
    pub(crate) fn fault(message: String) -> Verdict {
        Verdict {
            faults: vec![message],
            edits: 1,
            ..Verdict::default()
        }
    }

    /// Adds the outcome of another edit.
    pub(crate) fn add(&mut self, other: Verdict) {
        self.faults.extend(other.faults);
        self.edits += other.edits;
        self.answers += other.answers;
        self.fingerprints += other.fingerprints;
        self.needless += other.needless;
    }
}

/// Compares the output before and after `edit` with the expectation of the edit.
pub(crate) fn judge(edit: &Edit, before: &Lines, after: &Lines) -> Verdict {
    let names: BTreeSet<&str> = before
        .keys()
        .chain(after.keys())
        .map(String::as_str)
        .collect();
    let differs = |pick: fn(&Line) -> &String| -> BTreeSet<&str> {
        let of = |lines: &Lines, name: &str| lines.get(name).map(|line| pick(line).clone());
        let is_other = |name: &&str| of(before, name) != of(after, name);
        names.iter().copied().filter(is_other).collect()
    };
    let answers = differs(|line| &line.computed);
    let fingerprints = differs(|line| &line.fingerprint);
    let expected: BTreeSet<&str> = edit.expected().collect();
    let needless: BTreeSet<&str> = edit.also.iter().copied().collect();
    let mut verdict = Verdict {
        edits: 1,
        answers: answers.len(),
        fingerprints: fingerprints.len(),
        needless: needless.len(),
        ..Verdict::default()
    };
    let mut fault = |what: &str, names: Vec<&str>| {
        if !names.is_empty() {
            verdict
                .faults
                .push(format!("{edit}\n    {what}: {}", names.join(", ")));
        }
    };
    fault(
        "stale",
        answers.difference(&fingerprints).copied().collect(),
    );
    fault(
        "unchanged, although the table lists it",
        expected.difference(&fingerprints).copied().collect(),
    );
    fault(
        "changed, although the table does not list it",
        fingerprints.difference(&expected).copied().collect(),
    );
    fault(
        "listed as needless, but the result changes",
        needless.intersection(&answers).copied().collect(),
    );
    fault("returned a stale result", stale_results(after));
    verdict
}

/// Returns the functions whose memoized result differs from the computed one.
pub(crate) fn stale_results(lines: &Lines) -> Vec<&str> {
    let is_stale = |line: &Line| line.answered != line.computed;
    lines
        .iter()
        .filter(|(_, line)| is_stale(line))
        .map(|(name, _)| name.as_str())
        .collect()
}

//! Compares what an edit changed with what it was to change.

use std::collections::BTreeSet;

use crate::edit::Edit;
use crate::workspace::{Line, Lines};

/// What one edit, or all of them, came to.
#[derive(Default)]
pub(crate) struct Verdict {
    pub(crate) faults: Vec<String>,
    pub(crate) edits: usize,
    /// Functions whose answer changed.
    pub(crate) answers: usize,
    /// Functions whose fingerprint changed.
    pub(crate) fingerprints: usize,
    /// Functions whose fingerprint changed although the edit cannot change what
    /// they answer.
    pub(crate) needless: usize,
}

impl Verdict {
    /// An edit that could not be tried.
    pub(crate) fn fault(message: String) -> Verdict {
        Verdict {
            faults: vec![message],
            edits: 1,
            ..Verdict::default()
        }
    }

    /// Adds what another edit came to.
    pub(crate) fn add(&mut self, other: Verdict) {
        self.faults.extend(other.faults);
        self.edits += other.edits;
        self.answers += other.answers;
        self.fingerprints += other.fingerprints;
        self.needless += other.needless;
    }
}

/// Judges what `edit` made of `before`.
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
        "kept, though in the table",
        expected.difference(&fingerprints).copied().collect(),
    );
    fault(
        "changed, though not in the table",
        fingerprints.difference(&expected).copied().collect(),
    );
    fault(
        "called needless, but answers anew",
        needless.intersection(&answers).copied().collect(),
    );
    fault("answered from the past", from_the_past(after));
    verdict
}

/// Functions whose memoized answer is not the one they compute.
pub(crate) fn from_the_past(lines: &Lines) -> Vec<&str> {
    let is_past = |line: &Line| line.answered != line.computed;
    lines
        .iter()
        .filter(|(_, line)| is_past(line))
        .map(|(name, _)| name.as_str())
        .collect()
}

//! Counts the effects of events. No function may give another answer under a
//! fingerprint that it had in any earlier build.

use std::collections::{BTreeMap, BTreeSet};

use super::subject::Subject;
use crate::mutate::lines::{Line, Lines};

/// The effects of the events of one kind.
#[derive(Clone, Copy, Debug, Default)]
struct Count {
    events: usize,
    /// Events that changed an answer.
    telling: usize,
    /// The number of pairs of an event and a function.
    pairs: usize,
    /// The number of those pairs whose answer changed.
    answers: usize,
    /// The number of those pairs whose fingerprint changed without a change of the
    /// answer.
    needless: usize,
    stale: usize,
}

/// The effects of the events of one walk.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// The answers of each function under each fingerprint.
    known: BTreeMap<(String, String), Vec<String>>,
    kinds: BTreeMap<&'static str, Count>,
    refused: usize,
    releases: BTreeSet<usize>,
    affected: BTreeSet<String>,
    functions: usize,
}

impl Tally {
    /// Starts a tally with the answers of the first build.
    pub(super) fn new(lines: &Lines) -> Tally {
        let mut tally = Tally {
            functions: lines.keys().filter(|name| !name.is_empty()).count(),
            ..Tally::default()
        };
        tally.learn(lines);
        tally
    }

    /// Counts an event that the compiler or cargo rejects.
    pub(super) fn refuse(&mut self) {
        self.refused += 1;
    }

    /// Counts a step from one release to the next.
    pub(super) fn pair(&mut self, first: usize) {
        self.releases.insert(first);
    }

    pub(super) fn events(&self) -> usize {
        self.sum().events
    }

    pub(super) fn stale(&self) -> usize {
        self.sum().stale
    }

    /// Compares the answers after an event with all earlier ones, and returns the stale
    /// ones.
    pub(super) fn compare(
        &mut self,
        kind: &'static str,
        before: &Lines,
        after: &Lines,
    ) -> Vec<String> {
        let stale = self.learn(after);
        let count = self.kinds.entry(kind).or_default();
        count.events += 1;
        count.stale += stale.len();
        let mut is_telling = false;
        for (name, line) in after.iter().filter(|(name, _)| !name.is_empty()) {
            let Some(old) = before.get(name) else {
                continue;
            };
            let is_answer_changed = old.answers != line.answers;
            is_telling |= is_answer_changed;
            count.pairs += 1;
            count.answers += usize::from(is_answer_changed);
            let is_invalidated = old.fingerprint != line.fingerprint;
            count.needless += usize::from(is_invalidated && !is_answer_changed);
            if is_answer_changed {
                self.affected.insert(name.clone());
            }
        }
        count.telling += usize::from(is_telling);
        stale
    }

    /// Compares the answers of another build after the same event.
    pub(super) fn compare_again(&mut self, kind: &'static str, lines: &Lines) -> Vec<String> {
        let stale = self.learn(lines);
        self.kinds.entry(kind).or_default().stale += stale.len();
        stale
    }

    fn learn(&mut self, lines: &Lines) -> Vec<String> {
        let mut stale = Vec::new();
        for (
            name,
            Line {
                fingerprint,
                answers,
                ..
            },
        ) in lines
        {
            let Some(answers) = answers else { continue };
            let key = (name.clone(), fingerprint.clone());
            let known = self.known.entry(key).or_insert_with(|| answers.clone());
            if known != answers {
                stale.push(format!("{name} answers {answers:?} for {known:?}"));
            }
        }
        stale
    }

    fn sum(&self) -> Count {
        let mut sum = Count::default();
        self.kinds.values().for_each(|count| sum.add(*count));
        sum
    }
}

impl Count {
    fn add(&mut self, other: Count) {
        self.events += other.events;
        self.telling += other.telling;
        self.pairs += other.pairs;
        self.answers += other.answers;
        self.needless += other.needless;
        self.stale += other.stale;
    }

    fn share(self, part: usize) -> f64 {
        100.0 * part as f64 / self.pairs.max(1) as f64
    }

    fn columns(self) -> String {
        format!(
            "{} | {} | {:.1} % | {:.1} % | {}",
            self.events,
            self.telling,
            self.share(self.answers),
            self.share(self.needless),
            self.stale
        )
    }
}

/// Renders a table with a row for each crate.
pub(super) fn by_crate(tallies: &[(&'static Subject, Tally)]) -> String {
    let mut table = "| crate | releases | pairs of releases | functions that answered anew | refused | events | change an answer | answers changed | needlessly invalidated | stale |\n\
         |---|---|---:|---:|---:|---:|---:|---:|---:|---:|\n"
        .to_owned();
    let mut all = Count::default();
    for (subject, tally) in tallies {
        let (Some(first), Some(last)) = (subject.releases.first(), subject.releases.last()) else {
            continue;
        };
        all.add(tally.sum());
        table += &format!(
            "| {} | {first} to {last} | {} | {} of {} | {} | {} |\n",
            subject.name,
            tally.releases.len(),
            tally.affected.len(),
            tally.functions,
            tally.refused,
            tally.sum().columns()
        );
    }
    table + &format!("| all | | | | | {} |\n", all.columns())
}

/// Renders a table with a row for each kind of event.
pub(super) fn by_kind(tallies: &[(&'static Subject, Tally)]) -> String {
    let mut kinds: BTreeMap<&str, Count> = BTreeMap::new();
    for (kind, count) in tallies.iter().flat_map(|(_, tally)| &tally.kinds) {
        kinds.entry(kind).or_default().add(*count);
    }
    let mut table = "| event | events | change an answer | answers changed | needlessly invalidated | stale |\n\
         |---|---:|---:|---:|---:|---:|\n"
        .to_owned();
    for (kind, count) in kinds {
        table += &format!("| {kind} | {} |\n", count.columns());
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mutate::lines::{answering, parse};

    #[test]
    fn a_function_without_an_answer_hides_no_stale_answer_of_another() {
        let first = parse("f\taa\t1\ng\tbb\t1\nf\t1\ng\t1\n");
        let second = parse("f\taa\t1\ng\tcc\t1\nf\t2\n");
        let mut tally = Tally::new(&first);
        assert_eq!(tally.compare("a", &first, &answering(&second)).len(), 1);
        let count = tally.kinds["a"];
        assert_eq!((count.pairs, count.answers, count.stale), (1, 1, 1));
    }

    #[test]
    fn an_answer_that_changes_under_a_fingerprint_of_any_build_before_is_stale() {
        let first = parse("f\taa\t1\nf\t1\n");
        let second = parse("f\tbb\t1\nf\t2\n");
        let third = parse("f\taa\t1\nf\t3\n");
        let mut tally = Tally::new(&first);
        assert_eq!(tally.compare("a", &first, &second), [""; 0]);
        assert_eq!(tally.compare("b", &second, &third).len(), 1);
        assert_eq!((tally.events(), tally.stale()), (2, 1));
    }

    #[test]
    fn a_fingerprint_that_changes_alone_is_needless() {
        let first = parse("f\taa\t1\ng\taa\t1\nf\t1\ng\t1\n");
        let second = parse("f\tbb\t1\ng\tbb\t1\nf\t1\ng\t2\n");
        let mut tally = Tally::new(&first);
        assert_eq!(tally.compare("a", &first, &second), [""; 0]);
        let count = tally.kinds["a"];
        assert_eq!((count.pairs, count.answers, count.needless), (2, 1, 1));
    }
}

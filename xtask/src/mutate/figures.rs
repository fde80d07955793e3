//! Counts the effects of the edits of a crate.

use std::collections::BTreeSet;

use super::lines::{Line, Lines};
use super::sites::Site;
use super::subject::Subject;
use crate::shell::Result;

/// The effects of the edits of one crate.
#[derive(Debug, Default)]
pub(super) struct Figures {
    edits: usize,
    pub(super) compiled: usize,
    /// The number of edits whose fingerprints are compared.
    compared: usize,
    /// The number of compared edits that change an answer. All such edits are compared.
    telling: usize,
    functions: usize,
    /// The functions whose answers an edit has changed.
    affected: BTreeSet<String>,
    /// The number of pairs of an edit and a function whose fingerprint changes.
    invalidated: usize,
    /// The number of those pairs whose answer does not change.
    needless: usize,
    /// The number of needless pairs in which the function runs the edited function, or
    /// in which that is unknown.
    entered: usize,
    /// The number of pairs whose answer changes and whose fingerprint does not.
    pub(super) stale: usize,
    /// The share of all items that the median function reaches.
    reached: f64,
    /// A line for each pair whose fingerprint or answer changes.
    pub(super) pairs: String,
}

/// Returns the header of the table.
pub(super) fn header() -> String {
    "| crate | functions | edits | compile | change an answer | compared | stale | invalidated | needlessly | of it not run | items reached |\n\
     |---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n"
        .to_owned()
}

/// Returns the functions whose answers differ.
pub(super) fn changed<'a>(plain: &'a Lines, edited: &'a Lines) -> impl Iterator<Item = &'a String> {
    differing(plain, edited, |line| &line.answers)
}

fn differing<'a, T: PartialEq + 'a>(
    plain: &'a Lines,
    edited: &'a Lines,
    part: impl Fn(&'a Line) -> &'a T,
) -> impl Iterator<Item = &'a String> {
    let lines = plain.iter().zip(edited.values());
    lines.filter_map(move |((name, line), edited)| {
        (!name.is_empty() && part(line) != part(edited)).then_some(name)
    })
}

impl Figures {
    /// Creates figures without comparisons, for `edits` edits.
    pub(super) fn new(plain: &Lines, edits: usize) -> Figures {
        Figures {
            edits,
            functions: plain.len() - 1,
            reached: reached(plain),
            ..Figures::default()
        }
    }

    /// Compares the answers and the fingerprints with and without the edit at `site`.
    pub(super) fn compare(
        &mut self,
        site: &Site,
        plain: &Lines,
        answers: &Lines,
        prints: &Lines,
    ) -> Result {
        if ![answers, prints]
            .iter()
            .all(|lines| lines.keys().eq(plain.keys()))
        {
            return Err(format!("the output under {site:?} does not list all functions").into());
        }
        let new: BTreeSet<_> = changed(plain, answers).collect();
        let prints: BTreeSet<_> = differing(plain, prints, |line| &line.fingerprint).collect();
        self.compared += 1;
        self.telling += usize::from(!new.is_empty());
        self.affected.extend(new.iter().copied().cloned());
        self.invalidated += prints.len();
        for &name in new.union(&prints) {
            let is_entered = !site.is_switch || answers[name].is_entered;
            let kind = match (new.contains(name), prints.contains(name)) {
                (true, true) => "needed",
                (true, false) => "stale",
                (false, _) => "needless",
            };
            self.needless += usize::from(kind == "needless");
            self.entered += usize::from(kind == "needless" && is_entered);
            self.stale += usize::from(kind == "stale");
            let run = if is_entered { "run" } else { "not run" };
            let pair = format!("{kind}\t{run}\t{name}\t{site}\n");
            if kind == "stale" {
                print!("{pair}");
            }
            self.pairs += &pair;
        }
        Ok(())
    }

    /// Renders the row of a crate.
    pub(super) fn row(&self, subject: &Subject) -> String {
        let pairs = (self.compared * self.functions).max(1) as f64;
        format!(
            "| {} {} | {} of {} | {} | {} | {} | {} | {} | {:.1} % | {:.1} % | {:.1} % | {:.1} % |\n",
            subject.name,
            subject.version,
            self.affected.len(),
            self.functions,
            self.edits,
            self.compiled,
            self.telling,
            self.compared,
            self.stale,
            100.0 * self.invalidated as f64 / pairs,
            100.0 * self.needless as f64 / pairs,
            100.0 * (self.needless - self.entered) as f64 / pairs,
            100.0 * self.reached,
        )
    }
}

/// Returns the share of all items that the median function reaches.
fn reached(plain: &Lines) -> f64 {
    let all = plain.get("").map_or(1, |line| line.reached).max(1) as f64;
    let functions = plain.iter().filter(|(name, _)| !name.is_empty());
    let mut counts: Vec<usize> = functions.map(|(_, line)| line.reached).collect();
    counts.sort_unstable();
    let median = counts.get(counts.len() / 2);
    median.map_or(0.0, |&count| count as f64 / all)
}

#[cfg(test)]
mod tests {
    use super::super::lines::parse;
    use super::*;

    fn compared(prints: &str) -> Figures {
        let plain = parse("f\taa\t3\ng\tbb\t1\nh\tbb\t1\n\t\t9\nf\t1\ng\t1\nh\t1\n");
        let site = Site {
            file: "lib.rs".into(),
            line: 1,
            bytes: 0..1,
            before: "1".to_owned(),
            after: "2".to_owned(),
            is_switch: true,
            body: 0,
        };
        let answers =
            parse("f\taa\t3\ng\tbb\t1\nh\tbb\t1\n\t\t9\n\u{1}\tf\nf\t2\n\u{1}\tg\ng\t1\nh\t1\n");
        let mut figures = Figures::new(&plain, 1);
        let compared = figures.compare(&site, &plain, &answers, &parse(prints));
        compared.unwrap();
        figures
    }

    #[test]
    fn an_answer_that_changes_under_one_fingerprint_is_stale() {
        let figures = compared("f\taa\t3\ng\tcc\t1\nh\tcc\t1\n\t\t9\n");
        assert_eq!(
            (figures.stale, figures.invalidated, figures.needless),
            (1, 2, 2)
        );
    }

    #[test]
    fn needless_pairs_that_run_the_edited_function_are_counted_separately() {
        let figures = compared("f\tcc\t3\ng\tcc\t1\nh\tcc\t1\n\t\t9\n");
        assert_eq!((figures.needless, figures.entered), (2, 1));
        assert_eq!(figures.pairs.matches("needless\trun\tg").count(), 1);
    }

    #[test]
    fn a_fingerprint_that_changes_with_its_answer_is_needed() {
        let figures = compared("f\tcc\t3\ng\tbb\t1\nh\tbb\t1\n\t\t9\n");
        assert_eq!(
            (figures.stale, figures.invalidated, figures.needless),
            (0, 1, 0)
        );
    }
}

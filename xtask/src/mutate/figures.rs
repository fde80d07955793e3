//! Counts what the edits of a crate came to.

use super::answers::Lines;
use super::sites::Site;
use super::subject::Subject;

/// What the edits of one crate came to.
#[derive(Debug, Default)]
pub(super) struct Figures {
    edits: usize,
    functions: usize,
    /// Pairs of an edit and a function whose answer it changes.
    answers: usize,
    /// Pairs whose fingerprint changes.
    fingerprints: usize,
    /// Pairs whose answer changes and whose fingerprint does not.
    pub(super) stale: usize,
    /// Items a function reaches, as shares of all: the median function's.
    reached: f64,
}

/// The head of the table.
pub(super) fn header() -> String {
    "| crate | edits | functions | answers changed | stale | invalidated needlessly | items reached, median |\n\
     |---|---:|---:|---:|---:|---:|---:|\n"
        .to_owned()
}

impl Figures {
    /// The row of a crate.
    pub(super) fn row(&self, subject: &Subject) -> String {
        let pairs = (self.edits * self.functions).max(1) as f64;
        let needless = (self.fingerprints + self.stale - self.answers) as f64;
        format!(
            "| {} {} | {} | {} | {} | {} | {:.1} % of pairs | {:.1} % |\n",
            subject.name,
            subject.version,
            self.edits,
            self.functions,
            self.answers,
            self.stale,
            100.0 * needless / pairs,
            100.0 * self.reached,
        )
    }
}

/// Compares the answers and the fingerprints under each edit with those
/// without one.
pub(super) fn compare(
    sites: &[Site],
    (answers, answers_edited): &(Lines, Vec<Lines>),
    (prints, prints_edited): &(Lines, Vec<Lines>),
) -> Figures {
    let names = || prints.keys().filter(|name| !name.is_empty());
    let mut figures = Figures {
        edits: sites.len(),
        functions: names().count(),
        reached: reached(prints),
        ..Figures::default()
    };
    for ((site, answered), printed) in sites.iter().zip(answers_edited).zip(prints_edited) {
        for name in names() {
            let answer = |lines: &Lines| lines.get(name).map(|line| line.answer.clone());
            let print = |lines: &Lines| lines.get(name).map(|line| line.fingerprint.clone());
            let is_other_answer = answer(answers) != answer(answered);
            let is_other_print = print(prints) != print(printed);
            figures.answers += usize::from(is_other_answer);
            figures.fingerprints += usize::from(is_other_print);
            if is_other_answer && !is_other_print {
                figures.stale += 1;
                let Site {
                    file,
                    line,
                    before,
                    after,
                    ..
                } = site;
                println!(
                    "stale: {name} after {}:{line}: `{before}` became `{after}`",
                    file.display()
                );
            }
        }
    }
    figures
}

/// The share of all items that the median function reaches.
fn reached(prints: &Lines) -> f64 {
    let all = prints.get("").map_or(1, |line| line.reached).max(1) as f64;
    let mut counts: Vec<usize> = prints
        .iter()
        .filter(|(name, _)| !name.is_empty())
        .map(|(_, line)| line.reached)
        .collect();
    counts.sort_unstable();
    counts
        .get(counts.len() / 2)
        .map_or(0.0, |&count| count as f64 / all)
}

#[cfg(test)]
mod tests {
    use super::super::answers::parse;
    use super::*;

    #[test]
    fn an_answer_that_changes_under_one_fingerprint_is_stale() {
        let site = Site {
            file: "lib.rs".into(),
            line: 1,
            bytes: 0..1,
            before: "1".to_owned(),
            after: "2".to_owned(),
        };
        let before = parse("f\taa\t3\t1\ng\tbb\t1\t1\n\t\t9\t");
        let answers = (before.clone(), vec![parse("f\taa\t3\t2\ng\tbb\t1\t1\n")]);
        let prints = (before.clone(), vec![parse("f\taa\t3\t1\ng\tcc\t1\t1\n")]);
        let figures = compare(std::slice::from_ref(&site), &answers, &prints);
        assert_eq!(
            (figures.stale, figures.answers, figures.fingerprints),
            (1, 1, 1)
        );
        let fresh = (before, vec![parse("f\tcc\t3\t2\ng\tbb\t1\t1\n")]);
        assert_eq!(compare(&[site], &answers, &fresh).stale, 0);
    }
}

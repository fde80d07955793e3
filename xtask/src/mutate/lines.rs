//! Parses the output of the application: one record for each function.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use crate::shell::Result;

/// The record of one function.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) fingerprint: String,
    pub(super) reached: usize,
    /// The answer to each argument. `None` if the process ended or timed out before.
    pub(super) answers: Option<Vec<String>>,
    /// Whether it ran the edited function.
    pub(super) is_entered: bool,
}

impl Line {
    /// Returns the number of different answers.
    pub(super) fn variety(&self) -> usize {
        let answers = self.answers.iter().flatten();
        answers.collect::<BTreeSet<_>>().len()
    }
}

/// The records of all functions. The record of the whole crate has an empty name.
pub(super) type Lines = BTreeMap<String, Line>;

/// Returns the records of the functions that answered.
pub(super) fn answering(lines: &Lines) -> Lines {
    let records = lines
        .iter()
        .map(|(name, line)| (name.clone(), line.clone()));
    records
        .filter(|(name, line)| name.is_empty() || line.answers.is_some())
        .collect()
}

/// The environment variable with the number of the edit.
const SWITCH: &str = "JOBLIB_MUTANT";

/// The prefix of a line that names a function which ran the edited function.
const ENTERED: &str = "\u{1}";

/// The argument that requests no answers.
const NOTHING: &str = "-";

/// Returns fingerprints and answers. A function that disturbs its process must not
/// affect the answers of others, so a function without an answer is run again, alone.
pub(super) fn ask(program: &Path, switch: Option<usize>) -> Result<Lines> {
    let mut lines = run(program, switch, None)?;
    for (name, line) in &mut lines {
        if line.answers.is_none() && !name.is_empty() {
            let alone = run(program, switch, Some(name))?.remove(name);
            line.is_entered |= alone.as_ref().is_some_and(|line| line.is_entered);
            line.answers = alone.and_then(|line| line.answers);
        }
    }
    Ok(lines)
}

/// Returns fingerprints only.
pub(super) fn fingerprints(program: &Path) -> Result<Lines> {
    run(program, None, Some(NOTHING))
}

fn run(program: &Path, switch: Option<usize>, name: Option<&str>) -> Result<Lines> {
    // An edited function may allocate any amount of memory.
    let mut command = Command::new("sh");
    command
        .args(["-c", "ulimit -c 0 -v 2000000; exec \"$0\" \"$@\""])
        .arg(program)
        .args(name);
    if let Some(number) = switch {
        command.env(SWITCH, number.to_string());
    }
    let printed = command.output()?;
    Ok(parse(&String::from_utf8_lossy(&printed.stdout)))
}

/// Parses lines such as `name fingerprint reached`, then `name answer …`, each preceded
/// by `\u{1} name` if the function ran the edited function.
pub(super) fn parse(printed: &str) -> Lines {
    let mut lines = Lines::new();
    for text in printed.lines() {
        let mut fields = text.split('\t').map(str::to_owned);
        let name = fields.next().unwrap_or_default();
        if name == ENTERED {
            let line = fields.next().and_then(|name| lines.get_mut(&name));
            line.into_iter().for_each(|line| line.is_entered = true);
            continue;
        }
        match lines.get_mut(&name) {
            Some(line) => line.answers = Some(fields.collect()),
            None => {
                let line = Line {
                    fingerprint: fields.next().unwrap_or_default(),
                    reached: fields.next().and_then(|n| n.parse().ok()).unwrap_or(0),
                    answers: None,
                    is_entered: false,
                };
                lines.insert(name, line);
            }
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_application_prints_is_read() {
        let lines = parse("f\taa\t3\ng\tbb\t4\n\t\t9\nf\t1\t2\t1\n");
        let (f, g) = (&lines["f"], &lines["g"]);
        assert_eq!(
            (f.fingerprint.as_str(), f.reached, f.variety()),
            ("aa", 3, 2)
        );
        assert_eq!((g.answers.clone(), lines[""].reached), (None, 9));
    }
}

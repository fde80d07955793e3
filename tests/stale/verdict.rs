//! Runs the steps of a case and reports the differences from the expected behaviour.

use std::collections::BTreeMap;
use std::process::Output;

use crate::build_dir::BuildDir;
use crate::case::{Case, Step, scope};
use crate::package_files::{self, Tree};

/// The output of the program for one function.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Line {
    /// Whether the result is stored before the call.
    is_stored: bool,
    /// The result of the memoized call.
    answered: String,
    /// The result of computing the function.
    computed: String,
}

type Lines = BTreeMap<String, Line>;

/// Runs the case and describes its faults, or returns `None` if it has none.
pub(crate) fn fault(case: &Case, dir: &BuildDir) -> Option<String> {
    let given = case.tree();
    dir.install(&given);
    let mut now = given.clone();
    let mut before: Vec<Lines> = Vec::new();
    let mut found = String::new();
    for (number, step) in case.steps.iter().enumerate() {
        let wanted = match edited(&given, step) {
            Ok(wanted) => wanted,
            Err(error) => {
                found += &format!(
                    "step {number}: {}\n* the case is wrong: {error}\n",
                    shown(step)
                );
                continue;
            }
        };
        package_files::save(&dir.source(), &now, &wanted)
            .expect("saving the edited files succeeds");
        now = wanted;
        let output = dir.run(step);
        let (lines, mut faults) = read(&output);
        faults.extend(judge(step, &before, &lines));
        before.push(lines);
        faults.extend(missing_warnings(step, &output));
        if !faults.is_empty() {
            found += &describe(number, step, &faults, &output);
        }
    }
    dir.clear(&given);
    (!found.is_empty()).then(|| format!("case: {}\n{found}{}", case.promise(), listed(&given)))
}

fn edited(given: &Tree, step: &Step) -> Result<Tree, String> {
    let mut tree = given.clone();
    for edit in &step.edits {
        edit.make(&mut tree)?;
    }
    Ok(tree)
}

/// Parses the printed lines and returns them with the faults of the run itself.
fn read(output: &Output) -> (Lines, Vec<String>) {
    let text = String::from_utf8_lossy(&output.stdout);
    let mut lines = Lines::new();
    let mut faults = Vec::new();
    if !output.status.success() {
        faults.push("the package does not run".to_owned());
    }
    for line in text.lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        if let ["joblib", name, is_stored, answered, computed] = fields[..] {
            let line = Line {
                is_stored: is_stored == "true",
                answered: answered.to_owned(),
                computed: computed.to_owned(),
            };
            lines.insert(name.to_owned(), line);
        }
    }
    if lines.is_empty() {
        faults.push("no function is called".to_owned());
    }
    (lines, faults)
}

/// Compares the lines of a step with those of the steps before it and returns the
/// faults.
fn judge(step: &Step, before: &[Lines], now: &Lines) -> Vec<String> {
    let first = before.first().unwrap_or(now);
    let mut faults = Vec::new();
    for (name, line) in now {
        if line.answered != line.computed {
            faults.push(format!("{name} is stale"));
        }
        if before.is_empty() && line.is_stored {
            faults.push(format!("{name}: the empty cache has a stored result"));
        }
    }
    let mut expect = |name: &str, is_kept: bool| {
        let (Some(at_first), Some(after)) = (first.get(name), now.get(name)) else {
            return faults.push(format!("{name} is not called"));
        };
        if is_kept != (at_first.computed == after.computed) {
            let word = if is_kept { "changes" } else { "keeps" };
            faults.push(format!("the case is wrong: {name} {word} what it computes"));
        }
        // An earlier step may have stored this result already.
        let is_old = before.iter().skip(1).any(|lines| {
            lines
                .get(name)
                .is_some_and(|line| line.computed == after.computed)
        });
        let is_right = is_kept == after.is_stored || (after.is_stored && is_old);
        if !is_right && (!is_kept || scope().is_none()) {
            let word = if is_kept { "no longer" } else { "still" };
            faults.push(format!("the result of {name} is {word} stored"));
        }
    };
    step.changes.iter().for_each(|name| expect(name, false));
    step.keeps.iter().for_each(|name| expect(name, true));
    if step.is_exact {
        let others = now
            .keys()
            .filter(|name| !step.changes.contains(&name.as_str()));
        others.for_each(|name| expect(name, true));
    }
    faults
}

/// Returns a fault for each warning that the step expects and the compiler did not
/// emit.
fn missing_warnings(step: &Step, output: &Output) -> Vec<String> {
    let stderr = String::from_utf8_lossy(&output.stderr);
    let is_emitted = |text: &str| stderr.contains("warning") && stderr.contains(text);
    let missing = step.warns.iter().filter(|text| !is_emitted(text));
    missing
        .map(|text| format!("no warning contains {text:?}"))
        .collect()
}

/// Describes the faults of a step, with the output of the compiler and the program.
fn describe(number: usize, step: &Step, faults: &[String], output: &Output) -> String {
    let mut text = format!("step {number}: {}\n", shown(step));
    for fault in faults {
        text += &format!("* {fault}\n");
    }
    let indented = |bytes: &[u8]| -> String {
        let text = String::from_utf8_lossy(bytes);
        text.lines().map(|line| format!("    {line}\n")).collect()
    };
    text + &indented(&output.stdout) + &indented(&output.stderr)
}

/// Returns a description of the step.
fn shown(step: &Step) -> String {
    let mut text = format!("{:?}", step.how);
    for (name, value) in &step.variables {
        text += &format!(", {name}={value}");
    }
    for edit in &step.edits {
        text += &format!(", {edit:?}");
    }
    if !step.before.is_empty() {
        text += &format!(", after {:?}", step.before);
    }
    text
}

fn listed(files: &Tree) -> String {
    let file = |(path, text): (&String, &String)| format!("--- {path}\n{}\n", text.trim());
    files.iter().map(file).collect()
}

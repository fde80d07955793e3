//! Collects the answers of functions under each edit, from a copy of the crate in which
//! an environment variable switches the edits.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use super::lines::{Lines, ask};
use super::sites::Site;
use super::subject::{Workspace, program};
use crate::shell::Result;

const SWITCHED: &str = "
#[doc(hidden)]
pub fn __joblib_mutant(number: usize) -> bool {
    extern crate std;
    static CHOSEN: std::sync::OnceLock<usize> = std::sync::OnceLock::new();
    let read = || std::env::var(\"JOBLIB_MUTANT\").ok()?.parse().ok();
    *CHOSEN.get_or_init(|| read().unwrap_or(usize::MAX)) == number
}

#[doc(hidden)]
pub fn __joblib_entered(number: usize) {
    extern crate std;
    std::thread_local! { static TOLD: std::cell::Cell<bool> = std::cell::Cell::new(false); }
    if __joblib_mutant(number) && !TOLD.get() {
        TOLD.set(true);
        let thread = std::thread::current();
        std::println!(\"\\u{1}\\t{}\", thread.name().unwrap_or(\"\"));
    }
}
";

/// Compiles `sites` into the crate as switches, and drops those that do not compile.
pub(super) fn compile(workspace: &Workspace, sites: Vec<Site>) -> Result<Vec<Site>> {
    let originals = originals(workspace, &sites)?;
    let mut sites = sites;
    loop {
        write(workspace, &originals, &sites)?;
        let refused = refused(workspace)?;
        let before = sites.len();
        sites.retain(|site| !refused.contains(&(site.file.clone(), site.line)));
        if refused.is_empty() {
            return Ok(sites);
        } else if sites.len() == before {
            return Err(format!("the switches do not compile: {refused:?}").into());
        }
    }
}

/// Returns the answers of functions under each of the switches.
pub(super) fn collect(sites: &[Site], plain: &Lines) -> Result<Vec<Lines>> {
    let program = program();
    let answers = |lines: Lines| lines.into_values().map(|line| line.answers);
    if !answers(ask(&program, None)?).eq(answers(plain.clone())) {
        return Err("the switches change answers although none is on".into());
    }
    let numbers = 0..sites.len();
    numbers.map(|number| ask(&program, Some(number))).collect()
}

type Texts = BTreeMap<PathBuf, String>;

fn originals(workspace: &Workspace, sites: &[Site]) -> Result<Texts> {
    let mut texts = Texts::new();
    let files = sites.iter().map(|site| site.file.clone());
    for file in files.chain([PathBuf::from("src/lib.rs")]) {
        let text = fs::read_to_string(workspace.krate.join(&file))?;
        texts.insert(file, text);
    }
    Ok(texts)
}

fn write(workspace: &Workspace, originals: &Texts, sites: &[Site]) -> Result {
    for (file, original) in originals {
        let mut changes = Vec::new();
        for (number, site) in sites.iter().enumerate().filter(|(_, s)| s.file == *file) {
            let (after, before) = (&site.after, &site.before);
            let switch =
                format!("(if crate::__joblib_mutant({number}) {{ {after} }} else {{ {before} }})");
            changes.push((site.bytes.clone(), switch));
            let entered = format!("crate::__joblib_entered({number}); ");
            changes.push((site.body..site.body, entered));
        }
        // Apply changes from the end of the file. Where a body begins with a switch,
        // apply the switch first.
        changes.sort_by_key(|(bytes, _)| std::cmp::Reverse((bytes.start, bytes.end)));
        let mut text = original.clone();
        for (bytes, change) in changes {
            text.replace_range(bytes, &change);
        }
        if file.ends_with("src/lib.rs") {
            text.push_str(SWITCHED);
        }
        fs::write(workspace.krate.join(file), text)?;
    }
    Ok(())
}

/// Builds the copy and returns the lines that the compiler rejects.
fn refused(workspace: &Workspace) -> Result<BTreeSet<(PathBuf, usize)>> {
    let mut command = workspace.build();
    command.args(["--quiet", "--message-format=short"]);
    let output = command.output()?;
    if output.status.success() {
        return Ok(BTreeSet::new());
    }
    let messages = String::from_utf8_lossy(&output.stderr).into_owned();
    let found: BTreeSet<_> = messages.lines().filter_map(place).collect();
    if found.is_empty() {
        return Err(format!("the copy with switches does not compile:\n{messages}").into());
    }
    Ok(found)
}

/// Returns the file and line of a message such as `statrs/src/x.rs:3:5: error: …`.
fn place(message: &str) -> Option<(PathBuf, usize)> {
    let (place, _) = message.split_once(": error")?;
    let mut parts = place.split(':');
    let (file, line) = (parts.next()?, parts.next()?);
    let (_, inside) = file.split_once('/')?;
    Some((PathBuf::from(inside), line.parse().ok()?))
}

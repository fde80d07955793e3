//! `cargo xtask mutate`: edits published crates at random and requires that
//! every function whose answer changes gets another fingerprint.
//!
//! One copy of each crate carries all edits as switches and says whose answers
//! change; another is edited in its text and says whose fingerprints do.

mod answers;
mod figures;
mod fingerprints;
mod random;
mod sites;
mod subject;

use self::answers::Lines;
use self::figures::Figures;
use self::sites::Site;
use self::subject::{SUBJECTS, Subject};
use crate::document::write_section;
use crate::shell::{Result, root};

/// Places of each crate that get a switch.
const SWITCHES: usize = 400;

/// Edits of each crate.
const EDITS: usize = 110;

/// How many of them change an answer, at most.
const TELLING: usize = 70;

/// Measures, prints, and writes the table when asked to.
pub(crate) fn run(write: bool) -> Result {
    let mut table = figures::header();
    let mut stale = 0;
    for subject in SUBJECTS {
        let figures = measure(subject)?;
        stale += figures.stale;
        table += &figures.row(subject);
    }
    println!("\n{table}");
    if write {
        write_section(&root().join("docs/performance.md"), "mutate", &table)?;
    }
    if stale > 0 {
        return Err(format!("{stale} stale answers; each is printed above").into());
    }
    Ok(())
}

fn measure(subject: &Subject) -> Result<Figures> {
    println!("\n== {} {}", subject.name, subject.version);
    let original = subject.prepare("edited")?;
    let switched = subject.prepare("switched")?;
    let found = sites::find(&original)?;
    println!("{} places to edit", found.len());
    let switches = answers::compile(&switched, sites::choose(found, SWITCHES))?;
    println!("{} of them are switches", switches.len());
    let answers = answers::collect(&switches)?;
    let (sites, edited) = pick(switches, &answers);
    println!("{} of them are edited in the text", sites.len());
    let prints = fingerprints::collect(&original, &sites)?;
    Ok(figures::compare(&sites, &(answers.0, edited), &prints))
}

/// The edits that are worth a compilation: most that change an answer, and
/// some that do not.
fn pick(sites: Vec<Site>, (plain, edited): &(Lines, Vec<Lines>)) -> (Vec<Site>, Vec<Lines>) {
    let is_silent = |lines: &Lines| lines.values().eq(plain.values());
    let telling = edited.iter().filter(|lines| !is_silent(lines)).count();
    let telling = telling.min(TELLING);
    let mut left = [telling, EDITS - telling];
    let is_picked = |(_, lines): &(Site, Lines)| {
        let left = &mut left[usize::from(is_silent(lines))];
        let is_left = *left > 0;
        *left -= usize::from(is_left);
        is_left
    };
    let pairs = sites.into_iter().zip(edited.iter().cloned());
    pairs.filter(is_picked).unzip()
}

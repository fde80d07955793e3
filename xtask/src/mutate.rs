//! `cargo xtask mutate`: edits published crates at random and requires that
//! every function whose answer changes gets another fingerprint.
//!
//! A copy of each crate carries most edits as switches and says whose answers
//! change; then the copy is edited in its text and says whose fingerprints do.
//! An edit that no switch can make is compiled by itself and says both.

mod answers;
pub(crate) mod events;
mod figures;
mod fingerprints;
mod lines;
mod sites;
mod subject;

use self::figures::Figures;
use self::lines::Lines;
use self::sites::Site;
use self::subject::{SUBJECTS, Subject, Workspace};
use crate::document::write_section;
use crate::shell::{Result, root};

/// Edits of each crate that are switches.
const SWITCHES: usize = 300;

/// How many of those that change no answer are compared.
const SILENT: usize = 30;

/// Edits of each crate that no switch can make.
const REBUILDS: usize = 30;

/// Measures one of the crates, or all, prints, and writes the table when asked.
pub(crate) fn run(name: Option<&str>, write: bool) -> Result {
    let mut table = figures::header();
    let mut stale = 0;
    let is_wanted = |subject: &&Subject| name.is_none_or(|name| name == subject.name);
    for subject in SUBJECTS.iter().filter(is_wanted) {
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
    let workspace = subject.prepare()?;
    let plain = plain(&workspace)?;
    let found = sites::find(&workspace)?;
    println!("{} places to edit", found.len());
    let (switches, others): (Vec<_>, Vec<_>) = found.into_iter().partition(|site| site.is_switch);
    let switches = sites::choose(switches, SWITCHES);
    let others = sites::choose(others, REBUILDS);
    let mut figures = Figures::new(&plain, switches.len() + others.len());

    let switches = answers::compile(&workspace, switches)?;
    println!("{} switches compile", switches.len());
    let answers = answers::collect(&switches, &plain)?;
    figures.compiled += switches.len();
    let (switches, answers) = pick(switches, answers, &plain);
    println!("{} of them are compared", switches.len());

    let workspace = subject.prepare()?;
    let prints = fingerprints::collect(&workspace, &switches)?;
    for ((site, answers), prints) in switches.into_iter().zip(answers).zip(prints) {
        figures.compare(&site, &plain, &answers, &prints)?;
    }
    for site in others {
        if let Ok(answers) = workspace.with_edit(&site, || workspace.ask())? {
            figures.compiled += 1;
            figures.compare(&site, &plain, &answers, &answers)?;
        }
    }
    if workspace.ask()?? != plain {
        return Err("the edits were undone, but something differs from before".into());
    }
    subject.write_pairs(&figures.pairs)?;
    Ok(figures)
}

/// What the functions say without an edit: always the same of one argument,
/// and of another something else.
fn plain(workspace: &Workspace) -> Result<Lines> {
    let plain = workspace.ask()??;
    for _ in 0..5 {
        let again = workspace.ask()??;
        if let Some((name, _)) = plain
            .iter()
            .find(|(name, line)| again.get(*name) != Some(line))
        {
            return Err(format!("`{name}` answers something else each time; leave it out").into());
        }
    }
    let functions = || plain.iter().filter(|(name, _)| !name.is_empty());
    if let Some((name, line)) = functions().find(|(_, line)| line.variety() < 2) {
        return Err(format!("`{name}` answers the same whatever it is asked: {line:?}").into());
    }
    Ok(plain)
}

/// The edits to compare: all that change an answer, and some that do not.
fn pick(sites: Vec<Site>, answers: Vec<Lines>, plain: &Lines) -> (Vec<Site>, Vec<Lines>) {
    let mut silent = 0;
    let is_picked = |(_, answers): &(Site, Lines)| {
        let is_silent = figures::changed(plain, answers).next().is_none();
        silent += usize::from(is_silent);
        !is_silent || silent <= SILENT
    };
    let edits = sites.into_iter().zip(answers);
    edits.filter(is_picked).unzip()
}

//! `cargo xtask mutate`: edits published crates at random and checks that every
//! function whose answer changes gets another fingerprint.
//!
//! Most edits of a crate are compiled into one copy of it, each behind a runtime
//! switch, and that copy shows whose answers change. Then each edit is made in the
//! source text, and the rebuilt application shows whose fingerprints change. An edit
//! that cannot be switched at run time is compiled on its own and shows both.

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

/// Number of switched edits of each crate.
const SWITCHES: usize = 300;

/// Number of those edits without an effect on answers that are compared.
const SILENT: usize = 30;

/// Number of edits of each crate that cannot be switched at run time.
const REBUILDS: usize = 30;

/// Measures one of the crates or all, prints the table, and writes it to the document
/// if `write` is set.
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
    println!("{} candidate edits", found.len());
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

/// Returns the answers without an edit. Each must be the same every time for the same
/// argument, and must depend on the argument.
fn plain(workspace: &Workspace) -> Result<Lines> {
    let plain = workspace.ask()??;
    for _ in 0..5 {
        let again = workspace.ask()??;
        if let Some((name, _)) = plain
            .iter()
            .find(|(name, line)| again.get(*name) != Some(line))
        {
            return Err(format!(
                "`{name}` gives different answers to the same argument; remove it from the harness"
            )
            .into());
        }
    }
    let functions = || plain.iter().filter(|(name, _)| !name.is_empty());
    if let Some((name, line)) = functions().find(|(_, line)| line.variety() < 2) {
        return Err(format!("`{name}` gives the same answer to every argument: {line:?}").into());
    }
    Ok(plain)
}

/// Selects the edits to compare: all that change an answer, and some that do not.
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

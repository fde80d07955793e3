//! A walk from build to build of one crate: first its releases in order, then random
//! events for each source of the crate.

use std::fs;
use std::path::Path;

use super::axis::Axis;
use super::saving::Saving;
use super::state::{Event, Source, State};
use super::subject::Subject;
use super::tally::Tally;
use super::workspace::{Workspace, touch, write_unnoticed};
use crate::mutate::lines::{Lines, answering};
use crate::mutate::sites::{self, Site};
use crate::random::Random;
use crate::shell::{Result, output};

/// The sources in order, and the number of random events for each.
const PHASES: [(Source, usize); 5] = [
    (Source::Registry, 70),
    (Source::Patch, 60),
    (Source::Repository, 50),
    (Source::Vendored, 20),
    (Source::Registry, 10),
];

/// The number of commits of a repository that are checked out.
const COMMITS: usize = 40;

/// Returns the application's own file after a number of edits.
fn tuning(edits: usize) -> String {
    format!(
        "//! A number.\n\n/// It.\npub const SCALE: u64 = {};\n",
        3 + edits
    )
}

pub(super) struct Walk {
    subject: &'static Subject,
    workspace: Workspace,
    state: State,
    lines: Lines,
    tally: Tally,
    random: Random,
    /// The number of edits of the application's own file.
    own_edits: usize,
    /// The commits of the repository, oldest first.
    commits: Vec<String>,
    commit: usize,
}

/// A file and its previous contents.
type Held = Option<(std::path::PathBuf, String)>;

impl Walk {
    /// Creates the workspace and makes the first build.
    pub(super) fn new(subject: &'static Subject, lane: usize) -> Result<Walk> {
        println!("{}: the first build", subject.name);
        let workspace = Workspace::new(subject, lane)?;
        let state = State::default();
        workspace.write(&state, &state)?;
        fs::write(workspace.app(&state).join("src/tuning.rs"), tuning(0))?;
        let lines = workspace.ask(&state)??;
        if workspace.ask(&state)?? != lines {
            return Err("the same build gives other answers the second time".into());
        }
        let commits = match workspace.clone()? {
            Some(clone) => commits(subject, &clone)?,
            None => Vec::new(),
        };
        Ok(Walk {
            subject,
            tally: Tally::new(&lines),
            workspace,
            state,
            lines,
            random: Random(1),
            own_edits: 0,
            commit: commits.len().saturating_sub(1),
            commits,
        })
    }

    /// Runs the whole walk.
    pub(super) fn run(mut self) -> Result<Tally> {
        for release in 1..self.subject.releases.len() {
            self.make(&Event::Set(Axis::Release, release))?;
        }
        for (source, events) in PHASES {
            if source == Source::Repository && self.commits.is_empty() {
                continue;
            }
            if source == Source::Patch {
                self.make(&Event::Set(Axis::Release, self.subject.edited_at))?;
            }
            if self.state.source != source {
                self.make(&Event::Source(source))?;
            }
            if self.state.source == source {
                for _ in 0..events {
                    let event = self.choose();
                    self.make(&event)?;
                }
            }
        }
        println!(
            "{}: {} events, {} stale",
            self.subject.name,
            self.tally.events(),
            self.tally.stale()
        );
        Ok(self.tally)
    }

    /// Chooses an event that can happen in the current state.
    fn choose(&mut self) -> Event {
        let mut events = Vec::new();
        for axis in Axis::ALL {
            let now = self.state.get(axis);
            let values = (0..self.workspace.values(axis)).filter(|value| *value != now);
            let may_leave = !axis.is_expensive() || !self.state.is_expensive();
            let others = values.filter(|value| may_leave || *value == 0);
            let others: Vec<_> = others.map(|value| Event::Set(axis, value)).collect();
            if axis == Axis::Release || others.is_empty() {
                continue;
            }
            let is_return = axis.is_expensive() && now != 0;
            for _ in 0..if is_return { 6 } else { 1 } {
                events.push(others[self.random.below(others.len())].clone());
            }
        }
        for _ in 0..12 {
            events.extend(self.of_the_source());
        }
        events.swap_remove(self.random.below(events.len()))
    }

    /// Chooses an event that depends on the source of the crate.
    fn of_the_source(&mut self) -> Option<Event> {
        match self.state.source {
            Source::Registry => {
                let below = self.subject.below;
                if !below.is_empty() && self.random.below(2) == 0 {
                    let (name, versions) = below[self.random.below(below.len())];
                    let version = versions[self.random.below(versions.len())];
                    return Some(Event::Update(name, version));
                }
                Some(Event::Set(Axis::Release, self.beside(Axis::Release)))
            }
            Source::Patch => {
                let savings = Saving::OF_A_COPY;
                Some(Event::Edit(savings[self.random.below(savings.len())]))
            }
            Source::Repository => {
                let last = self.commits.len() - 1;
                let steps = 1 + self.random.below(3);
                let earlier = self.commit.saturating_sub(steps);
                let later = (self.commit + 1).min(last);
                let commit = if self.random.below(3) == 0 {
                    later
                } else {
                    earlier
                };
                (commit != self.commit).then_some(Event::Checkout(commit))
            }
            Source::Vendored => Some(Event::Edit(match self.random.below(3) {
                0 => Saving::Vendored,
                1 => Saving::OwnWhileCompiling,
                _ => Saving::VendoredAndCleaned,
            })),
        }
    }

    /// Returns the value before the current one, or the one after it.
    fn beside(&mut self, axis: Axis) -> usize {
        let (now, last) = (self.state.get(axis), self.workspace.values(axis) - 1);
        let is_later = now == 0 || (now < last && self.random.below(2) == 0);
        if is_later { now + 1 } else { now - 1 }
    }

    /// Makes the event, builds, and compares. Undoes the event if it is rejected.
    fn make(&mut self, event: &Event) -> Result {
        let before = self.state.clone();
        let lock = self.workspace.lock(&before)?;
        let commit = self.commit;
        let mut held = None;
        let result = match self.happen(event, &mut held) {
            Ok(true) => self.workspace.ask(&self.state)?,
            Ok(false) => Err("it does not apply".to_owned()),
            Err(error) => Err(error.to_string()),
        };
        if let (Event::Edit(_), Ok(lines)) = (event, &result)
            && let answering = answering(lines)
            && answering.len() < lines.len()
        {
            self.judge(event, &answering);
            println!(
                "undone: {}: {event:?}: a function gives no answer after it",
                self.subject.name
            );
            return self.undo(before, &lock, commit, held);
        }
        match result {
            Ok(lines) => {
                if let (Event::Set(Axis::Release, now), then) = (event, before.get(Axis::Release))
                    && now.abs_diff(then) == 1
                {
                    self.tally.pair(then.min(*now));
                }
                self.judge(event, &lines);
                self.lines = lines;
                if self.tally.events().is_multiple_of(25) {
                    println!("{}: {} events", self.subject.name, self.tally.events());
                }
                if matches!(event, Event::Edit(_)) && !self.builds_again(event)? {
                    self.undo(before, &lock, commit, held)?;
                }
            }
            Err(reason) => {
                let reason = reason.lines().next().unwrap_or_default();
                println!("refused: {}: {event:?}: {reason}", self.subject.name);
                self.tally.refuse();
                self.undo(before, &lock, commit, held)?;
            }
        }
        Ok(())
    }

    /// Builds once more after an edit, which may have been too late for the first
    /// build. Returns whether the current text compiles, because all later builds use
    /// it.
    fn builds_again(&mut self, event: &Event) -> Result<bool> {
        let Ok(lines) = self.workspace.ask(&self.state)? else {
            println!(
                "undone: {}: {event:?}: it cannot be built",
                self.subject.name
            );
            return Ok(false);
        };
        for stale in self.tally.compare_again(event.kind(), &lines) {
            println!("stale: {}: after {event:?}: {stale}", self.subject.name);
        }
        self.lines = lines;
        Ok(true)
    }

    /// Compares the answers of functions with all earlier ones.
    fn judge(&mut self, event: &Event, lines: &Lines) {
        for stale in self.tally.compare(event.kind(), &self.lines, lines) {
            println!(
                "stale: {}: {event:?} in {:?}: {stale}",
                self.subject.name, self.state
            );
        }
    }

    /// Undoes an event.
    fn undo(&mut self, before: State, lock: &str, commit: usize, held: Held) -> Result {
        let undone = std::mem::replace(&mut self.state, before);
        self.workspace.write(&undone, &self.state)?;
        self.workspace.set_lock(&self.state, lock)?;
        if let Some((path, text)) = held {
            fs::write(path, text)?;
        }
        if commit != self.commit {
            self.check_out(commit)?;
        }
        Ok(())
    }

    /// Makes the event. Returns false if it does not apply.
    fn happen(&mut self, event: &Event, held: &mut Held) -> Result<bool> {
        let before = self.state.clone();
        match *event {
            Event::Set(axis, value) => {
                self.state.set(axis, value);
                self.workspace.write(&before, &self.state)?;
                Ok(before != self.state)
            }
            Event::Source(source) => {
                match source {
                    Source::Registry => {}
                    Source::Patch => self.workspace.take_copy(&before)?,
                    Source::Repository => self.check_out(self.commit)?,
                    Source::Vendored => {
                        self.state.source = Source::Registry;
                        self.workspace.write(&before, &self.state)?;
                        self.workspace.vendor(&self.state)?;
                    }
                }
                self.state.source = source;
                self.workspace.write(&before, &self.state)?;
                Ok(true)
            }
            Event::Update(name, version) => self.workspace.update(&before, name, version),
            Event::Checkout(commit) => self.check_out(commit).map(|()| true),
            Event::Edit(saving) => self.edit(saving, held),
        }
    }

    fn check_out(&mut self, commit: usize) -> Result {
        let clone = self
            .workspace
            .clone()?
            .ok_or("the clone of the repository is missing")?;
        let name = &self.commits[commit];
        git(&clone, &["checkout", "--quiet", "--force", name])?;
        self.commit = commit;
        Ok(())
    }

    fn edit(&mut self, saving: Saving, held: &mut Held) -> Result<bool> {
        let main = self.workspace.app(&self.state).join("src/main.rs");
        if saving == Saving::OwnWhileCompiling {
            self.own_edits += 1;
            let path = main.with_file_name("tuning.rs");
            let krate = ["app", "asked"][self.state.get(Axis::Example)];
            self.workspace
                .save_later(krate, "begin", &path, &tuning(self.own_edits))?;
            return touch(&main).map(|()| true);
        }
        let is_vendored = matches!(saving, Saving::Vendored | Saving::VendoredAndCleaned);
        let dir = if is_vendored {
            self.workspace.vendored(&self.state)?
        } else {
            self.workspace.copy()
        };
        let site = self.site(&dir)?;
        let path = dir.join(&site.file);
        let original = fs::read_to_string(&path)?;
        let mut text = original.clone();
        text.replace_range(site.bytes.clone(), &site.after);
        *held = Some((path.clone(), original.clone()));
        let krate = self.subject.edited.replace('-', "_");
        match saving {
            Saving::Plain => fs::write(&path, text)?,
            Saving::TimeSetBack => {
                write_unnoticed(&path, &text)?;
                touch(&main)?;
            }
            Saving::WhileCompiling | Saving::AfterCompiling => {
                let is_begin = saving == Saving::WhileCompiling;
                let at = if is_begin { "begin" } else { "end" };
                self.workspace.save_later(&krate, at, &path, &text)?;
                fs::write(&path, format!("{original}\n// Saved.\n"))?;
            }
            Saving::Vendored | Saving::VendoredAndCleaned => {
                let sums = dir.join(".cargo-checksum.json");
                let of_package = fs::read_to_string(&sums)?;
                let (_, package) = of_package.split_once("\"package\"").ok_or("no checksum")?;
                fs::write(&sums, format!("{{\"files\":{{}},\"package\"{package}"))?;
                fs::write(&path, text)?;
                touch(&main)?;
                if saving == Saving::VendoredAndCleaned {
                    self.workspace.clean(&self.state, self.subject.edited)?;
                }
            }
            Saving::OwnWhileCompiling => {}
        }
        Ok(true)
    }

    fn site(&mut self, dir: &Path) -> Result<Site> {
        let mut found = sites::below(dir)?;
        if found.is_empty() {
            return Err(format!("nothing to edit in {}", dir.display()).into());
        }
        Ok(found.swap_remove(self.random.below(found.len())))
    }
}

/// Returns the last commits that change the source of the crate.
fn commits(subject: &Subject, clone: &Path) -> Result<Vec<String>> {
    let folder = subject.repository.as_ref().map_or("", |there| there.folder);
    let source = Path::new(folder).join("src");
    let source = source.to_str().unwrap_or_default();
    let count = COMMITS.to_string();
    let head = git(clone, &["rev-parse", "--verify", "origin/HEAD"])?;
    let range = [
        "rev-list",
        "--first-parent",
        "-n",
        &count,
        head.trim(),
        "--",
        source,
    ];
    let mut commits: Vec<_> = git(clone, &range)?.lines().map(str::to_owned).collect();
    commits.reverse();
    Ok(commits)
}

fn git(clone: &Path, args: &[&str]) -> Result<String> {
    output(
        std::process::Command::new("git")
            .arg("-C")
            .arg(clone)
            .args(args),
    )
}

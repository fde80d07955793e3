//! What a build is like, and the events that make it another.

use super::axis::Axis;
use super::saving::Saving;
use super::subject::Subject;

/// Where the source of the crate comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Source {
    /// The registry.
    #[default]
    Registry,
    /// A patch with a copy of it.
    Patch,
    /// A clone of its repository.
    Repository,
    /// A directory into which everything is vendored.
    Vendored,
}

/// What a build is like.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct State {
    values: [usize; Axis::ALL.len()],
    pub(super) source: Source,
}

/// One change.
#[derive(Clone, Debug)]
pub(super) enum Event {
    Set(Axis, usize),
    Source(Source),
    /// `cargo update` of another crate to a version.
    Update(&'static str, &'static str),
    /// Source text is edited, and saved in a way.
    Edit(Saving),
    /// Another commit of the repository is checked out.
    Checkout(usize),
}

impl State {
    pub(super) fn get(&self, axis: Axis) -> usize {
        self.values[axis as usize]
    }

    pub(super) fn set(&mut self, axis: Axis, value: usize) {
        self.values[axis as usize] = value;
    }

    /// Whether something dear is not as in a plain build.
    pub(super) fn is_dear(&self) -> bool {
        let mut all = Axis::ALL.into_iter();
        all.any(|axis| axis.is_dear() && self.get(axis) != 0)
    }

    /// The release of the crate.
    pub(super) fn release(&self, subject: &Subject) -> &'static str {
        subject.releases[self.get(Axis::Release)]
    }
}

impl Event {
    /// As the table calls it.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Event::Set(axis, _) => axis.event(),
            Event::Source(Source::Registry) => "the registry again",
            Event::Source(Source::Patch) => "a patch",
            Event::Source(Source::Repository) => "a repository",
            Event::Source(Source::Vendored) => "vendoring",
            Event::Update(..) => "`cargo update` of a crate below",
            Event::Edit(saving) => saving.event(),
            Event::Checkout(_) => "`git checkout` of another commit",
        }
    }
}

//! The state of a build, and the events that change it.

use super::axis::Axis;
use super::saving::Saving;
use super::subject::Subject;

/// The source of the crate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Source {
    /// The registry.
    #[default]
    Registry,
    /// A patch with a copy of the crate.
    Patch,
    /// A clone of the repository of the crate.
    Repository,
    /// A directory with all vendored dependencies.
    Vendored,
}

/// The state of a build.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct State {
    values: [usize; Axis::ALL.len()],
    pub(super) source: Source,
}

/// One change of the state.
#[derive(Clone, Debug)]
pub(super) enum Event {
    Set(Axis, usize),
    Source(Source),
    /// `cargo update` of a dependency of the crate to a version.
    Update(&'static str, &'static str),
    /// An edit of source text, and how it is saved.
    Edit(Saving),
    /// A checkout of another commit of the repository.
    Checkout(usize),
}

impl State {
    pub(super) fn get(&self, axis: Axis) -> usize {
        self.values[axis as usize]
    }

    pub(super) fn set(&mut self, axis: Axis, value: usize) {
        self.values[axis as usize] = value;
    }

    /// Returns whether an expensive setting differs from a plain build.
    pub(super) fn is_expensive(&self) -> bool {
        let mut all = Axis::ALL.into_iter();
        all.any(|axis| axis.is_expensive() && self.get(axis) != 0)
    }

    /// Returns the release of the crate.
    pub(super) fn release(&self, subject: &Subject) -> &'static str {
        subject.releases[self.get(Axis::Release)]
    }
}

impl Event {
    /// Returns the title of the event in the table.
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

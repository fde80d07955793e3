//! One edit of the fixture, and whose fingerprints it changes.

use std::fmt;

/// What is done to the fixture.
pub(crate) enum Change {
    /// The one place in `file` that reads `from` becomes `to`.
    Text {
        file: &'static str,
        from: &'static str,
        to: &'static str,
    },
    /// An environment variable gets a value.
    Variable {
        name: &'static str,
        value: &'static str,
    },
}

/// An edit and what is to follow from it.
pub(crate) struct Edit {
    pub(crate) change: Change,
    /// Functions whose answer the edit can change.
    pub(crate) changes: &'static [&'static str],
    /// Functions that only the over-approximation by names invalidates.
    pub(crate) also: &'static [&'static str],
    /// Whether nothing of meaning changes, not even for a whole crate.
    pub(crate) is_cosmetic: bool,
}

/// Edits of one kind.
pub(crate) struct Topic {
    pub(crate) name: &'static str,
    pub(crate) edits: &'static [Edit],
}

/// The function that counts its whole crate: every change of meaning anywhere
/// changes its fingerprint.
pub(crate) const WHOLE: &str = "whole";

/// An edit that can change what these functions answer.
pub(crate) const fn edit(
    file: &'static str,
    from: &'static str,
    to: &'static str,
    changes: &'static [&'static str],
) -> Edit {
    Edit {
        change: Change::Text { file, from, to },
        changes,
        also: &[],
        is_cosmetic: false,
    }
}

/// An edit of something that no function but [`WHOLE`] reaches.
pub(crate) const fn unrelated(file: &'static str, from: &'static str, to: &'static str) -> Edit {
    edit(file, from, to, &[])
}

/// An edit that changes no meaning.
pub(crate) const fn cosmetic(file: &'static str, from: &'static str, to: &'static str) -> Edit {
    Edit {
        is_cosmetic: true,
        ..edit(file, from, to, &[])
    }
}

/// An edit of code that the configuration leaves out.
pub(crate) const fn inactive(file: &'static str, from: &'static str, to: &'static str) -> Edit {
    cosmetic(file, from, to)
}

/// An edit of what an annotation says, which is no part of any other function.
pub(crate) const fn annotation(
    file: &'static str,
    from: &'static str,
    to: &'static str,
    changes: &'static [&'static str],
) -> Edit {
    Edit {
        changes,
        ..cosmetic(file, from, to)
    }
}

/// A value of an environment variable that these functions read.
pub(crate) const fn variable(
    name: &'static str,
    value: &'static str,
    changes: &'static [&'static str],
) -> Edit {
    Edit {
        change: Change::Variable { name, value },
        changes,
        also: &[],
        is_cosmetic: false,
    }
}

impl Edit {
    /// Names the functions that are invalidated although they answer the same.
    pub(crate) const fn also(self, also: &'static [&'static str]) -> Edit {
        Edit { also, ..self }
    }

    /// Everyone whose fingerprint is to change.
    pub(crate) fn expected(&self) -> impl Iterator<Item = &'static str> {
        let whole = (!self.is_cosmetic).then_some(WHOLE);
        self.changes.iter().chain(self.also).copied().chain(whole)
    }
}

impl fmt::Display for Edit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.change {
            Change::Text { file, from, to } => write!(f, "{file}: {from:?} becomes {to:?}"),
            Change::Variable { name, value } => write!(f, "{name}={value}"),
        }
    }
}

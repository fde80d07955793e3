//! Edits of the fixture and the functions whose fingerprints they change.

use std::fmt;

/// The change that an edit makes to the fixture.
pub(crate) enum Change {
    /// Replaces the only occurrence of `from` in `file` with `to`.
    Text {
        file: &'static str,
        from: &'static str,
        to: &'static str,
    },
    /// Sets an environment variable.
    Variable {
        name: &'static str,
        value: &'static str,
    },
}

/// An edit and its expected effect.
pub(crate) struct Edit {
    pub(crate) change: Change,
    /// Functions whose result the edit can change.
    pub(crate) changes: &'static [&'static str],
    /// Functions that the edit invalidates only because the fingerprint
    /// over-approximates by name.
    pub(crate) also: &'static [&'static str],
    /// Whether the edit changes no semantics, not even for a whole crate.
    pub(crate) is_cosmetic: bool,
}

/// A group of related edits.
pub(crate) struct Topic {
    pub(crate) name: &'static str,
    pub(crate) edits: &'static [Edit],
}

/// The function whose scope is its whole crate: every semantic change in the crate
/// changes its fingerprint.
pub(crate) const WHOLE: &str = "whole";

/// Creates an edit that can change the results of `changes`.
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

/// Creates an edit of code that only [`WHOLE`] reaches.
pub(crate) const fn unrelated(file: &'static str, from: &'static str, to: &'static str) -> Edit {
    edit(file, from, to, &[])
}

/// Creates an edit that does not change semantics.
pub(crate) const fn cosmetic(file: &'static str, from: &'static str, to: &'static str) -> Edit {
    Edit {
        is_cosmetic: true,
        ..edit(file, from, to, &[])
    }
}

/// Creates an edit of code that the cfg predicates disable.
pub(crate) const fn inactive(file: &'static str, from: &'static str, to: &'static str) -> Edit {
    cosmetic(file, from, to)
}

/// Creates an edit of the arguments of an annotation, which no other function depends
/// on.
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

/// Creates an edit that sets an environment variable that the functions in `changes`
/// read.
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

/// Lists edits in the form `kind(FILE, "from" => "to", ["changed function"])`, where
/// `kind` is one of the functions above.
macro_rules! edits {
    ($($kind:ident(
        $($file:ident,)? $from:literal => $to:literal $(, [$($changed:literal),*])?
    ) $(.also([$($also:literal),*]))?),* $(,)?) => {
        &[$($kind($($file,)? $from, $to $(, &[$($changed),*])?)$(.also(&[$($also),*]))?),*]
    };
}
pub(crate) use edits;

impl Edit {
    /// Adds functions that the edit invalidates although their results stay the same.
    pub(crate) const fn also(self, also: &'static [&'static str]) -> Edit {
        Edit { also, ..self }
    }

    /// Returns all functions whose fingerprints the edit must change.
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

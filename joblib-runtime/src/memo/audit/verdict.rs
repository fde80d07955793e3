//! What comes of an audit: the same result, or a difference, which is counted
//! and told or, if strict, a panic.

use std::any::Any;
use std::thread;

use super::super::diagnostics;
use super::super::entry::EntryKey;
use super::super::equivalence::ComparedForm;
use super::super::erased::{AnyResult, TypedResult};
use super::super::lookup::Lookup;
use crate::codec::result_codec::ResultCodec;

/// A hit that is to be computed again.
pub(super) struct AuditedHit<'a> {
    wanted: Lookup<'a>,
    found: ComparedForm,
}

/// What a second computation came to: a result, or what it panicked with.
pub(super) type Again<'a> = Result<&'a dyn AnyResult, &'a (dyn Any + Send)>;

impl<'a> AuditedHit<'a> {
    /// The trial of a hit with `result`, if it is chosen for one.
    pub(super) fn of(wanted: &Lookup<'a>, result: &dyn AnyResult) -> Option<AuditedHit<'a>> {
        let is_chosen = wanted.bound.cache.audit.chooses();
        is_chosen
            .then(|| AuditedHit::sure(wanted, result))
            .flatten()
    }

    /// The trial of what is stored.
    pub(super) fn sure(wanted: &Lookup<'a>, result: &dyn AnyResult) -> Option<AuditedHit<'a>> {
        Some(AuditedHit {
            wanted: *wanted,
            found: ComparedForm::of(result).ok()?,
        })
    }

    pub(super) fn is_strict(&self) -> bool {
        self.wanted.bound.cache.audit.is_strict
    }

    /// Tells what came of it, after what came of functions called meanwhile.
    ///
    /// # Panics
    ///
    /// There is a difference, and the audit is strict.
    pub(super) fn end<R, S: ResultCodec<R>>(
        &self,
        stored: &S,
        again: &thread::Result<R>,
        inner: Vec<String>,
    ) {
        match again {
            Ok(value) => self.tell(Ok(&TypedResult::new(stored, value)), inner),
            Err(panic) => self.tell(Err(&**panic), inner),
        }
    }

    fn tell(&self, again: Again<'_>, inner: Vec<String>) {
        let own = self.judge(again, self.is_strict());
        let all: Vec<String> = inner.into_iter().chain(own).collect();
        if !all.is_empty() {
            panic!("{}", all.join("\n"));
        }
    }

    /// Counts the audit; a difference is given if the audit `is_strict`, else
    /// told.
    pub(super) fn judge(&self, again: Again<'_>, is_strict: bool) -> Option<String> {
        let difference = match again {
            Ok(again) => self.difference(again),
            Err(panic) => Some(format!("it panics: {}", message(panic))),
        };
        let counters = &self.wanted.bound.counters;
        counters.audited(difference.is_some());
        let text = self.text(&difference?);
        if is_strict {
            return Some(text);
        }
        let key = EntryKey(self.wanted.id);
        diagnostics::warn_of(format!("audit of {key}"), &text);
        None
    }

    fn difference(&self, again: &dyn AnyResult) -> Option<String> {
        if !again.accepts() {
            return Some("it gives a result that is not to be stored".to_owned());
        }
        match ComparedForm::of(again) {
            Err(error) => Some(format!("it gives a result that cannot be encoded: {error}")),
            Ok(form) if self.found.is_that_of(again, form) => None,
            Ok(form) => Some(format!("it gives {:032x}", form.hash())),
        }
    }

    fn text(&self, difference: &str) -> String {
        let Lookup { site, id, .. } = self.wanted;
        let covered = match site.reaches_of_open().len() {
            0 => "no source is covered by its name".to_owned(),
            1 => "its fingerprint covers 1 item of source, which `reaches()` beside it lists"
                .to_owned(),
            count => format!(
                "its fingerprint covers {count} items of source, which `reaches()` beside it lists"
            ),
        };
        format!(
            "audit: {place} with the key {key} gives something else when it is computed again: \
             {found:032x} is stored, and {difference}; {covered}, and what they do not show \
             decides over the result: a clock, a file, the environment, a `static`, foreign code, \
             or an argument that is no part of the key; make it an argument, such as \
             `FileContents(path)`, or name it by `depends`, `version` or `expires`; `clear()` \
             drops what is stored",
            place = site.place(),
            key = EntryKey(id),
            found = self.found.hash(),
        )
    }
}

fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("without a message")
}

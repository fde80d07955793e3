//! The verdict of an audit: the results are equal, or they differ. A difference is
//! counted, and is a warning or, in a strict audit, a panic.

use std::any::Any;
use std::thread;

use crate::memo::diagnostics;
use crate::memo::entry::EntryKey;
use crate::memo::equivalence::ComparedForm;
use crate::memo::erased::{AnyResult, TypedResult};
use crate::memo::lookup::Lookup;
use crate::transport::ResultCodec;

/// A hit to recompute.
pub(super) struct AuditedHit<'a> {
    lookup: Lookup<'a>,
    found: ComparedForm,
}

/// The outcome of a recomputation: a result or a panic payload.
pub(super) type Again<'a> = Result<&'a dyn AnyResult, &'a (dyn Any + Send)>;

impl<'a> AuditedHit<'a> {
    /// Returns the audit of a hit with `result`, if the policy chooses it.
    pub(super) fn of(lookup: &Lookup<'a>, result: &dyn AnyResult) -> Option<AuditedHit<'a>> {
        let is_chosen = lookup.bound.cache.audit.chooses();
        is_chosen
            .then(|| AuditedHit::always(lookup, result))
            .flatten()
    }

    /// Returns the audit of a hit with `result`, without asking the policy.
    pub(super) fn always(lookup: &Lookup<'a>, result: &dyn AnyResult) -> Option<AuditedHit<'a>> {
        Some(AuditedHit {
            lookup: *lookup,
            found: ComparedForm::of(result).ok()?,
        })
    }

    pub(super) fn is_strict(&self) -> bool {
        self.lookup.bound.cache.audit.is_strict
    }

    /// Reports the outcome, after the differences of nested calls.
    ///
    /// # Panics
    ///
    /// Panics if there is a difference and the audit is strict.
    pub(super) fn end<R, S: ResultCodec<R>>(
        &self,
        stored: &S,
        again: &thread::Result<R>,
        inner: Vec<String>,
    ) {
        match again {
            Ok(value) => self.report(Ok(&TypedResult::new(stored, value)), inner),
            Err(panic) => self.report(Err(&**panic), inner),
        }
    }

    fn report(&self, again: Again<'_>, inner: Vec<String>) {
        let own = self.verdict(again, self.is_strict());
        let all: Vec<String> = inner.into_iter().chain(own).collect();
        if !all.is_empty() {
            panic!("{}", all.join("\n"));
        }
    }

    /// Counts the audit. Returns the text of a difference if `is_strict`; otherwise it
    /// is a warning.
    pub(super) fn verdict(&self, again: Again<'_>, is_strict: bool) -> Option<String> {
        let difference = match again {
            Ok(again) => self.difference(again),
            Err(panic) => Some(format!("the recomputation panicked: {}", message(panic))),
        };
        let counters = &self.lookup.bound.counters;
        counters.audited(difference.is_some());
        let text = self.text(&difference?);
        if is_strict {
            return Some(text);
        }
        let key = EntryKey(self.lookup.id);
        diagnostics::warn_of(format!("audit of {key}"), &text);
        None
    }

    fn difference(&self, again: &dyn AnyResult) -> Option<String> {
        if !again.accepts() {
            return Some("the recomputed result is one that is not to be stored".to_owned());
        }
        match ComparedForm::of(again) {
            Err(error) => Some(format!("the recomputed result cannot be encoded: {error}")),
            Ok(form) if self.found.is_same(again, form) => None,
            Ok(form) => Some(format!("recomputed {:032x}", form.hash())),
        }
    }

    fn text(&self, difference: &str) -> String {
        let Lookup { site, id, .. } = self.lookup;
        let covered = match site.reaches_of_open().len() {
            0 => "its fingerprint covers no source".to_owned(),
            1 => "its fingerprint covers 1 source item, listed by `reaches()`".to_owned(),
            count => format!("its fingerprint covers {count} source items, listed by `reaches()`"),
        };
        format!(
            "audit: {place} with the key {key} returned a different result when recomputed: \
             stored {found:032x}, {difference}; {covered}, and the result depends on something \
             else: a clock, a file, the environment, a `static`, foreign code, or an argument \
             that is not part of the key; pass it as an argument, such as `FileContents(path)`, \
             or declare it with `depends`, `version` or `expires`; `clear()` drops the stored \
             results",
            place = site.place(),
            key = EntryKey(id),
            found = self.found.hash(),
        )
    }
}

fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no message")
}

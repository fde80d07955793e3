//! A slot for the value of one option, which rejects a second value.

use proc_macro2::{Ident, Span};

use crate::errors::ErrorList;

/// The value of one option of a macro: empty, or set once.
#[derive(Clone)]
pub(crate) struct OptionSlot<T> {
    option: &'static str,
    value: Option<(Span, T)>,
}

impl<T> OptionSlot<T> {
    pub(crate) fn new(option: &'static str) -> Self {
        OptionSlot {
            option,
            value: None,
        }
    }

    /// Sets the value. A second value is an error at the option's name.
    pub(crate) fn set(&mut self, name: &Ident, value: T, errors: &mut ErrorList) {
        if self.value.is_some() {
            errors.at(
                name.span(),
                format!("`{}` is set twice; keep one", self.option),
            );
        } else {
            self.value = Some((name.span(), value));
        }
    }

    /// Sets the parsed value, or adds the error of parsing it.
    pub(crate) fn put(&mut self, name: &Ident, value: syn::Result<T>, errors: &mut ErrorList) {
        if let Some(value) = errors.ok(value) {
            self.set(name, value, errors);
        }
    }

    pub(crate) fn get(&self) -> Option<&T> {
        self.value.as_ref().map(|(_, value)| value)
    }

    /// Moves the value out and leaves its default in the slot.
    pub(crate) fn take(&mut self) -> Option<T>
    where
        T: Default,
    {
        self.value.as_mut().map(|(_, value)| std::mem::take(value))
    }

    /// Consumes the slot and returns the value.
    pub(crate) fn into_inner(self) -> Option<T> {
        self.value.map(|(_, value)| value)
    }

    /// Returns the span of the option's name.
    pub(crate) fn span(&self) -> Option<Span> {
        self.value.as_ref().map(|(span, _)| *span)
    }

    pub(crate) fn is_set(&self) -> bool {
        self.value.is_some()
    }
}

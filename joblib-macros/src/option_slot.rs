//! A place for the value of one option that refuses a second one.

use proc_macro2::{Ident, Span};

use crate::errors::ErrorList;

/// An option of an annotation: empty, or set once.
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

    /// Fills the slot; a second value is an error at its name.
    pub(crate) fn set(&mut self, name: &Ident, value: T, errors: &mut ErrorList) {
        if self.value.is_some() {
            errors.at(
                name.span(),
                format!("`{}` is given twice; keep one", self.option),
            );
        } else {
            self.value = Some((name.span(), value));
        }
    }

    pub(crate) fn get(&self) -> Option<&T> {
        self.value.as_ref().map(|(_, value)| value)
    }

    /// The value, which others then do not see.
    pub(crate) fn take(&mut self) -> Option<T>
    where
        T: Default,
    {
        self.value.as_mut().map(|(_, value)| std::mem::take(value))
    }

    /// The value by itself.
    pub(crate) fn into_inner(self) -> Option<T> {
        self.value.map(|(_, value)| value)
    }

    /// Where the option's name stands.
    pub(crate) fn span(&self) -> Option<Span> {
        self.value.as_ref().map(|(span, _)| *span)
    }

    pub(crate) fn is_set(&self) -> bool {
        self.value.is_some()
    }
}

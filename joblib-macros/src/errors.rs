//! Collects all errors of one expansion, so that the user sees them together.

use std::fmt::Display;

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;

/// The errors of an expansion.
#[derive(Default)]
pub(crate) struct ErrorList {
    first: Option<syn::Error>,
}

impl ErrorList {
    pub(crate) fn push(&mut self, error: syn::Error) {
        match &mut self.first {
            Some(first) => first.combine(error),
            None => self.first = Some(error),
        }
    }

    pub(crate) fn at(&mut self, span: Span, message: impl Display) {
        self.push(syn::Error::new(span, message));
    }

    /// Adds an error whose span covers `tokens`.
    pub(crate) fn on(&mut self, tokens: impl ToTokens, message: impl Display) {
        self.push(syn::Error::new_spanned(tokens, message));
    }

    /// Returns the value, or adds the error.
    pub(crate) fn ok<T>(&mut self, result: syn::Result<T>) -> Option<T> {
        result.map_err(|error| self.push(error)).ok()
    }

    /// Returns whether there are any errors.
    pub(crate) fn are_there(&self) -> bool {
        self.first.is_some()
    }

    /// Returns the errors as `compile_error!` calls, if there are any.
    pub(crate) fn into_tokens(self) -> Option<TokenStream> {
        self.first.map(|error| error.into_compile_error())
    }

    /// Returns `value`, or the errors if there are any.
    pub(crate) fn or<T>(self, value: T) -> Result<T, TokenStream> {
        self.into_tokens().map_or(Ok(value), Err)
    }
}

//! Collects every mistake of one annotation, so that all are told at once.

use std::fmt::Display;

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;

/// The mistakes found so far.
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

    /// A mistake that all of `tokens` make.
    pub(crate) fn on(&mut self, tokens: impl ToTokens, message: impl Display) {
        self.push(syn::Error::new_spanned(tokens, message));
    }

    /// Whether there are any so far.
    pub(crate) fn are_there(&self) -> bool {
        self.first.is_some()
    }

    /// The mistakes as `compile_error!` calls, if there are any.
    pub(crate) fn into_tokens(self) -> Option<TokenStream> {
        self.first.map(|error| error.into_compile_error())
    }
}

//! The kind of item that contains an annotated function.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;

use crate::function::AnnotatedFn;

/// The kind of item that contains the function. It decides which items the macros
/// can add.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FnContext {
    /// A free function: a type of the same name has the added functions.
    Free,
    /// A function of an inherent `impl`: `name_memo()` returns the added functions.
    Inherent,
    /// A function of a trait or a trait `impl`, where the macros cannot add items.
    Trait,
}

/// Returns whether the function uses `self` or `Self`, so that it cannot be free.
pub(crate) fn is_member(function: &AnnotatedFn) -> bool {
    let AnnotatedFn { sig, body, .. } = function;
    sig.receiver().is_some() || mentions_self(sig.to_token_stream()) || mentions_self(body.stream())
}

fn mentions_self(tokens: TokenStream) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == "Self",
        TokenTree::Group(group) => mentions_self(group.stream()),
        _ => false,
    })
}

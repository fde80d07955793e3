//! The kind of item that contains an annotated function.

use proc_macro2::{Group, TokenStream};
use quote::quote;
use syn::Signature;

use crate::source::FnOwner;

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

/// Returns the context that the source index knows for the function. If the index
/// does not know the function, its own tokens decide.
pub(crate) fn context(owner: &FnOwner, sig: &Signature, body: &Group) -> FnContext {
    match owner {
        FnOwner::Free => FnContext::Free,
        FnOwner::Inherent { .. } => FnContext::Inherent,
        FnOwner::Trait { .. } => FnContext::Trait,
        FnOwner::Unknown if sig.receiver().is_some() => FnContext::Inherent,
        FnOwner::Unknown if mentions_self(&quote!(#sig #body)) => FnContext::Inherent,
        FnOwner::Unknown => FnContext::Free,
    }
}

/// Returns whether the tokens contain `Self`.
pub(crate) fn mentions_self(tokens: &TokenStream) -> bool {
    tokens.clone().into_iter().any(|token| match token {
        proc_macro2::TokenTree::Ident(ident) => ident == "Self",
        proc_macro2::TokenTree::Group(group) => mentions_self(&group.stream()),
        _ => false,
    })
}

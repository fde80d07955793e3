//! Where an annotated function stands.

use proc_macro2::{Group, TokenStream};
use quote::quote;
use syn::Signature;

use crate::source::FnOwner;

/// Where the function stands, which decides what may stand beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FnContext {
    /// A function of its own: a type of the same name carries the rest.
    Free,
    /// A function of an inherent `impl`: the rest hangs on `name_memo()`.
    Inherent,
    /// A function of a trait or of an `impl` of one, where nothing can be
    /// added.
    Trait,
}

/// The index of the crate's sources knows best; where it does not know the
/// function, its own words must do.
pub(crate) fn place(owner: &FnOwner, sig: &Signature, body: &Group) -> FnContext {
    match owner {
        FnOwner::Free => FnContext::Free,
        FnOwner::Inherent { .. } => FnContext::Inherent,
        FnOwner::Trait { .. } => FnContext::Trait,
        FnOwner::Unknown if sig.receiver().is_some() => FnContext::Inherent,
        FnOwner::Unknown if mentions_self(&quote!(#sig #body)) => FnContext::Inherent,
        FnOwner::Unknown => FnContext::Free,
    }
}

/// Whether the tokens name the type of an impl or trait.
pub(crate) fn mentions_self(tokens: &TokenStream) -> bool {
    tokens.clone().into_iter().any(|token| match token {
        proc_macro2::TokenTree::Ident(ident) => ident == "Self",
        proc_macro2::TokenTree::Group(group) => mentions_self(&group.stream()),
        _ => false,
    })
}

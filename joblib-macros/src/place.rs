//! Where an annotated function stands.

use proc_macro2::{Group, Ident, TokenStream};
use quote::quote;
use syn::Signature;

use crate::errors::Errors;
use crate::source::Owner;
use crate::written::is_primitive;

/// Where the function stands, which decides what may stand beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// A function of its own: a struct of the same name carries the rest.
    Free,
    /// A function of an inherent `impl`: the rest hangs on `name_memo()`.
    Inherent,
    /// A function of a trait or of an `impl` of one, where nothing can be
    /// added.
    Trait,
}

/// The index of the crate's sources knows best; where it does not know the
/// function, its own words must do.
pub(crate) fn place(owner: &Owner, sig: &Signature, body: &Group) -> Place {
    match owner {
        Owner::Free => Place::Free,
        Owner::Inherent { .. } => Place::Inherent,
        Owner::Trait { .. } => Place::Trait,
        Owner::Unknown if sig.receiver().is_some() => Place::Inherent,
        Owner::Unknown if mentions_self(&quote!(#sig #body)) => Place::Inherent,
        Owner::Unknown => Place::Free,
    }
}

/// A type stands beside a free function under its name, and would stand before
/// one that the language brings in all of the module. `kind` says what the
/// function is.
pub(crate) fn name_is_free(place: Place, name: &Ident, kind: &str, errors: &mut Errors) {
    if place == Place::Free && (is_primitive(name) || name == "str") {
        errors.on(
            name,
            format!(
                "a {kind} function brings a type of its name, which would hide the type `{name}` \
                 in this module; give it another name"
            ),
        );
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

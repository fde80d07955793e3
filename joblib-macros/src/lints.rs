//! Lints and code that is made of the user's: they are about what the user
//! wrote.

use proc_macro2::{Ident, Span};
use syn::{Attribute, GenericParam, Generics, Meta, parse_quote};

/// The name in generated code, where it stands for the compiler outside of the
/// user's: lints about names and about what is not used keep silent there.
pub(crate) fn elsewhere(name: &Ident) -> Ident {
    let mut name = name.clone();
    name.set_span(name.span().resolved_at(Span::call_site()));
    name
}

/// The attributes about lints among `attributes`, so that a copy is judged as
/// what it is a copy of.
pub(crate) fn lints(attributes: &[Attribute]) -> Vec<Attribute> {
    attributes.iter().filter_map(copy).collect()
}

/// The parameters in generated code: see [`elsewhere`].
pub(crate) fn generics_elsewhere(generics: &Generics) -> Generics {
    let mut generics = generics.clone();
    for parameter in &mut generics.params {
        let attributes = match parameter {
            GenericParam::Type(it) => {
                it.ident = elsewhere(&it.ident);
                &mut it.attrs
            }
            GenericParam::Const(it) => {
                it.ident = elsewhere(&it.ident);
                &mut it.attrs
            }
            GenericParam::Lifetime(it) => {
                it.lifetime.ident = elsewhere(&it.lifetime.ident);
                &mut it.attrs
            }
        };
        *attributes = lints(attributes);
    }
    generics
}

/// Whether a part of a type is deprecated, or may use what is.
pub(crate) fn is_deprecated(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        Meta::List(list) if list.path.is_ident("allow") || list.path.is_ident("expect") => {
            let mut words = list.tokens.clone().into_iter();
            words.any(|it| it.to_string() == "deprecated")
        }
        meta => meta.path().is_ident("deprecated"),
    })
}

/// A copy need not do what is expected, and what was forbidden is allowed of
/// copies where they cannot help it.
fn copy(attribute: &Attribute) -> Option<Attribute> {
    let Meta::List(list) = &attribute.meta else {
        return None;
    };
    let tokens = &list.tokens;
    match list.path.get_ident()?.to_string().as_str() {
        "allow" | "warn" | "deny" => Some(attribute.clone()),
        "expect" => Some(parse_quote!(#[allow(#tokens)])),
        "forbid" => Some(parse_quote!(#[deny(#tokens)])),
        _ => None,
    }
}

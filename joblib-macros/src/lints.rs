//! Prevents lints in code that is generated from the user's, and copies the lint
//! levels that the user sets.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote};
use syn::{Attribute, GenericParam, Generics, Meta, parse_quote};

/// Returns the name with the hygiene of generated code. Lints about names and
/// about unused items do not report it.
pub(crate) fn hygienic(name: &Ident) -> Ident {
    at(name, name.span().resolved_at(Span::call_site()))
}

/// Returns the name at `span`, for generated code. A name that is a keyword in the
/// edition of generated code becomes a raw identifier.
pub(crate) fn at(name: &Ident, span: Span) -> Ident {
    let text = name.to_string();
    if NEWER_KEYWORDS.contains(&text.as_str()) {
        return Ident::new_raw(&text, span);
    }
    let mut name = name.clone();
    name.set_span(span);
    name
}

/// Keywords in the edition of generated code that are identifiers in older editions.
const NEWER_KEYWORDS: [&str; 5] = ["async", "await", "dyn", "gen", "try"];

/// Returns the lints that generated items allow, because the user's lint levels are
/// meant for the user's code.
pub(crate) fn allowances() -> TokenStream {
    quote! {
        #[allow(
            warnings,
            deprecated,
            future_incompatible,
            missing_debug_implementations,
            missing_docs,
            non_local_definitions,
            nonstandard_style,
            private_bounds,
            private_interfaces,
            rust_2018_idioms,
            single_use_lifetimes,
            unreachable_pub,
            unused,
            unused_lifetimes,
            unused_qualifications,
            clippy::all,
            clippy::pedantic
        )]
    }
}

/// Returns the item that adds `value` to a registry of the program.
///
/// Clippy does not see it, because it contains `unsafe`: inside a method, clippy would
/// report the type if it derives `serde::Deserialize`.
pub(crate) fn submission(krate: impl ToTokens, value: &TokenStream) -> TokenStream {
    quote! {
        #[cfg(not(clippy))]
        const _: () = {
            #krate::__private::inventory::submit! { #value }
        };
    }
}

/// Returns the lint attributes among `attributes`, so that a copied item has the
/// lint levels of the original.
pub(crate) fn lints(attributes: &[Attribute]) -> Vec<Attribute> {
    attributes.iter().filter_map(copy).collect()
}

/// Returns the parameters for generated code, see [`hygienic`].
pub(crate) fn hygienic_generics(generics: &Generics) -> Generics {
    let mut generics = generics.clone();
    for parameter in &mut generics.params {
        let attributes = match parameter {
            GenericParam::Type(it) => {
                it.ident = hygienic(&it.ident);
                &mut it.attrs
            }
            GenericParam::Const(it) => {
                it.ident = hygienic(&it.ident);
                &mut it.attrs
            }
            GenericParam::Lifetime(it) => {
                it.lifetime.ident = hygienic(&it.lifetime.ident);
                &mut it.attrs
            }
        };
        *attributes = lints(attributes);
    }
    generics
}

/// Returns whether the item is deprecated, or may use deprecated items.
pub(crate) fn is_deprecated(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        Meta::List(list) if list.path.is_ident("allow") || list.path.is_ident("expect") => {
            let mut words = list.tokens.clone().into_iter();
            words.any(|it| it.to_string() == "deprecated")
        }
        meta => meta.path().is_ident("deprecated"),
    })
}

/// Returns a lint attribute in the form for a copied item. A copy may not trigger an
/// expected lint, so `expect` becomes `allow`. Generated code sometimes has to allow
/// a lint, so `forbid` becomes `deny`.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keywords_of_newer_editions_stay_names() {
        for (name, expected) in [
            ("gen", "r#gen"),
            ("async", "r#async"),
            ("dyn", "r#dyn"),
            ("generation", "generation"),
        ] {
            let name = Ident::new(name, Span::call_site());
            assert_eq!(hygienic(&name).to_string(), expected);
        }
        let raw = Ident::new_raw("type", Span::call_site());
        assert_eq!(hygienic(&raw).to_string(), "r#type");
    }
}

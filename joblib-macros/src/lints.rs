//! Lints and code that is made of the user's: they are about what the user
//! wrote.

use proc_macro2::{Ident, Span};
use syn::{Attribute, GenericParam, Generics, Meta, parse_quote};

/// The name in generated code, where it stands for the compiler outside of the
/// user's: lints about names and about what is not used keep silent there.
pub(crate) fn elsewhere(name: &Ident) -> Ident {
    at(name, name.span().resolved_at(Span::call_site()))
}

/// The name at `span`, of generated code. What an older edition takes for a name
/// is one there too.
pub(crate) fn at(name: &Ident, span: Span) -> Ident {
    if NEWER_KEYWORDS.iter().any(|word| name == word) {
        return Ident::new_raw(&name.to_string(), span);
    }
    let mut name = name.clone();
    name.set_span(span);
    name
}

/// Keywords of the edition that generated code is of, which are names in others.
const NEWER_KEYWORDS: [&str; 5] = ["async", "await", "dyn", "gen", "try"];

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
            assert_eq!(elsewhere(&name).to_string(), expected);
        }
        let raw = Ident::new_raw("type", Span::call_site());
        assert_eq!(elsewhere(&raw).to_string(), "r#type");
    }
}

//! Detects packed types, whose fields cannot be borrowed.

use syn::punctuated::Punctuated;
use syn::{Attribute, Meta, Token};

/// Returns whether the attributes of a type contain `repr(packed)` in any form.
pub(crate) fn is_packed(attributes: &[Attribute]) -> bool {
    let reprs = attributes.iter().filter(|it| it.path().is_ident("repr"));
    let hints = reprs.filter_map(|it| {
        it.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated)
            .ok()
    });
    hints.flatten().any(|hint| hint.path().is_ident("packed"))
}

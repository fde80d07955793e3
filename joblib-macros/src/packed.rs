//! Whether the fields of a type lie where no reference may point.

use syn::punctuated::Punctuated;
use syn::{Attribute, Meta, Token};

/// Whether the attributes of a type say `repr(packed)`, however they do.
pub(crate) fn is_packed(attributes: &[Attribute]) -> bool {
    let reprs = attributes.iter().filter(|it| it.path().is_ident("repr"));
    let words = reprs.filter_map(|it| {
        it.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated)
            .ok()
    });
    words.flatten().any(|word| word.path().is_ident("packed"))
}

//! `#[derive(Key)]`: generates code that feeds a tag of the type, then its
//! fields except the skipped ones, to the key hasher.

mod attributes;
mod definition;
mod render;

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput};

use crate::errors::ErrorList;
use attributes::KeyOptions;

/// Returns the implementation of `Key` and a `compile_error!` for every invalid
/// attribute.
///
/// It generates the implementation even if there are errors. Otherwise each use
/// of the type would be an error too.
pub(crate) fn expand(item: TokenStream) -> TokenStream {
    let input: DeriveInput = match syn::parse2(item) {
        Ok(input) => input,
        Err(error) => return error.into_compile_error(),
    };
    let mut errors = ErrorList::default();
    let options = KeyOptions::of_type(&input, &mut errors);
    let implementation = match &input.data {
        Data::Union(data) => {
            let message = "`Key` cannot be derived for a union, because its active field is \
                           unknown; implement `Key` by hand";
            errors.at(data.union_token.span, message);
            TokenStream::new()
        }
        Data::Struct(_) | Data::Enum(_) => render::implementation(&input, &options, &mut errors),
    };
    let errors = errors.into_tokens();
    quote!(#errors #implementation)
}

#[cfg(test)]
mod tests;

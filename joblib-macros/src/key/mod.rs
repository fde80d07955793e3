//! `#[derive(Key)]`: feeds the fields of a type that are not skipped, after a
//! tag of the type's own.

mod attributes;
mod definition;
mod render;

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput};

use crate::errors::ErrorList;
use attributes::KeyOptions;

/// The implementation of `Key`, and every mistake in the attributes.
///
/// There is an implementation even where there are mistakes, so that only they
/// are told and not also every use of the type.
pub(crate) fn expand(item: TokenStream) -> TokenStream {
    let input: DeriveInput = match syn::parse2(item) {
        Ok(input) => input,
        Err(error) => return error.into_compile_error(),
    };
    let mut errors = ErrorList::default();
    let options = KeyOptions::of_type(&input, &mut errors);
    let implementation = match &input.data {
        Data::Union(data) => {
            let message = "a union has no `Key`, as nothing tells which field it holds; \
                           implement `Key` for it by hand";
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

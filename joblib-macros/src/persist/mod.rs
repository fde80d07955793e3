//! `#[derive(Persist)]`: how a type is written, read back and mapped, and the
//! type that shows it in a map.

mod args;
mod bounds;
mod field;
mod keys;
mod load;
mod model;
mod save;
mod view;

use proc_macro2::TokenStream;
use quote::quote;
use syn::DeriveInput;

use crate::errors::Errors;
use model::Model;

/// The implementations, and every mistake in the attributes.
///
/// There are implementations even where there are mistakes, so that only they
/// are told and not also every use of the type.
pub(crate) fn expand(item: TokenStream) -> TokenStream {
    let input: DeriveInput = match syn::parse2(item) {
        Ok(input) => input,
        Err(error) => return error.into_compile_error(),
    };
    let mut errors = Errors::default();
    let code = Model::new(&input, &mut errors).map(|model| {
        let checks = field::checks(&model);
        let (save, persist) = (save::save(&model), load::persist(&model));
        let (view, debug) = (view::definition(&model), view::debug(&model));
        quote! {
            #view
            #[allow(deprecated, unreachable_code)]
            const _: () = { #checks #save #persist #debug };
        }
    });
    let errors = errors.into_tokens();
    quote!(#errors #code)
}

#[cfg(test)]
mod tests;

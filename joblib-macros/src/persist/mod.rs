//! `#[derive(Persist)]`: generates the code that writes, reads and maps a type, and the
//! type of its view in a memory map.

mod args;
mod bounds;
mod compress;
mod field;
mod known;
mod load;
mod map_view;
mod meta;
mod model;
mod pieces;
mod record;
mod remote;
mod requirements;
mod save;
mod schema;
mod transparent;
mod view;

use proc_macro2::TokenStream;
use quote::quote;
use syn::DeriveInput;

use crate::errors::ErrorList;
use crate::self_type;
use bounds::ExtraBounds;
use model::Model;

/// Returns the implementations and a `compile_error!` for every invalid attribute.
///
/// It generates the implementations even if there are errors. Otherwise each use of the
/// type would be an error too.
pub(crate) fn expand(item: TokenStream) -> TokenStream {
    let mut input: DeriveInput = match syn::parse2(item) {
        Ok(input) => input,
        Err(error) => return error.into_compile_error(),
    };
    self_type::by_name(&mut input);
    let mut errors = ErrorList::default();
    let code = Model::new(&input, &mut errors).map(|model| {
        let bounds = ExtraBounds::new(&model);
        let checks = field::checks(&model);
        let save = save::save(&model, &bounds);
        let persist = load::persist(&model, &bounds);
        let view = view::definition(&model, &bounds);
        let debug = view::debug(&model, &bounds);
        let remote = remote::definition(&model, &bounds);
        let lints = model.lints();
        quote! {
            #view
            #lints
            const _: () = { #checks #save #persist #remote #debug };
        }
    });
    let errors = errors.into_tokens();
    quote!(#errors #code)
}

#[cfg(test)]
mod tests;

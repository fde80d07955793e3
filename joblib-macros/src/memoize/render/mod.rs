//! Renders the model: a wrapper with the user's signature and a companion with
//! `check`, `shelve` and the other functions. Generated code only calls the runtime,
//! which has the logic.

mod alias;
mod codec;
mod companion;
mod key;
mod parts;
mod signature;
mod site;

use proc_macro2::TokenStream;
use quote::quote;

use self::parts::Parts;
use super::model::Model;
use crate::source::Reach;

/// Returns the items that replace the annotated function, in every form of function.
pub(crate) fn render(model: &Model, reach: &Reach) -> TokenStream {
    let Model { attrs, vis, .. } = model;
    let Parts {
        wrapper,
        warnings,
        key,
        call,
        companion,
    } = Parts::new(model, reach);
    quote! {
        #(#attrs)*
        #vis #wrapper {
            #warnings
            #key
            #call
        }

        #companion
    }
}

//! Renders the model: a wrapper with the user's signature and a companion with
//! `check`, `shelve` and the other functions. Generated code only calls the runtime,
//! which has the logic.

mod alias;
mod codec;
mod companion;
mod inside;
mod key;
mod signature;
mod site;

use proc_macro2::TokenStream;
use quote::quote;
use syn::Signature;

use super::model::{Argument, FnContext, KeyedArgument, Model};
use crate::source::Reach;

/// The rendered parts of a memoized function.
struct Parts {
    /// The signature of the function that answers calls.
    wrapper: Signature,
    warnings: TokenStream,
    /// The statements of the wrapper that compute `__joblib_key`.
    key: TokenStream,
    /// The value of the wrapper.
    call: TokenStream,
    /// The items next to the wrapper.
    companion: TokenStream,
}

/// Returns the items that replace the annotated function, in every form of function.
pub(crate) fn render(model: &Model, reach: &Reach) -> TokenStream {
    let Model { attrs, vis, .. } = model;
    let Parts {
        wrapper,
        warnings,
        key,
        call,
        companion,
    } = match model.context {
        FnContext::Free if model.has_alias() => alias::parts(model, reach),
        FnContext::Free | FnContext::Inherent => companion::parts(model, reach),
        FnContext::Trait => inside::parts(model, reach),
    };
    let allowance = allowance(model);
    quote! {
        #(#attrs)*
        #allowance
        #vis #wrapper {
            #warnings
            #key
            #call
        }

        #companion
    }
}

/// Returns the attribute that allows the wrapper to use arguments whose names say that the
/// body does not.
fn allowance(model: &Model) -> Option<TokenStream> {
    let is_unused = |keyed: &KeyedArgument<Argument>| {
        let name = keyed.argument.binding.to_string();
        name.starts_with('_') && !name.starts_with("__")
    };
    let is_any = model.arguments.iter().any(is_unused);
    is_any.then(|| quote!(#[allow(clippy::used_underscore_binding)]))
}

//! Renders functions of traits, where no items can be added.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::signature::{SignatureParts, receiver_reference, wrapper};
use super::{Parts, codec, key, site};
use crate::memoize::model::Model;
use crate::source::Reach;

/// Returns the parts of a function of a trait, with all generated items inside its
/// body.
pub(super) fn parts(model: &Model, reach: &Reach) -> Parts {
    let (output, body) = (model.output(), &model.body);
    let receiver = receiver_reference(model).unwrap_or_default();
    let digest = key::digest(model, &SignatureParts::new(model), &receiver);
    let site = site::items(model, reach, &site::fingerprint(model, reach));
    let arguments = || model.arguments.iter().map(|keyed| &keyed.argument);
    let bindings: Vec<&Ident> = arguments().map(|it| &it.binding).collect();
    let patterns = arguments().map(|it| &it.pat);
    // A closure, so that `return` and `?` in the body leave only the closure.
    let value = match model.is_async() {
        true => quote!((async move || -> #output #body)().await),
        false => quote!((move || #body)()),
    };
    let asyncness = model.is_async().then(|| quote!(async move));
    let closure = quote! {
        #asyncness { #(#[allow(unused_mut, clippy::no_effect_underscore_binding)] let #patterns = #bindings;)* let __joblib_value: #output = #value; __joblib_value }
    };
    let codec = codec::stored(model);
    let opened = site::opened(model, &quote!(&__JOBLIB_SITE));
    Parts {
        wrapper: wrapper(model),
        warnings: site::warnings(model, reach),
        key: quote! {
            #site
            let __joblib_function = {
                #opened
            };
            let __joblib_key = {
                #(let #bindings = &#bindings;)*
                #digest
            };
        },
        call: codec::answer(model, "call", &quote!(__joblib_function), &codec, &closure),
        companion: TokenStream::new(),
    }
}

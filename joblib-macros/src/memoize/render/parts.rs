//! The rendered parts of a memoized function. The companion of a free function is an
//! alias or a struct, that of a method a handle. A function of a trait has none: its
//! parts are inside its body.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::{Attribute, Signature, Visibility};

use super::signature::{SignatureParts, receiver_reference, wrapper};
use super::{alias, codec, companion, key, site};
use crate::memoize::model::{FnContext, Model};
use crate::source::Reach;

/// The rendered parts of a memoized function.
pub(super) struct Parts {
    /// The signature of the function that answers calls.
    pub(super) wrapper: Signature,
    pub(super) warnings: TokenStream,
    /// The statements of the wrapper that compute `__joblib_key`.
    pub(super) key: TokenStream,
    /// The value of the wrapper.
    pub(super) call: TokenStream,
    /// The items next to the wrapper.
    pub(super) companion: TokenStream,
}

impl Parts {
    pub(super) fn new(model: &Model, reach: &Reach) -> Parts {
        match model.context {
            FnContext::Free if model.has_alias() => alias::parts(model, reach),
            FnContext::Free | FnContext::Inherent => companion::parts(model, reach),
            FnContext::Trait => Parts::inside(model, reach),
        }
    }

    /// Returns the parts of a function of a trait, with all generated items inside its
    /// body.
    fn inside(model: &Model, reach: &Reach) -> Parts {
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
            #asyncness { #(#[allow(unused_mut)] let #patterns = #bindings;)* let __joblib_value: #output = #value; __joblib_value }
        };
        let codec = codec::stored(model);
        Parts {
            wrapper: wrapper(model),
            warnings: site::warnings(reach),
            key: quote! {
                #site
                let __joblib_key = {
                    #(let #bindings = &#bindings;)*
                    #digest
                };
            },
            call: codec::answer(model, "call", &quote!(&SITE), &codec, &closure),
            companion: TokenStream::new(),
        }
    }
}

/// Returns the function with the user's body, as `name` with the visibility `vis`.
pub(super) fn uncached(model: &Model, vis: Option<&Visibility>, name: &Ident) -> TokenStream {
    const LEVELS: [&str; 4] = ["allow", "warn", "deny", "forbid"];
    let is_level = |attr: &&Attribute| LEVELS.iter().any(|level| attr.path().is_ident(level));
    let sig = Signature {
        ident: name.clone(),
        ..model.sig.clone()
    };
    let (attrs, body) = (model.attrs.iter().filter(is_level), &model.body);
    quote!(#(#attrs)* #vis #sig #body)
}

/// Returns the documentation of the companion type of a free function.
pub(super) fn doc(model: &Model) -> String {
    let name = model.name();
    format!("Checks, refreshes and forgets stored results of [`{name}`](fn@{name}).")
}

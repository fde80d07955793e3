//! `#[track]`: computes the fingerprint of a plain function, for memoized
//! functions of other crates to depend on.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Path, parse_quote};

use crate::crate_path;
use crate::errors::ErrorList;
use crate::function::{self, AnnotatedFn};
use crate::lints::allowances;
use crate::source::{self, FingerprintScope};
use crate::type_name;

/// Returns the function and a struct of the same name with `FINGERPRINT`.
pub(crate) fn expand(args: TokenStream, item: TokenStream) -> TokenStream {
    match try_expand(args, &item) {
        Ok(expanded) => expanded,
        Err(errors) => quote!(#errors #item),
    }
}

fn try_expand(args: TokenStream, item: &TokenStream) -> Result<TokenStream, TokenStream> {
    let mut errors = ErrorList::default();
    let krate = crate_path::only_option(args, "track", &mut errors);
    let krate = krate.unwrap_or_else(|| parse_quote!(::joblib));
    let function = errors.ok(function::parse(item, "track"));
    if let Some(receiver) = function.as_ref().and_then(|it| it.sig.receiver()) {
        errors.on(
            receiver,
            "`#[track]` does not support methods; annotate a free function that calls the method",
        );
    }
    let function = errors.or(function.as_ref())?;
    Ok(function.map_or_else(TokenStream::new, |it| expanded(item.clone(), it, &krate)))
}

fn expanded(item: TokenStream, function: &AnnotatedFn, krate: &Path) -> TokenStream {
    let reach = source::reach(function, &TokenStream::new(), FingerprintScope::Reach);
    let (vis, name) = (&function.vis, &function.sig.ident);
    let item = type_name::with_crate_import(item, name, reach.meaning);
    let companion = type_name::companion(name, reach.meaning);
    let bits = reach.digest;
    let conditions = &reach.unknown_cfgs;
    let attrs = function::conditions(&function.attrs);
    let doc = format!("The fingerprint of [`{name}`](fn@{name}).");
    let allowances = allowances();
    quote! {
        #item

        #(#attrs)*
        #[doc = #doc]
        #allowances
        #vis struct #companion {}

        #allowances
        impl #companion {
            /// The fingerprint of the source that the function depends on.
            #vis const FINGERPRINT: #krate::__private::Fingerprint =
                #krate::__private::Fingerprint::new(#bits)
                    #(.with_cfg(::core::cfg!(#conditions)))*;

            #[doc(hidden)]
            #vis const fn __joblib_fingerprint() -> #krate::__private::Fingerprint {
                Self::FINGERPRINT
            }
        }
    }
}

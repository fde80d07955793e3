//! A function whose types are all known: its name becomes an alias of the
//! runtime's `Companion`, and only what differs from function to function is
//! generated. Compiling that costs a third of the struct with functions of
//! its own that [`beside`](super::beside) makes of the others.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::{GenericParam, ReturnType, Type};

use super::super::model::{Argument, KeyPart, Keyed, Model, telling};
use super::beside::{conditions, uncached};
use super::signature::{self, Parts};
use super::{answer, key, site};
use crate::source::Reach;

/// As many arguments as the runtime's `Companion` takes.
const ARGUMENTS: usize = 8;

/// Whether the runtime can make every call of the function.
pub(super) fn fits(model: &Model) -> bool {
    let generics = &model.sig.generics;
    let is_known = |param: &GenericParam| match param {
        GenericParam::Lifetime(lifetime) => lifetime.bounds.is_empty(),
        GenericParam::Type(_) | GenericParam::Const(_) => false,
    };
    let is_plain = |keyed: &Keyed<Argument>| {
        !matches!(keyed.key, KeyPart::Expr(_)) && signature::is_nameable(&keyed.argument.ty)
    };
    !model.is_async()
        && model.arguments.len() <= ARGUMENTS
        && generics.params.iter().all(is_known)
        && generics.where_clause.is_none()
        && model.arguments.iter().all(is_plain)
        && match &model.sig.output {
            ReturnType::Default => true,
            ReturnType::Type(_, ty) => signature::is_nameable(ty) && !signature::borrows(ty),
        }
}

/// The function, what describes it, and the alias.
pub(super) fn render(model: &Model, parts: &Parts, reach: &Reach) -> TokenStream {
    let krate = model.krate();
    let Model { attrs, vis, .. } = model;
    let Parts { named, output, .. } = parts;
    // A mistake in the signature is told once if no other item has the place
    // of the name, where the compiler would suggest type parameters.
    let mut name = model.name().clone();
    name.set_span(Span::call_site());
    let marker = format_ident!("__joblib_{}", model.name());
    let wrapper = signature::wrapper(model);
    let conditions = conditions(model);
    let doc = format!("Checks, refreshes and forgets stored results of [`{name}`](fn@{name}).");
    let types = model.arguments.iter().map(|keyed| &keyed.argument.ty);
    let lifetimes = match &model.sig.generics.params {
        params if params.is_empty() => None,
        params => Some(quote!(for<#params>)),
    };
    let function = quote!(#lifetimes fn(#(#types),*) -> #output);
    let (ways, keys) = ways(model);
    let uncached = uncached(model, None, &marker);
    let fingerprint = site::fingerprint(model, reach);
    let version = model.args.version.get().map(|number| {
        quote! {
            const VERSION: ::core::option::Option<u64> = ::core::option::Option::Some(#number);
        }
    });
    let tracked = site::tracked(reach);
    let warnings = site::warnings(reach);
    let site = site::site(model, reach, &fingerprint);
    let (stored, stored_type) = answer::returned(model, parts);
    quote! {
        #(#attrs)*
        #vis #wrapper {
            #warnings
            #name::__joblib_call(#named)
        }

        #conditions
        #[doc = #doc]
        #[allow(non_camel_case_types, dead_code)]
        #vis type #name = #krate::__private::Companion<#marker, #function, #ways>;

        #conditions
        #[doc(hidden)]
        #[allow(non_camel_case_types, dead_code)]
        #vis struct #marker {}

        #conditions
        #uncached

        #conditions
        impl #krate::__private::Memoized<#function, #ways> for #marker {
            type Output = #output;
            const FINGERPRINT: #krate::__private::Fingerprint = #fingerprint;
            #version
            const BODY: #function = #marker;
            const KEYS: #ways = #keys;

            fn site() -> &'static #krate::__private::Site {
                #tracked
                static SITE: #krate::__private::Site = #site;
                &SITE
            }

            fn stored() -> #stored_type {
                #stored
            }
        }
    }
}

/// How each argument becomes part of the key: the types and the values.
fn ways(model: &Model) -> (TokenStream, TokenStream) {
    let krate = model.krate();
    let mut imports = TokenStream::new();
    let (types, values): (Vec<_>, Vec<_>) = model
        .arguments
        .iter()
        .map(|Keyed { argument, key }| {
            let ty = &argument.ty;
            if matches!(key, KeyPart::Ignored) {
                let way = quote!(#krate::__private::Ignored);
                return (way.clone(), way);
            }
            if has_key(ty) {
                let way = quote!(#krate::__private::Plainly);
                return (way.clone(), way);
            }
            imports = quote! {
                #[allow(unused_imports)]
                use #krate::__private::key::dispatch::*;
            };
            let feed = key::feed(model, &quote!(__joblib_argument), telling(ty));
            (
                quote!(#krate::__private::By<fn(&#ty, &mut #krate::__private::Arguments)>),
                quote_spanned! {telling(ty)=>
                    #krate::__private::By(|__joblib_argument, __joblib_key| { #feed })
                },
            )
        })
        .unzip();
    let values = match imports.is_empty() {
        true => quote!((#(#values,)*)),
        false => quote!({ #imports (#(#values,)*) }),
    };
    (quote!((#(#types,)*)), values)
}

/// Whether a type, as written, certainly has a `Key`.
fn has_key(ty: &Type) -> bool {
    match ty {
        Type::Reference(reference) => reference.mutability.is_none() && has_key(&reference.elem),
        Type::Slice(slice) => has_key(&slice.elem),
        Type::Array(array) => has_key(&array.elem),
        Type::Paren(inner) => has_key(&inner.elem),
        Type::Path(path) => path
            .path
            .get_ident()
            .is_some_and(|name| name == "str" || key::is_primitive(name)),
        _ => false,
    }
}

//! Renders functions whose types are all known. The companion is an alias of the
//! runtime's `Companion`, and the macro generates only what differs between
//! functions. That takes a third of the compile time of the struct that
//! [`companion`](super::companion) generates for other functions.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};
use syn::{GenericArgument, PathArguments, Type};

use super::signature::{doc, uncached, wrapper};
use super::{Parts, codec, key, site};
use crate::lints;
use crate::memoize::model::{Argument, KeyPart, KeyedArgument, Model, error_span, is_primitive};
use crate::source::{self, Reach};
use crate::type_syntax::borrows;

/// Returns the parts of the function: the wrapper calls the runtime's function for what
/// the alias describes.
pub(super) fn parts(model: &Model, reach: &Reach) -> Parts {
    let krate = model.krate();
    let named = model.arguments.iter().map(|keyed| &keyed.argument.binding);
    let marker = format_ident!("__joblib_{}", model.name());
    let mut types = model.arguments.iter().map(|keyed| &keyed.argument.ty);
    let call = match types.all(is_static_and_send) {
        true => quote!(call_memoized_keeping),
        false => quote!(call_memoized),
    };
    Parts {
        wrapper: wrapper(model),
        warnings: site::warnings(model, reach),
        key: TokenStream::new(),
        call: quote!(#krate::__private::#call::<#marker, _, _, _>((#(#named,)*))),
        companion: companion(model, reach, &marker),
    }
}

/// Returns the body, the description of the function and the alias.
fn companion(model: &Model, reach: &Reach, marker: &Ident) -> TokenStream {
    let krate = model.krate();
    let (vis, output) = (&model.vis, model.output());
    // With the span of the name, the compiler would report an error in the signature
    // a second time, for this item, and suggest type parameters.
    let name = lints::at(&model.companion, Span::call_site());
    let (conditions, doc) = (model.conditions(), doc(model));
    let types = model.arguments.iter().map(|keyed| &keyed.argument.ty);
    let lifetimes = lifetimes(model);
    let key_modes = model.arguments.iter().map(|keyed| key_mode(model, keyed));
    let uncached = uncached(model, None, marker);
    let fingerprint = site::fingerprint(model, reach);
    let version = model.args.version.get().map(|number| {
        quote! {
            const VERSION: ::core::option::Option<::core::primitive::u64> =
                ::core::option::Option::Some(#number);
        }
    });
    let (tracked, items) = (site::tracked(model, reach), reach.listed());
    let (identity, location) = (site::identity(model), site::location(model));
    let options = site::options(model, marker);
    let (stored, stored_type) = codec::returned(model);
    quote! {
        #conditions
        #uncached

        #krate::__private::companion! {
            {#conditions} #doc #vis #name #marker
            {#lifetimes fn(#(#types),*) -> #output} -> {#output}
            [#(#key_modes)*]
            {#version}
            {#identity} {#fingerprint} #items {#location} {#options}
            {#tracked}
            {#stored_type} {#stored}
        }
    }
}

/// Returns the `for<…>` of a function pointer with the lifetimes of the signature.
fn lifetimes(model: &Model) -> Option<TokenStream> {
    let params = &model.sig.generics.params;
    (!params.is_empty()).then(|| quote!(for<#params>))
}

/// Returns how an argument becomes part of the key: the name of the mode, and for
/// `UseFn` the function that feeds the argument.
fn key_mode(
    model: &Model,
    KeyedArgument { argument, key }: &KeyedArgument<Argument>,
) -> TokenStream {
    let ty = &argument.ty;
    if matches!(key, KeyPart::Ignored) {
        return quote!(Ignored);
    }
    if has_key(ty) {
        return match key::is_reference(ty) {
            true => quote!(UseReferent),
            false => quote!(UseKey),
        };
    }
    let krate = model.krate();
    let imports = key::imports(model);
    let reference = match key::is_reference(ty) {
        true => quote!(*__joblib_argument),
        false => quote!(__joblib_argument),
    };
    let feed = key::feed(model, &reference, error_span(ty));
    let lifetimes = borrows(ty).then(|| lifetimes(model));
    quote! {
        UseFn {#lifetimes fn(&#ty, &mut #krate::__private::KeyArguments)} {
            |__joblib_argument, __joblib_key| {
                #imports
                #feed
            }
        }
    }
}

/// Returns whether a type, by its syntax, certainly implements `Key`.
fn has_key(ty: &Type) -> bool {
    match ty {
        Type::Reference(reference) => reference.mutability.is_none() && has_key(&reference.elem),
        Type::Slice(slice) => has_key(&slice.elem),
        Type::Array(array) => has_key(&array.elem),
        Type::Paren(inner) => has_key(&inner.elem),
        Type::Path(path) => path
            .path
            .get_ident()
            .is_some_and(|name| name == "str" || is_primitive(name)),
        _ => false,
    }
}

/// Returns whether a type, by its syntax and the names in the crate, is `'static` and
/// `Send`: numbers, strings and containers that own them.
fn is_static_and_send(ty: &Type) -> bool {
    const OWNERS: [&str; 3] = ["Vec", "Option", "Box"];
    match ty {
        Type::Paren(inner) => is_static_and_send(&inner.elem),
        Type::Tuple(tuple) => tuple.elems.iter().all(is_static_and_send),
        Type::Array(array) => is_static_and_send(&array.elem),
        Type::Path(path) if path.qself.is_none() && path.path.segments.len() == 1 => {
            let segment = &path.path.segments[0];
            match &segment.arguments {
                _ if source::may_be_other_type(&path.path) => false,
                PathArguments::None => is_primitive(&segment.ident) || segment.ident == "String",
                PathArguments::AngleBracketed(parts) => {
                    let is_valid = |part: &GenericArgument| match part {
                        GenericArgument::Type(ty) => is_static_and_send(ty),
                        _ => false,
                    };
                    OWNERS.iter().any(|owner| segment.ident == owner)
                        && parts.args.iter().all(is_valid)
                }
                PathArguments::Parenthesized(_) => false,
            }
        }
        _ => false,
    }
}

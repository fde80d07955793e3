//! Renders functions whose types are all known. The companion is an alias of the
//! runtime's `Companion`, and the macro generates only what differs between
//! functions. That takes a third of the compile time of the struct that
//! [`items`](super::items) generates for other functions.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote};
use syn::{GenericArgument, GenericParam, PathArguments, ReturnType, Type};

use super::items::{self, conditions, uncached};
use super::signature::{self, SignatureParts};
use super::{call, key, site};
use crate::lints;
use crate::memoize::model::{Argument, KeyPart, KeyedArgument, Model, error_span, is_primitive};
use crate::source::Reach;
use crate::type_syntax::{borrows, is_nameable};

/// The maximum number of arguments of the runtime's `Companion`.
const ARGUMENTS: usize = 8;

/// Returns whether the runtime's `Companion` supports the function.
pub(super) fn fits(model: &Model) -> bool {
    let generics = &model.sig.generics;
    let is_known = |param: &GenericParam| match param {
        GenericParam::Lifetime(lifetime) => lifetime.bounds.is_empty(),
        GenericParam::Type(_) | GenericParam::Const(_) => false,
    };
    let is_plain = |keyed: &KeyedArgument<Argument>| {
        !matches!(keyed.key, KeyPart::Expr(_)) && is_nameable(&keyed.argument.ty)
    };
    !model.is_async()
        && model.arguments.len() <= ARGUMENTS
        && generics.params.iter().all(is_known)
        && generics.where_clause.is_none()
        && model.arguments.iter().all(is_plain)
        && match &model.sig.output {
            ReturnType::Default => true,
            ReturnType::Type(_, ty) => is_nameable(ty) && !borrows(ty),
        }
}

/// Returns the wrapper, the description of the function and the alias.
pub(super) fn render(model: &Model, parts: &SignatureParts, reach: &Reach) -> TokenStream {
    let krate = model.krate();
    let Model { attrs, vis, .. } = model;
    let SignatureParts { named, output, .. } = parts;
    // With the span of the name, the compiler would report an error in the signature
    // a second time, for this item, and suggest type parameters.
    let name = lints::at(&model.companion, Span::call_site());
    let marker = format_ident!("__joblib_{}", model.name());
    let wrapper = signature::wrapper(model);
    let conditions = conditions(model);
    let doc = items::doc(model);
    let types = model.arguments.iter().map(|keyed| &keyed.argument.ty);
    let lifetimes = lifetimes(model);
    let key_modes = model.arguments.iter().map(|keyed| key_mode(model, keyed));
    let uncached = uncached(model, None, &marker);
    let fingerprint = site::fingerprint(model, reach);
    let version = model.args.version.get().map(|number| {
        quote! {
            const VERSION: ::core::option::Option<u64> = ::core::option::Option::Some(#number);
        }
    });
    let tracked = site::tracked(model, reach);
    let warnings = site::warnings(reach);
    let identity = site::identity(model);
    let items = reach.listed();
    let (location, options) = (site::location(model), site::options(model, &marker));
    let (stored, stored_type) = call::returned(model, parts);
    let arguments = || model.arguments.iter().map(|keyed| &keyed.argument.ty);
    let call = match arguments().all(is_static_and_send) {
        true => quote!(__joblib_call_keeping),
        false => quote!(__joblib_call),
    };
    quote! {
        #(#attrs)*
        #vis #wrapper {
            #warnings
            #name::#call(#named)
        }

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
        return quote!(UseKey);
    }
    let krate = model.krate();
    let feed = key::feed(model, &quote!(__joblib_argument), error_span(ty));
    let lifetimes = borrows(ty).then(|| lifetimes(model));
    quote! {
        UseFn {#lifetimes fn(&#ty, &mut #krate::__private::KeyArguments)} {
            |__joblib_argument, __joblib_key| {
                #[allow(unused_imports)]
                use #krate::__private::key::select::*;
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

/// Returns whether a type, by its syntax, is certainly `'static` and `Send`: numbers,
/// strings and containers that own them.
fn is_static_and_send(ty: &Type) -> bool {
    const OWNERS: [&str; 3] = ["Vec", "Option", "Box"];
    match ty {
        Type::Paren(inner) => is_static_and_send(&inner.elem),
        Type::Tuple(tuple) => tuple.elems.iter().all(is_static_and_send),
        Type::Array(array) => is_static_and_send(&array.elem),
        Type::Path(path) if path.qself.is_none() && path.path.segments.len() == 1 => {
            let segment = &path.path.segments[0];
            match &segment.arguments {
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

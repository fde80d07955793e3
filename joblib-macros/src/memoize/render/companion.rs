//! A function whose types are all known: its name becomes an alias of the
//! runtime's `Companion`, and only what differs from function to function is
//! generated. Compiling that costs a third of the struct with functions of
//! its own that [`items`](super::items) makes of the others.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote};
use syn::{GenericArgument, GenericParam, PathArguments, ReturnType, Type};

use super::super::model::{Argument, KeyPart, KeyedArgument, Model, is_primitive, telling};
use super::items::{self, conditions, uncached};
use super::signature::{self, SignatureParts};
use super::{call, key, site};
use crate::lints;
use crate::source::Reach;
use crate::type_syntax::{borrows, is_nameable};

/// As many arguments as the runtime's `Companion` takes.
const ARGUMENTS: usize = 8;

/// Whether the runtime can make every call of the function.
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

/// The function, what describes it, and the alias.
pub(super) fn render(model: &Model, parts: &SignatureParts, reach: &Reach) -> TokenStream {
    let krate = model.krate();
    let Model { attrs, vis, .. } = model;
    let SignatureParts { named, output, .. } = parts;
    // A mistake in the signature is told once if no other item has the place
    // of the name, where the compiler would suggest type parameters.
    let name = lints::at(&model.companion, Span::call_site());
    let marker = format_ident!("__joblib_{}", model.name());
    let wrapper = signature::wrapper(model);
    let conditions = conditions(model);
    let doc = items::doc(model);
    let types = model.arguments.iter().map(|keyed| &keyed.argument.ty);
    let lifetimes = lifetimes(model);
    let ways = model.arguments.iter().map(|keyed| way(model, keyed));
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
    let (place, options) = (site::place(model), site::options(model, &marker));
    let (stored, stored_type) = call::returned(model, parts);
    let arguments = || model.arguments.iter().map(|keyed| &keyed.argument.ty);
    let call = match arguments().all(can_be_kept) {
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
            [#(#ways)*]
            {#version}
            {#identity} {#fingerprint} #items {#place} {#options}
            {#tracked}
            {#stored_type} {#stored}
        }
    }
}

/// What a function pointer says before it names the lifetimes of the signature.
fn lifetimes(model: &Model) -> Option<TokenStream> {
    let params = &model.sig.generics.params;
    (!params.is_empty()).then(|| quote!(for<#params>))
}

/// How an argument becomes part of the key: the name of the way, and where it
/// has to be told more, its type and its value.
fn way(model: &Model, KeyedArgument { argument, key }: &KeyedArgument<Argument>) -> TokenStream {
    let ty = &argument.ty;
    if matches!(key, KeyPart::Ignored) {
        return quote!(Ignored);
    }
    if has_key(ty) {
        return quote!(UseKey);
    }
    let krate = model.krate();
    let feed = key::feed(model, &quote!(__joblib_argument), telling(ty));
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
            .is_some_and(|name| name == "str" || is_primitive(name)),
        _ => false,
    }
}

/// Whether a value of the type, as written, certainly outlives the call and may
/// go to another thread: numbers and texts, and what owns such.
fn can_be_kept(ty: &Type) -> bool {
    const OWNERS: [&str; 3] = ["Vec", "Option", "Box"];
    match ty {
        Type::Paren(inner) => can_be_kept(&inner.elem),
        Type::Tuple(tuple) => tuple.elems.iter().all(can_be_kept),
        Type::Array(array) => can_be_kept(&array.elem),
        Type::Path(path) if path.qself.is_none() && path.path.segments.len() == 1 => {
            let word = &path.path.segments[0];
            match &word.arguments {
                PathArguments::None => is_primitive(&word.ident) || word.ident == "String",
                PathArguments::AngleBracketed(parts) => {
                    let is_kept = |part: &GenericArgument| match part {
                        GenericArgument::Type(ty) => can_be_kept(ty),
                        _ => false,
                    };
                    OWNERS.iter().any(|owner| word.ident == owner) && parts.args.iter().all(is_kept)
                }
                PathArguments::Parenthesized(_) => false,
            }
        }
        _ => false,
    }
}

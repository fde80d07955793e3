//! Functions with arguments that have a `cfg` attribute. Generated items list the
//! arguments in positions where `cfg` is not allowed, so the macros expand such a
//! function once for each combination of its predicates.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::{Attribute, FnArg, Meta, Pat, Token, parse_quote};

use crate::function::AnnotatedFn;
use crate::source;

/// Returns the function without `cfg` attributes on its arguments. A predicate
/// that the macro cannot evaluate yields two functions, one under the predicate
/// and one under its negation.
pub(crate) fn variants(function: AnnotatedFn) -> Vec<AnnotatedFn> {
    let inputs = function.sig.inputs.iter().enumerate();
    let conditions = inputs.filter_map(|(at, input)| Some((at, condition(input)?)));
    let Some((at, (attribute, predicate))) = conditions.last() else {
        return vec![function];
    };
    let with = || with(function.clone(), at, attribute);
    let without = || without(function.clone(), at);
    let expanded = match source::evaluate(&predicate) {
        Some(true) => vec![with()],
        Some(false) => vec![without()],
        None => vec![
            under(with(), &predicate),
            under(without(), &quote!(not(all(#predicate)))),
        ],
    };
    // The functions may have further conditional arguments.
    expanded.into_iter().flat_map(variants).collect()
}

/// Returns the first `cfg` of an argument: the index of the attribute and its
/// predicate.
fn condition(input: &FnArg) -> Option<(usize, TokenStream)> {
    let mut attrs = attributes(input).iter().enumerate();
    attrs.find_map(|(at, attr)| Some((at, cfg_predicate(&attr.meta)?)))
}

/// Returns the predicate of a `cfg` attribute, also of one inside `cfg_attr`.
fn cfg_predicate(meta: &Meta) -> Option<TokenStream> {
    let Meta::List(list) = meta else {
        return None;
    };
    if list.path.is_ident("cfg") {
        return Some(list.tokens.clone());
    }
    if !list.path.is_ident("cfg_attr") {
        return None;
    }
    let metas = Punctuated::<Meta, Token![,]>::parse_terminated;
    let metas = metas.parse2(list.tokens.clone()).ok()?;
    let mut metas = metas.iter();
    let predicate = metas.next()?;
    let conditions: Vec<_> = metas.filter_map(cfg_predicate).collect();
    (!conditions.is_empty()).then(|| quote!(any(not(#predicate), all(#(#conditions),*))))
}

fn attributes(input: &FnArg) -> &Vec<Attribute> {
    match input {
        FnArg::Receiver(receiver) => &receiver.attrs,
        FnArg::Typed(typed) => &typed.attrs,
    }
}

/// Returns the function with the argument at `at`, but without that attribute.
fn with(mut function: AnnotatedFn, at: usize, attribute: usize) -> AnnotatedFn {
    let attrs = match &mut function.sig.inputs[at] {
        FnArg::Receiver(receiver) => &mut receiver.attrs,
        FnArg::Typed(typed) => &mut typed.attrs,
    };
    attrs.remove(attribute);
    function
}

/// Returns the function without the argument at `at`.
fn without(mut function: AnnotatedFn, at: usize) -> AnnotatedFn {
    let inputs = std::mem::take(&mut function.sig.inputs);
    let (removed, kept): (Vec<_>, Vec<_>) = inputs
        .into_iter()
        .enumerate()
        .partition(|(index, _)| *index == at);
    function.sig.inputs = kept.into_iter().map(|(_, input)| input).collect();
    let names = removed.iter().filter_map(|(_, input)| name(input));
    function.absent.extend(names);
    function
}

fn name(input: &FnArg) -> Option<Ident> {
    match input {
        FnArg::Receiver(receiver) => Some(Ident::new("self", receiver.self_token.span)),
        FnArg::Typed(typed) => match &*typed.pat {
            Pat::Ident(pat) => Some(pat.ident.clone()),
            _ => None,
        },
    }
}

/// Returns the function under `cfg(predicate)`.
fn under(mut function: AnnotatedFn, predicate: &TokenStream) -> AnnotatedFn {
    function.attrs.push(parse_quote!(#[cfg(#predicate)]));
    function
}

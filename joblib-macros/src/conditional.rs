//! Functions with arguments that depend on a `cfg`: what stands beside such a
//! function names its arguments where no `cfg` can stand, so there is one for each
//! way that the conditions may turn out.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::{Attribute, FnArg, Meta, Pat, Token, parse_quote};

use crate::function::AnnotatedFn;
use crate::source;

/// The function as it is under the conditions of its arguments: mostly one, and
/// where the compiler alone can tell, one for each answer, under that condition.
pub(crate) fn variants(function: AnnotatedFn) -> Vec<AnnotatedFn> {
    let found = function.sig.inputs.iter().enumerate();
    let found = found.filter_map(|(at, input)| Some((at, condition(input)?)));
    let Some((at, (attribute, predicate))) = found.last() else {
        return vec![function];
    };
    let with = || with(function.clone(), at, attribute);
    let without = || without(function.clone(), at);
    let found = match source::holds(&predicate) {
        Some(true) => vec![with()],
        Some(false) => vec![without()],
        None => vec![
            under(with(), &predicate),
            under(without(), &quote!(not(all(#predicate)))),
        ],
    };
    found.into_iter().flat_map(variants).collect()
}

/// The first condition of an argument: its place among the attributes, and what it
/// says.
fn condition(input: &FnArg) -> Option<(usize, TokenStream)> {
    let mut attrs = attributes(input).iter().enumerate();
    attrs.find_map(|(at, attr)| Some((at, said(&attr.meta)?)))
}

/// The condition that an attribute sets, by itself or where another one holds.
fn said(meta: &Meta) -> Option<TokenStream> {
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
    let conditions: Vec<_> = metas.filter_map(said).collect();
    (!conditions.is_empty()).then(|| quote!(any(not(#predicate), all(#(#conditions),*))))
}

fn attributes(input: &FnArg) -> &Vec<Attribute> {
    match input {
        FnArg::Receiver(receiver) => &receiver.attrs,
        FnArg::Typed(typed) => &typed.attrs,
    }
}

/// The function whose argument at `at` has lost the attribute.
fn with(mut function: AnnotatedFn, at: usize, attribute: usize) -> AnnotatedFn {
    let attrs = match &mut function.sig.inputs[at] {
        FnArg::Receiver(receiver) => &mut receiver.attrs,
        FnArg::Typed(typed) => &mut typed.attrs,
    };
    attrs.remove(attribute);
    function
}

/// The function without the argument at `at`.
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

/// The function where the predicate holds.
fn under(mut function: AnnotatedFn, predicate: &TokenStream) -> AnnotatedFn {
    function.attrs.push(parse_quote!(#[cfg(#predicate)]));
    function
}

//! The item an annotation stands on, which must be a function with a body.

use proc_macro2::{Span, TokenStream};
use syn::spanned::Spanned;
use syn::{Item, ItemFn, TraitItemFn};

/// The function that `item` is.
///
/// # Errors
///
/// It is none: the error says what it is, at the word that says so.
pub(crate) fn parse(item: &TokenStream, annotation: &str) -> syn::Result<ItemFn> {
    syn::parse2(item.clone()).map_err(|_| {
        let (span, found) = found(item);
        let message = format!("`#[{annotation}]` belongs on a function with a body{found}");
        syn::Error::new(span, message)
    })
}

fn found(item: &TokenStream) -> (Span, &'static str) {
    if let Ok(declared) = syn::parse2::<TraitItemFn>(item.clone()) {
        let out = "; this one has none, so annotate what implements it or a function that calls it";
        return (declared.sig.ident.span(), out);
    }
    match syn::parse2::<Item>(item.clone()) {
        Ok(Item::Struct(item)) => (item.struct_token.span, ", not on a struct"),
        Ok(Item::Enum(item)) => (item.enum_token.span, ", not on an enum"),
        Ok(Item::Impl(item)) => (
            item.impl_token.span,
            "; annotate the functions inside this `impl` one by one",
        ),
        Ok(Item::Trait(item)) => (
            item.trait_token.span,
            "; annotate the functions inside this trait or its `impl`s one by one",
        ),
        Ok(Item::Mod(item)) => (
            item.mod_token.span,
            "; annotate the functions inside this module one by one",
        ),
        Ok(Item::Const(item)) => (
            item.const_token.span,
            "; a constant is computed while compiling and needs no cache",
        ),
        _ => (item.span(), ""),
    }
}

//! What a call feeds to its key.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::Type;
use syn::spanned::Spanned;

use super::super::model::{Argument, KeyPart, Keyed, Model, Place, is_primitive, telling};
use super::signature::Parts;

/// The body of a function that has every argument by reference and gives the
/// digest of the key.
pub(super) fn digest(model: &Model, parts: &Parts, receiver: &TokenStream) -> TokenStream {
    let krate = model.krate();
    let types = generic_types(model, parts);
    let this = model.receiver.iter().map(|keyed| match &keyed.key {
        KeyPart::Ignored => TokenStream::new(),
        KeyPart::Value => feed(model, receiver, keyed.argument.self_token.span),
        KeyPart::Expr(expr) => feed(model, &quote!(&(#expr)), expr.span()),
    });
    let plain = model.arguments.iter().map(plain_value);
    let arguments = model.arguments.iter().map(|keyed| argument(model, keyed));
    quote! {
        #[allow(unused_imports)]
        use #krate::__private::key::dispatch::*;
        #(#plain)*
        let mut __joblib_arguments = #krate::__private::key::dispatch::Arguments::new();
        let __joblib_key = &mut __joblib_arguments;
        #types
        #(#this)*
        #(#arguments)*
        #krate::__private::Digest::new(&__joblib_arguments)
    }
}

fn argument(model: &Model, keyed: &Keyed<Argument>) -> TokenStream {
    let Argument { binding, ty, .. } = &keyed.argument;
    match &keyed.key {
        KeyPart::Ignored => TokenStream::new(),
        KeyPart::Value if is_plain(ty) => feed(model, &quote!(&#binding), telling(ty)),
        KeyPart::Value => feed(model, &quote!(#binding), telling(ty)),
        KeyPart::Expr(expr) => feed(model, &quote!(&(#expr)), expr.span()),
    }
}

/// Feeds what `reference` points to; where that has no key, the blame is on
/// the word at `blamed`.
pub(super) fn feed(model: &Model, reference: &TokenStream, blamed: Span) -> TokenStream {
    let krate = model.krate_at(blamed);
    let key = accumulator();
    quote_spanned! {blamed=>
        (&&&&#krate::__private::key::dispatch::Argument(#reference)).feed_argument(#key);
    }
}

/// What all parts of the key are fed to.
fn accumulator() -> Ident {
    Ident::new("__joblib_key", Span::call_site())
}

/// Makes the arguments of `key(a = …)` expressions what the user calls them:
/// numbers and references are cheap to have by value.
fn plain_value(keyed: &Keyed<Argument>) -> TokenStream {
    let Argument { binding, ty, .. } = &keyed.argument;
    if is_plain(ty) {
        quote!(#[allow(unused_variables)] let #binding = *#binding;)
    } else {
        quote!(let _ = #binding;)
    }
}

/// Whether a value of the type, as written, is certainly `Copy`.
fn is_plain(ty: &Type) -> bool {
    match ty {
        Type::Reference(reference) => reference.mutability.is_none(),
        Type::Path(path) => path.path.get_ident().is_some_and(is_primitive),
        _ => false,
    }
}

/// Types chosen by the caller count even where no argument shows them.
fn generic_types(model: &Model, parts: &Parts) -> TokenStream {
    let krate = model.krate();
    let names = &parts.type_parameters;
    let this = match model.place {
        Place::Free => None,
        Place::Inherent | Place::Trait => Some(quote!(Self)),
    };
    let constants = parts.parameters.iter().filter(|name| !names.contains(name));
    let constants = constants.map(|name| feed(model, &quote!(&#name), name.span()));
    let types = this
        .into_iter()
        .chain(names.iter().map(|name| quote!(#name)));
    quote! {
        #((&&#krate::__private::key::dispatch::TypeOf::<#types>::NEW).feed_type_of(__joblib_key);)*
        #(#constants)*
    }
}

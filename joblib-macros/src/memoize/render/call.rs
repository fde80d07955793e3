//! The expression that answers a call, and the one that knows how to store
//! the result.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{GenericArgument, PathArguments, ReturnType, Type};

use super::super::model::{Model, is_primitive, telling};
use super::signature::SignatureParts;
use super::site::condition;

/// The expression that knows how to store what the function returns; where
/// nothing knows, the blame is on the type it returns.
pub(super) fn stored(model: &Model, parts: &SignatureParts) -> TokenStream {
    way(model, parts, "stored")
}

/// As [`stored`], as the body of a function that returns `impl Stored`, and
/// that type.
pub(super) fn returned(model: &Model, parts: &SignatureParts) -> (TokenStream, TokenStream) {
    let output = &parts.output;
    let blamed = blamed(model);
    let krate = model.krate_at(blamed);
    let ty = quote_spanned!(blamed=> impl #krate::__private::ResultCodec<#output>);
    (way(model, parts, "way"), ty)
}

fn way(model: &Model, parts: &SignatureParts, method: &str) -> TokenStream {
    let output = &parts.output;
    let blamed = blamed(model);
    let krate = model.krate_at(blamed);
    let method = Ident::new(method, blamed);
    let dispatch = quote_spanned!(blamed=> #krate::__private::persist_codec);
    let way = |kind: &TokenStream| {
        let equality =
            quote_spanned!(blamed=> (&&&#dispatch::CompareProbe::<#output>::NEW).equality());
        quote_spanned!(blamed=> #dispatch::WithEquality(#kind, #equality))
    };
    let kept = match model.args.cache_if.get() {
        Some(cache_if) => {
            let whole =
                quote_spanned!(blamed=> (&&#dispatch::ProbeWhole::<#output>::NEW).#method());
            let (whole, condition) = (way(&whole), condition(model, cache_if, output));
            quote_spanned!(blamed=> #krate::__private::EncodeIf(#whole, #condition))
        }
        None if is_whole(&model.sig.output) => {
            return quote_spanned!(blamed=> #krate::__private::EncodeAll);
        }
        None => way(&quote_spanned!(blamed=> (&&&&#dispatch::Probe::<#output>::NEW).#method())),
    };
    quote_spanned! {blamed=> {
        #[allow(unused_imports)]
        use #dispatch::*;
        #kept
    }}
}

/// Whether a result, as written, certainly is no `Result` and has no arrays.
fn is_whole(output: &ReturnType) -> bool {
    match output {
        ReturnType::Default => true,
        ReturnType::Type(_, ty) => is_small(ty),
    }
}

fn is_small(ty: &Type) -> bool {
    match ty {
        Type::Path(path) => path.path.get_ident().is_some_and(is_primitive),
        Type::Tuple(tuple) => tuple.elems.iter().all(is_small),
        _ => false,
    }
}

/// The word that says most about what is stored: of a `Result`, the `Ok`.
fn blamed(model: &Model) -> Span {
    let ReturnType::Type(_, ty) = &model.sig.output else {
        return model.name().span();
    };
    let ok = match &**ty {
        Type::Path(path) if !model.args.cache_if.is_set() => path.path.segments.last(),
        _ => None,
    };
    match ok.map(|segment| (&segment.ident, &segment.arguments)) {
        Some((name, PathArguments::AngleBracketed(arguments))) if name == "Result" => {
            match arguments.args.first() {
                Some(GenericArgument::Type(ok)) => telling(ok),
                _ => telling(ty),
            }
        }
        _ => telling(ty),
    }
}

/// The statement that answers a call.
pub(super) fn answer(
    model: &Model,
    how: &Ident,
    site: &TokenStream,
    stored: &TokenStream,
    body: &TokenStream,
) -> TokenStream {
    let blamed = blamed(model);
    let krate = model.krate_at(blamed);
    let name = match model.is_async() {
        true => format_ident!("{how}_async"),
        false => how.clone(),
    };
    let how = quote_spanned!(blamed=> #krate::__private::#name);
    let arguments = quote!(#site, #stored, __joblib_key, move || #body);
    let wait = model.is_async().then(|| quote_spanned!(blamed=> .await));
    quote_spanned!(blamed=> #how(#arguments) #wait)
}

/// The expression that says whether a call would find its answer.
pub(super) fn check(
    model: &Model,
    site: &TokenStream,
    stored: &TokenStream,
    output: &impl ToTokens,
) -> TokenStream {
    let blamed = blamed(model);
    let krate = model.krate_at(blamed);
    let check = quote_spanned!(blamed=> #krate::__private::check);
    quote_spanned!(blamed=> #check::<#output, _>(#site, #stored, __joblib_key))
}

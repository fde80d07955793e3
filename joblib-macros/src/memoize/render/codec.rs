//! Renders the expression that creates the codec of the result, and the expressions that
//! run a call through the cache with it.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{GenericArgument, PathArguments, ReturnType, Type};

use super::site::condition;
use crate::memoize::args::Conversion;
use crate::memoize::model::{FnContext, Model, error_span, is_primitive};
use crate::source::GenericContext;

/// Returns the expression of the result's codec. If no codec supports the result,
/// the error points to the return type.
pub(super) fn stored(model: &Model) -> TokenStream {
    codec(model, "stored")
}

/// Like [`stored`], as the value and the type that a function returns: `impl ResultCodec`,
/// unless the type is known, which compiles faster.
pub(super) fn returned(model: &Model) -> (TokenStream, TokenStream) {
    let output = model.output();
    let span = result_span(model);
    let krate = model.krate_at(span);
    let transport = quote_spanned!(span=> #krate::__private::transport);
    let ty = match has_plain_codec(model) {
        true => quote_spanned!(span=> #transport::Plain<#output>),
        false => quote_spanned!(span=> impl #transport::ResultCodec<#output>),
    };
    (codec(model, "codec"), ty)
}

fn codec(model: &Model, method: &str) -> TokenStream {
    let output = &model.output();
    let span = result_span(model);
    let krate = model.krate_at(span);
    let transport = quote_spanned!(span=> #krate::__private::transport);
    if has_plain_codec(model) {
        return quote_spanned!(span=> #transport::plain());
    }
    let (part, condition) = match model.args.cache_if.get() {
        Some(cache_if) => {
            let condition = condition(model, cache_if, output);
            (
                quote_spanned!(span=> #transport::WholePart::<#output>::NEW),
                quote_spanned!(span=> #transport::If(#condition)),
            )
        }
        None => (
            quote_spanned!(span=> (&&#transport::OutputProbe::<#output>::NEW).__joblib_part()),
            quote_spanned!(span=> #transport::Always),
        ),
    };
    let form = match model.args.store.get() {
        Some(Conversion { to, from, .. }) => {
            quote_spanned!(span=> __joblib_part.__joblib_form(#to, #from))
        }
        None => quote_spanned!(span=> #transport::AsIs),
    };
    let method = Ident::new(method, span);
    // A type parameter needs a bound, which the error names. The compiler would suggest the
    // trait of the runtime that the other error is about.
    let (unknown, selected) = match has_parameter(model) && !model.args.store.is_set() {
        true => (
            quote_spanned!(span=> SelectUnbounded),
            quote_spanned!(span=> __joblib_part.stored_parameter(__joblib_encoding, __joblib_form, __joblib_equality, #condition)),
        ),
        false => (
            quote_spanned!(span=> SelectUnknown),
            quote_spanned!(span=> __joblib_encoding.#method(__joblib_part, __joblib_form, __joblib_equality, #condition)),
        ),
    };
    quote_spanned! {span=> {
        #[allow(unused_imports)]
        use #transport::{
            CompareEqual as _, CompareNever as _, CompareOk as _, SelectFaithful as _,
            SelectOk as _, SelectPersist as _, SelectSerde as _, #unknown as _, SelectWhole as _,
        };
        let __joblib_part = #part;
        let __joblib_equality = (&&&__joblib_part).__joblib_equality();
        let __joblib_form = #form;
        let __joblib_encoding =
            (&&&&__joblib_part.__joblib_probe(__joblib_form)).__joblib_encoding();
        #selected
    }}
}

/// Returns whether every result is stored and, by the syntax of its type, is a primitive or
/// a tuple of primitives.
fn has_plain_codec(model: &Model) -> bool {
    !model.args.cache_if.is_set()
        && !model.args.store.is_set()
        && match &model.sig.output {
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

/// Returns whether a type parameter of the function, or of what it is in, may be in the
/// return type.
fn has_parameter(model: &Model) -> bool {
    let ReturnType::Type(_, ty) = &model.sig.output else {
        return false;
    };
    let is_in_generic_item = model.context != FnContext::Free
        && matches!(
            model.fn_site.generic_context(),
            GenericContext::Generic { .. }
        );
    let parameters = model.sig.generics.type_params();
    let names = |name| mentions(ty.to_token_stream(), name);
    is_in_generic_item || parameters.map(|it| &it.ident).any(names)
}

fn mentions(tokens: TokenStream, name: &Ident) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == *name,
        TokenTree::Group(group) => mentions(group.stream(), name),
        _ => false,
    })
}

/// Returns the span of errors about the stored value: that of the function that converts
/// it, of the return type, or of the `Ok` type of a `Result`.
fn result_span(model: &Model) -> Span {
    if let Some(Conversion { to, .. }) = model.args.store.get() {
        return to.span();
    }
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
                Some(GenericArgument::Type(ok)) => error_span(ok),
                _ => error_span(ty),
            }
        }
        _ => error_span(ty),
    }
}

/// Returns the expression that runs a call through the cache. `how` is the runtime
/// function that does so, without `_async`.
pub(super) fn answer(
    model: &Model,
    how: &str,
    site: &TokenStream,
    stored: &TokenStream,
    body: &TokenStream,
) -> TokenStream {
    let call = future(model, how, site, stored, body);
    let wait = model
        .is_async()
        .then(|| quote_spanned!(result_span(model)=> .await));
    quote!(#call #wait)
}

/// Like [`answer`]; the future of an `async` function is not awaited.
pub(super) fn future(
    model: &Model,
    how: &str,
    site: &TokenStream,
    stored: &TokenStream,
    body: &TokenStream,
) -> TokenStream {
    let span = result_span(model);
    let krate = model.krate_at(span);
    let ending = if model.is_async() { "_async" } else { "" };
    let how = format_ident!("{how}{ending}");
    let how = quote_spanned!(span=> #krate::__private::#how);
    let arguments = quote!(#site, #stored, __joblib_key, move || #body);
    quote_spanned!(span=> #how(#arguments))
}

/// Returns the expression that checks whether a call would be a cache hit.
pub(super) fn check(
    model: &Model,
    site: &TokenStream,
    stored: &TokenStream,
    output: &impl ToTokens,
) -> TokenStream {
    let span = result_span(model);
    let krate = model.krate_at(span);
    let check = quote_spanned!(span=> #krate::__private::check);
    quote_spanned!(span=> #check::<#output, _>(#site, #stored, __joblib_key))
}

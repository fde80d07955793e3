//! Renders the code that feeds the types and arguments of a call to its key.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::Type;
use syn::spanned::Spanned;

use super::signature::SignatureParts;
use crate::memoize::code_types::{self, TypeKeying};
use crate::memoize::model::{
    Argument, FnContext, KeyPart, KeyedArgument, Model, error_span, is_primitive,
};
use crate::source::{self, FingerprintScope, GenericContext};

/// Returns the body of a function that takes every argument by reference and returns
/// the digest of the key.
pub(super) fn digest(model: &Model, parts: &SignatureParts, receiver: &TokenStream) -> TokenStream {
    let krate = model.krate();
    let imports = imports(model);
    let types = generic_types(model, parts);
    let this = model.receiver.iter().map(|keyed| match &keyed.key {
        KeyPart::Ignored => TokenStream::new(),
        KeyPart::Value => feed(model, receiver, keyed.argument.self_token.span),
        KeyPart::Expr(expr) => feed(model, &quote!(&(#expr)), expr.span()),
    });
    let plain = model.arguments.iter().map(plain_value);
    let arguments = model.arguments.iter().map(|keyed| argument(model, keyed));
    quote! {
        #imports
        #(#plain)*
        let mut __joblib_arguments = #krate::__private::key::select::KeyArguments::new();
        let __joblib_key = &mut __joblib_arguments;
        #types
        #(#this)*
        #(#arguments)*
        #krate::__private::ArgsDigest::new(&__joblib_arguments)
    }
}

/// Returns the import of the methods that [`feed`] calls. It imports no name, because a name
/// would shadow that of a type or function in an expression of `key(…)`.
pub(super) fn imports(model: &Model) -> TokenStream {
    let krate = model.krate();
    quote! {
        #[allow(unused_imports)]
        use #krate::__private::key::select::{
            SelectKey as _, SelectRefused as _, SelectSerialize as _, SelectTypeByKey as _,
            SelectTypeByLayout as _, SelectTypeByName as _, SelectUnknown as _,
        };
    }
}

fn argument(model: &Model, keyed: &KeyedArgument<Argument>) -> TokenStream {
    let Argument { binding, ty, .. } = &keyed.argument;
    match &keyed.key {
        KeyPart::Ignored => TokenStream::new(),
        // Behind the reference is what tasks may share.
        KeyPart::Value if is_reference(ty) => feed(model, &quote!(#binding), error_span(ty)),
        KeyPart::Value if is_copy(ty) => feed(model, &quote!(&#binding), error_span(ty)),
        KeyPart::Value => feed(model, &quote!(#binding), error_span(ty)),
        KeyPart::Expr(expr) => feed(model, &quote!(&(#expr)), expr.span()),
    }
}

/// Returns the statement that feeds the referent of `reference`. If its type has no
/// `Key`, the error points to `span`.
pub(super) fn feed(model: &Model, reference: &TokenStream, span: Span) -> TokenStream {
    let krate = model.krate_at(span);
    let key = accumulator();
    quote_spanned! {span=>
        (&&&&#krate::__private::key::select::KeyProbe(#reference)).__joblib_feed_argument(#key);
    }
}

/// Returns the name of the variable that accumulates the key.
fn accumulator() -> Ident {
    Ident::new("__joblib_key", Span::call_site())
}

/// Returns the statement that rebinds an argument for `key(a = …)` expressions. They
/// see numbers and references by value, as in the function.
fn plain_value(keyed: &KeyedArgument<Argument>) -> TokenStream {
    let Argument { binding, ty, .. } = &keyed.argument;
    if is_copy(ty) {
        quote!(#[allow(unused_variables)] let #binding = *#binding;)
    } else {
        quote!(let _ = #binding;)
    }
}

/// Returns whether a type, by its syntax, is a shared reference.
pub(super) fn is_reference(ty: &Type) -> bool {
    matches!(ty, Type::Reference(reference) if reference.mutability.is_none())
}

/// Returns whether a type, by its syntax, is certainly `Copy`.
fn is_copy(ty: &Type) -> bool {
    match ty {
        ty if is_reference(ty) => true,
        Type::Path(path) => path.path.get_ident().is_some_and(is_primitive),
        _ => false,
    }
}

/// Returns the statements that feed the types and constants that the caller chooses,
/// also those that no argument has.
fn generic_types(model: &Model, parts: &SignatureParts) -> TokenStream {
    let around = surroundings(model);
    let types = parts
        .type_parameters
        .iter()
        .map(|name| type_of(model, name, code_types::of_parameter(model, name)));
    let is_type = |name: &&Ident| parts.type_parameters.contains(name);
    let constants = parts.parameters.iter().filter(|name| !is_type(name));
    let constants = constants.map(|name| feed(model, &quote!(&#name), name.span()));
    let unnamed = model.arguments.iter().map(|keyed| unnamed(model, keyed));
    let origins = origins(model, parts);
    quote!(#around #(#types)* #(#constants)* #(#unnamed)* #origins)
}

/// Returns the statements that feed the crates of the types that the caller chooses.
/// Downstream crates may implement traits for these types, and the fingerprint does
/// not cover that code.
fn origins(model: &Model, parts: &SignatureParts) -> TokenStream {
    let scope = model.args.scope.get().copied().unwrap_or_default();
    if scope.binary || scope.source == FingerprintScope::Function {
        return TokenStream::new();
    }
    let named = parts.type_parameters.iter();
    let named = named.filter(|name| code_types::brings_code(model, name));
    let named = named.map(|name| quote!(__joblib_key.feed_origin::<#name>(&__JOBLIB_ORIGINS);));
    let arguments = model.arguments.iter().map(|keyed| &keyed.argument.binding);
    let shown = model.arguments.iter().zip(arguments);
    let shown = shown.filter(|(keyed, _)| code_types::shows_code(keyed));
    let shown =
        shown.map(|(_, binding)| quote!(__joblib_key.feed_origin_of(#binding, &__JOBLIB_ORIGINS);));
    let around = around_origins(model);
    let fed: Vec<TokenStream> = around.into_iter().chain(named).chain(shown).collect();
    if fed.is_empty() {
        return TokenStream::new();
    }
    let krate = model.krate();
    let origins = source::origins().render(krate);
    quote! {
        static __JOBLIB_ORIGINS: #krate::__private::key::CoveredCrates = #origins;
        #(#fed)*
    }
}

/// Returns the statements that feed the crates of `Self` and of the type parameters of
/// the enclosing `impl` or trait.
fn around_origins(model: &Model) -> Vec<TokenStream> {
    let has_user_key = |keyed: &KeyedArgument<_>| matches!(keyed.key, KeyPart::Expr(_));
    if model.context == FnContext::Free || model.receiver.as_ref().is_some_and(has_user_key) {
        return Vec::new();
    }
    match model.fn_site.generic_context() {
        GenericContext::Plain => Vec::new(),
        GenericContext::Generic { types, .. } => {
            let this = Ident::new("Self", Span::call_site());
            let types = std::iter::once(&this).chain(&types);
            types
                .map(|name| quote!(__joblib_key.feed_origin::<#name>(&__JOBLIB_ORIGINS);))
                .collect()
        }
        GenericContext::Unknown => {
            vec![quote!(__joblib_key.feed_origin_of(&|| (), &__JOBLIB_ORIGINS);)]
        }
    }
}

/// Returns the statements that feed `Self` and the generic parameters of the enclosing
/// `impl` or trait.
fn surroundings(model: &Model) -> TokenStream {
    if model.context == FnContext::Free {
        return TokenStream::new();
    }
    match model.fn_site.generic_context() {
        // The path of the function contains the type, unless the user sets `name`.
        GenericContext::Plain if model.args.name.is_set() => {
            quote!(__joblib_key.feed_printed::<Self>();)
        }
        GenericContext::Plain => TokenStream::new(),
        GenericContext::Generic { types, constants } => {
            let this = Ident::new("Self", Span::call_site());
            let types = std::iter::once(&this).chain(&types);
            let types = types.map(|name| type_of(model, name, TypeKeying::Type));
            let constants = constants
                .iter()
                .map(|name| feed(model, &quote!(&#name), name.span()));
            quote!(#(#types)* #(#constants)*)
        }
        GenericContext::Unknown => quote!(__joblib_key.feed_enclosing_generics(|| ());),
    }
}

/// Returns the statement that feeds the type `name`.
fn type_of(model: &Model, name: &Ident, counted: TypeKeying) -> TokenStream {
    let krate = model.krate();
    let dispatch = quote!(#krate::__private::key::select);
    match counted {
        TypeKeying::Type => {
            quote!((&&&#dispatch::TypeProbe::<#name>::NEW).__joblib_feed_type(__joblib_key);)
        }
        TypeKeying::Code => quote!(__joblib_key.feed_code::<#name>();),
        TypeKeying::UserKey => TokenStream::new(),
    }
}

/// Returns the statement that feeds the type of an `impl Trait` argument.
fn unnamed(model: &Model, keyed: &KeyedArgument<Argument>) -> TokenStream {
    let krate = model.krate();
    let dispatch = quote!(#krate::__private::key::select);
    let Argument { binding, ty, .. } = &keyed.argument;
    match code_types::of_argument(keyed, ty) {
        Some(TypeKeying::Type) => {
            quote!((&&&#dispatch::TypeProbe::of(#binding)).__joblib_feed_type(__joblib_key);)
        }
        Some(TypeKeying::Code) => {
            quote!(__joblib_key.feed_code_of(#binding);)
        }
        Some(TypeKeying::UserKey) | None => TokenStream::new(),
    }
}

//! The user's signature in the forms that generated code needs: as declarations, as
//! arguments of a call and as references for the key.

use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};
use syn::{
    Attribute, FnArg, Generics, Pat, PatIdent, ReceiverKind, Signature, Type, Visibility,
    parse_quote,
};

use crate::elision::ElisionNamer;
use crate::memoize::model::{Argument, FnContext, KeyedArgument, Model};
use crate::type_syntax::{name_of, receiver_type, turbofish};

/// The fragments of a signature.
pub(super) struct SignatureParts {
    /// `::<T, N>`, or nothing.
    pub(super) turbofish: TokenStream,
    /// `<'a, T: Bound>`.
    pub(super) generics: TokenStream,
    pub(super) where_clause: TokenStream,
    /// `x: f64, data: &[f64]`: the arguments with plain names.
    pub(super) declared: TokenStream,
    /// `x, data`.
    pub(super) named: TokenStream,
    /// `x: &f64, data: &&[f64]`.
    pub(super) borrowed: TokenStream,
    /// `&x, &data`.
    pub(super) references: TokenStream,
    /// The names of the type and constant parameters.
    pub(super) parameters: Vec<Ident>,
    pub(super) type_parameters: Vec<Ident>,
    /// The return type.
    pub(super) output: TokenStream,
}

impl SignatureParts {
    pub(super) fn new(model: &Model) -> SignatureParts {
        let generics = &model.sig.generics;
        let arguments = model.arguments.iter().map(|it| &it.argument);
        let arguments: Vec<&Argument> = arguments.collect();
        let bindings: Vec<&Ident> = arguments.iter().map(|argument| &argument.binding).collect();
        let types: Vec<&Type> = arguments.iter().map(|argument| &argument.ty).collect();
        let referents = types.iter().map(|ty| match ty {
            // Without parentheses, `&impl A + B` would be ambiguous.
            Type::ImplTrait(_) => quote!((#ty)),
            _ => quote!(#ty),
        });
        let (impl_generics, _, where_clause) = generics.split_for_impl();
        let attrs: Vec<_> = arguments.iter().map(|argument| &argument.attrs).collect();
        SignatureParts {
            turbofish: turbofish(generics.params.iter()).unwrap_or_default(),
            generics: quote!(#impl_generics),
            where_clause: quote!(#where_clause),
            declared: quote!(#(#(#attrs)* #bindings: #types,)*),
            named: quote!(#(#bindings,)*),
            borrowed: quote!(#(#bindings: &#referents,)*),
            references: quote!(#(&#bindings,)*),
            parameters: generics
                .params
                .iter()
                .filter_map(name_of)
                .cloned()
                .collect(),
            type_parameters: generics.type_params().map(|it| it.ident.clone()).collect(),
            output: model.output(),
        }
    }
}

/// Returns the user's signature with names in place of patterns, so that the wrapper
/// can pass the arguments on.
pub(super) fn wrapper(model: &Model) -> Signature {
    let mut sig = model.sig.clone();
    let mut arguments = model.arguments.iter();
    for input in &mut sig.inputs {
        match input {
            // Only the function that contains the body needs `mut self`: the wrapper
            // itself in a trait, a separate function elsewhere.
            FnArg::Receiver(receiver) if model.context != FnContext::Trait => {
                receiver.mutability = None
            }
            FnArg::Receiver(_) => {}
            FnArg::Typed(typed) => {
                if let Some(KeyedArgument { argument, .. }) = arguments.next() {
                    *typed.pat = Pat::Ident(PatIdent {
                        attrs: Vec::new(),
                        by_ref: None,
                        mutability: None,
                        ident: argument.binding.clone(),
                        subpat: None,
                    });
                }
            }
        }
    }
    sig
}

/// Returns the function with the user's body, as `name` with the visibility `vis`.
pub(super) fn uncached(model: &Model, vis: Option<&Visibility>, name: &Ident) -> TokenStream {
    const LEVELS: [&str; 4] = ["allow", "warn", "deny", "forbid"];
    let is_level = |attr: &&Attribute| LEVELS.iter().any(|level| attr.path().is_ident(level));
    let sig = Signature {
        ident: name.clone(),
        ..model.sig.clone()
    };
    let (attrs, body) = (model.attrs.iter().filter(is_level), &model.body);
    quote!(#(#attrs)* #vis #sig #body)
}

/// Returns the documentation of the companion type of a free function.
pub(super) fn doc(model: &Model) -> String {
    let name = model.name();
    format!("Checks, refreshes and forgets stored results of [`{name}`](fn@{name}).")
}

/// Returns `self` as an argument for a function that takes `&Self`.
pub(super) fn receiver_reference(model: &Model) -> Option<TokenStream> {
    let receiver = &model.receiver.as_ref()?.argument;
    let token = receiver.self_token;
    Some(match &receiver.kind {
        ReceiverKind::Reference(..) => quote_spanned!(token.span=> self),
        ReceiverKind::Typed(..) => quote_spanned!(token.span=> &*self),
        _ => quote_spanned!(token.span=> &self),
    })
}

/// The types of a signature with a name for every lifetime and `impl Trait`, so that
/// the return type of another function can contain them.
pub(super) struct NamedTypes {
    pub(super) generics: Generics,
    pub(super) types: Vec<Type>,
    pub(super) output: Type,
}

impl NamedTypes {
    pub(super) fn new(model: &Model) -> NamedTypes {
        let mut namer = ElisionNamer::default();
        let receiver = model.receiver.iter();
        let receiver = receiver.map(|it| receiver_type(&it.argument));
        let arguments = model.arguments.iter().map(|it| it.argument.ty.clone());
        let mut types: Vec<Type> = receiver.chain(arguments).collect();
        types.iter_mut().for_each(|ty| namer.name(ty));
        let output = model.output();
        let mut generics = model.sig.generics.clone();
        namer.add_to(&mut generics);
        NamedTypes {
            generics,
            types,
            output: parse_quote!(#output),
        }
    }
}

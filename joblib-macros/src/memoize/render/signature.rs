//! The pieces of the user's signature in the forms generated code needs:
//! declared, named in a call, borrowed for the key.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::visit::{self, Visit};
use syn::visit_mut::{self, VisitMut};
use syn::{
    FnArg, GenericParam, Generics, Lifetime, Pat, PatIdent, ReceiverKind, Signature, Type,
    TypeImplTrait, TypeReference, parse_quote,
};

use super::super::model::{Argument, Keyed, Model, Place};

/// Pieces of a signature.
pub(super) struct Parts {
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
    pub(super) lent: TokenStream,
    /// The names of the type and constant parameters.
    pub(super) parameters: Vec<Ident>,
    pub(super) type_parameters: Vec<Ident>,
    /// What the function returns.
    pub(super) output: TokenStream,
}

impl Parts {
    pub(super) fn new(model: &Model) -> Parts {
        let generics = &model.sig.generics;
        let arguments: Vec<&Argument> = model
            .arguments
            .iter()
            .map(|keyed| &keyed.argument)
            .collect();
        let bindings: Vec<&Ident> = arguments.iter().map(|argument| &argument.binding).collect();
        let types: Vec<&Type> = arguments.iter().map(|argument| &argument.ty).collect();
        let referents = types.iter().map(|ty| match ty {
            // Its bounds would end at the first.
            Type::ImplTrait(_) => quote!((#ty)),
            _ => quote!(#ty),
        });
        let (type_parameters, parameters) = parameters(generics);
        let (impl_generics, _, where_clause) = generics.split_for_impl();
        let attrs: Vec<_> = arguments.iter().map(|argument| &argument.attrs).collect();
        Parts {
            turbofish: match parameters.as_slice() {
                [] => TokenStream::new(),
                names => quote!(::<#(#names),*>),
            },
            generics: quote!(#impl_generics),
            where_clause: quote!(#where_clause),
            declared: quote!(#(#(#attrs)* #bindings: #types,)*),
            named: quote!(#(#bindings,)*),
            borrowed: quote!(#(#bindings: &#referents,)*),
            lent: quote!(#(&#bindings,)*),
            parameters,
            type_parameters,
            output: model.output(),
        }
    }
}

fn parameters(generics: &Generics) -> (Vec<Ident>, Vec<Ident>) {
    let mut types = Vec::new();
    let mut all = Vec::new();
    for param in &generics.params {
        match param {
            GenericParam::Type(param) => {
                types.push(param.ident.clone());
                all.push(param.ident.clone());
            }
            GenericParam::Const(param) => all.push(param.ident.clone()),
            _ => {}
        }
    }
    (types, all)
}

/// The user's signature with plain names for patterns, so that arguments can
/// be passed on.
pub(super) fn wrapper(model: &Model) -> Signature {
    let mut sig = model.sig.clone();
    let mut arguments = model.arguments.iter();
    for input in &mut sig.inputs {
        match input {
            // The body has a receiver of its own, but for that of a trait.
            FnArg::Receiver(receiver) if model.place != Place::Trait => receiver.mutability = None,
            FnArg::Receiver(_) => {}
            FnArg::Typed(typed) => {
                if let Some(Keyed { argument, .. }) = arguments.next() {
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

/// Whether a type can stand outside of a signature: without `impl Trait`.
pub(super) fn is_nameable(ty: &Type) -> bool {
    !Found::of(ty).implementation
}

/// Whether a type borrows, as far as it says so.
pub(super) fn borrows(ty: &Type) -> bool {
    Found::of(ty).lifetime
}

/// What stands anywhere in a type.
#[derive(Default)]
struct Found {
    implementation: bool,
    /// Another than `'static`.
    lifetime: bool,
}

impl Found {
    fn of(ty: &Type) -> Found {
        let mut found = Found::default();
        found.visit_type(ty);
        found
    }
}

impl<'a> Visit<'a> for Found {
    fn visit_type_impl_trait(&mut self, _: &'a TypeImplTrait) {
        self.implementation = true;
    }

    fn visit_type_reference(&mut self, reference: &'a TypeReference) {
        self.lifetime |= reference.lifetime.is_none();
        visit::visit_type_reference(self, reference);
    }

    fn visit_lifetime(&mut self, lifetime: &'a Lifetime) {
        self.lifetime |= lifetime.ident != "static";
    }
}

/// How `self` is passed to a function that takes `&Self`.
pub(super) fn lent_receiver(model: &Model) -> Option<TokenStream> {
    let receiver = &model.receiver.as_ref()?.argument;
    let token = receiver.self_token;
    Some(match &receiver.kind {
        ReceiverKind::Reference(..) => quote_spanned!(token.span=> self),
        ReceiverKind::Typed(..) => quote_spanned!(token.span=> &*self),
        _ => quote_spanned!(token.span=> &self),
    })
}

/// The type of the receiver as an ordinary argument.
pub(super) fn receiver_type(model: &Model) -> Option<Type> {
    let receiver = &model.receiver.as_ref()?.argument;
    Some(match &receiver.kind {
        ReceiverKind::Reference(_, lifetime, mutability) => {
            parse_quote!(&#lifetime #mutability Self)
        }
        ReceiverKind::Typed(_, ty) => (**ty).clone(),
        _ => parse_quote!(Self),
    })
}

/// A signature's types with every lifetime and `impl Trait` given a name, so
/// that they can stand in a function's result.
pub(super) struct Named {
    pub(super) generics: Generics,
    pub(super) types: Vec<Type>,
    pub(super) output: Type,
}

impl Named {
    pub(super) fn new(model: &Model) -> Named {
        let mut namer = Namer { params: Vec::new() };
        let receiver = receiver_type(model);
        let arguments = model
            .arguments
            .iter()
            .map(|keyed| keyed.argument.ty.clone());
        let mut types: Vec<Type> = receiver.into_iter().chain(arguments).collect();
        types.iter_mut().for_each(|ty| namer.visit_type_mut(ty));
        let output = model.output();
        let mut generics = model.sig.generics.clone();
        let (lifetimes, rest): (Vec<_>, Vec<_>) = namer
            .params
            .into_iter()
            .partition(|param| matches!(param, GenericParam::Lifetime(_)));
        for (index, param) in lifetimes.into_iter().enumerate() {
            generics.params.insert(index, param);
        }
        generics.params.extend(rest);
        Named {
            generics,
            types,
            output: parse_quote!(#output),
        }
    }
}

struct Namer {
    params: Vec<GenericParam>,
}

impl Namer {
    fn lifetime(&mut self) -> Lifetime {
        let name = format!("'__joblib_{}", self.params.len());
        let lifetime = Lifetime::new(&name, proc_macro2::Span::call_site());
        self.params.push(parse_quote!(#lifetime));
        lifetime
    }
}

impl VisitMut for Namer {
    fn visit_type_mut(&mut self, ty: &mut Type) {
        match ty {
            Type::Reference(reference) if reference.lifetime.is_none() => {
                reference.lifetime = Some(self.lifetime());
            }
            Type::ImplTrait(implementation) => {
                let name = format_ident!("__Joblib{}", self.params.len());
                let bounds = implementation.bounds.clone();
                let param: GenericParam = parse_quote!(#name: #bounds);
                self.params.push(param);
                *ty = parse_quote!(#name);
                return;
            }
            // Lifetimes inside belong to the function type.
            Type::FnPtr(_) => return,
            _ => {}
        }
        visit_mut::visit_type_mut(self, ty);
    }

    fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
        if lifetime.ident == "_" {
            *lifetime = self.lifetime();
        }
    }
}

//! Types of a signature that a parameter leads to, such as `T::Output`: which
//! trait they are of, the bounds say, so that they need a place where these
//! hold. An instance, where the parameter is a type like any other, finds them
//! by the trait `Projected`.

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::visit::{self, Visit};
use syn::visit_mut::{self, VisitMut};
use syn::{Generics, Ident, Type, TypePath, parse_quote_spanned};

use super::super::args::GenericInstance;
use super::super::model::{Model, name_of_type};

/// The types of a signature, and what they are found by.
pub(super) struct AssocTypes {
    parameters: Vec<Ident>,
    types: Vec<AssocTypePath>,
    /// The type that has `Projected`.
    this: TokenStream,
    /// The trait, but for the place of the type.
    of: TokenStream,
}

impl AssocTypes {
    /// Of the function that `this` is for, with `of` to tell it from others.
    pub(super) fn new(model: &Model, this: &TokenStream, of: &TokenStream) -> AssocTypes {
        let parameters = model.listed_parameters().filter_map(name_of_type);
        let parameters: Vec<Ident> = parameters.cloned().collect();
        let mut found = AssocTypeFinder {
            parameters: &parameters,
            types: Vec::new(),
        };
        let arguments = model.each.iter().chain(&model.shared);
        let types = arguments.map(|argument| &argument.ty);
        types
            .chain([&model.output])
            .for_each(|ty| found.visit_type(ty));
        AssocTypes {
            types: found.types,
            parameters,
            this: this.clone(),
            of: of.clone(),
        }
    }

    /// The implementations of `Projected`, where all bounds hold.
    pub(super) fn impls(&self, model: &Model) -> Vec<TokenStream> {
        let krate = model.krate();
        let generics = generics(model);
        let (impl_generics, _, where_clause) = generics.split_for_impl();
        let (this, of) = (&self.this, &self.of);
        let impls = self.types.iter().enumerate().map(|(place, ty)| {
            let AssocTypePath { parameter, name } = ty;
            quote! {
                impl #impl_generics #krate::__private::task::AssocType<#of, #place> for #this
                #where_clause
                {
                    type To = #parameter::#name;
                }
            }
        });
        impls.collect()
    }

    /// The function with its types as `instance` finds them, which is to be
    /// blamed if it does not.
    pub(super) fn model(&self, model: &Model, instance: &GenericInstance) -> Model {
        let span = instance.span.resolved_at(Span::call_site());
        let krate = model.krate_at(span);
        let (this, of) = (&self.this, &self.of);
        let to = self.types.iter().enumerate().map(|(place, _)| {
            parse_quote_spanned!(span=> <#this as #krate::__private::task::AssocType<#of, #place>>::To)
        });
        let mut replaced = TypeReplacer {
            projected: self,
            to: to.collect(),
        };
        model.with_types(|ty| replaced.visit_type_mut(ty))
    }
}

/// The parameters of the function, those of the `impl` around it included.
fn generics(model: &Model) -> Generics {
    let mut all = model.around.clone();
    let own = &model.function.sig.generics;
    all.params.extend(own.params.iter().cloned());
    if let Some(clause) = &own.where_clause {
        let predicates = clause.predicates.iter().cloned();
        all.make_where_clause().predicates.extend(predicates);
    }
    all
}

/// `T::X`: a parameter, and where it leads.
#[derive(PartialEq)]
struct AssocTypePath {
    parameter: Ident,
    name: Ident,
}

impl AssocTypePath {
    /// The type as such, if it is one of one of `parameters`. What has
    /// arguments may name lifetimes, which only the function has.
    fn of(ty: &TypePath, parameters: &[Ident]) -> Option<AssocTypePath> {
        let is_plain = ty.qself.is_none() && ty.path.leading_colon.is_none();
        let mut segments = ty.path.segments.iter();
        let (first, second) = (segments.next()?, segments.next()?);
        let is_plain = is_plain && segments.next().is_none() && second.arguments.is_none();
        (is_plain && parameters.contains(&first.ident)).then(|| AssocTypePath {
            parameter: first.ident.clone(),
            name: second.ident.clone(),
        })
    }
}

/// Finds the projections of `parameters`, each once.
struct AssocTypeFinder<'a> {
    parameters: &'a [Ident],
    types: Vec<AssocTypePath>,
}

impl<'ast> Visit<'ast> for AssocTypeFinder<'_> {
    fn visit_type_path(&mut self, ty: &'ast TypePath) {
        match AssocTypePath::of(ty, self.parameters) {
            None => visit::visit_type_path(self, ty),
            Some(found) if self.types.contains(&found) => {}
            Some(found) => self.types.push(found),
        }
    }
}

/// Writes other types for them.
struct TypeReplacer<'a> {
    projected: &'a AssocTypes,
    to: Vec<Type>,
}

impl VisitMut for TypeReplacer<'_> {
    fn visit_type_mut(&mut self, ty: &mut Type) {
        let found = match ty {
            Type::Path(path) => AssocTypePath::of(path, &self.projected.parameters),
            _ => None,
        };
        let types = &self.projected.types;
        match found.and_then(|found| types.iter().position(|it| *it == found)) {
            Some(place) => *ty = self.to[place].clone(),
            None => visit_mut::visit_type_mut(self, ty),
        }
    }
}

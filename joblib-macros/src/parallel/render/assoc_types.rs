//! Associated types of parameters in a signature, such as `T::Output`. Only the bounds
//! of the function determine their trait, and an instance, which replaces the parameter
//! by a concrete type, has no bounds. So generated implementations of the runtime's
//! trait `AssocType`, under the same bounds, map to these types.

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::visit::{self, Visit};
use syn::visit_mut::{self, VisitMut};
use syn::{Generics, Ident, Type, TypePath, parse_quote_spanned};

use crate::parallel::args::GenericInstance;
use crate::parallel::model::{Model, name_of_type};

/// The associated types in a signature, and the `AssocType` trait that maps to them.
pub(super) struct AssocTypes {
    parameters: Vec<Ident>,
    types: Vec<AssocTypePath>,
    /// The type that implements `AssocType`.
    this: TokenStream,
    /// The first arguments of `AssocType`. The last is the index in `types`.
    of: TokenStream,
}

impl AssocTypes {
    /// Collects the associated types of a function. `this` is the type that implements
    /// `AssocType`, and `of` distinguishes the functions of that type.
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

    /// Returns the implementations of `AssocType`, under the bounds of the function.
    pub(super) fn impls(&self, model: &Model) -> Vec<TokenStream> {
        let krate = model.krate();
        let generics = generics(model);
        let (impl_generics, _, where_clause) = generics.split_for_impl();
        let (this, of) = (&self.this, &self.of);
        let impls = self.types.iter().enumerate().map(|(index, ty)| {
            let AssocTypePath { parameter, name } = ty;
            quote! {
                impl #impl_generics #krate::__private::task::AssocType<#of, #index> for #this
                #where_clause
                {
                    type To = #parameter::#name;
                }
            }
        });
        impls.collect()
    }

    /// Returns the model of `instance`, with the associated types replaced by `AssocType`
    /// projections. Errors point to the instance.
    pub(super) fn model(&self, model: &Model, instance: &GenericInstance) -> Model {
        let span = instance.span.resolved_at(Span::call_site());
        let krate = model.krate_at(span);
        let (this, of) = (&self.this, &self.of);
        let to = self.types.iter().enumerate().map(|(index, _)| {
            parse_quote_spanned!(span=> <#this as #krate::__private::task::AssocType<#of, #index>>::To)
        });
        let mut replaced = AssocTypeReplacer {
            projected: self,
            to: to.collect(),
        };
        model.with_types(|ty| replaced.visit_type_mut(ty))
    }
}

/// Returns the generics of the enclosing `impl` and of the function.
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

/// `T::X`: an associated type of a parameter.
#[derive(PartialEq)]
struct AssocTypePath {
    parameter: Ident,
    name: Ident,
}

impl AssocTypePath {
    /// Returns the type as an associated type of one of `parameters`, if it is one.
    /// Types with generic arguments are left out, because these may name lifetimes that
    /// only the function declares.
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

/// Collects the distinct associated types of `parameters`.
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

/// Replaces associated types by other types.
struct AssocTypeReplacer<'a> {
    projected: &'a AssocTypes,
    to: Vec<Type>,
}

impl VisitMut for AssocTypeReplacer<'_> {
    fn visit_type_mut(&mut self, ty: &mut Type) {
        let found = match ty {
            Type::Path(path) => AssocTypePath::of(path, &self.projected.parameters),
            _ => None,
        };
        let types = &self.projected.types;
        match found.and_then(|found| types.iter().position(|it| *it == found)) {
            Some(index) => *ty = self.to[index].clone(),
            None => visit_mut::visit_type_mut(self, ty),
        }
    }
}

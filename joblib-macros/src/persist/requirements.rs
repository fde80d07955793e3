//! Finds the bounds that the types of fields need.
//!
//! A type that consists only of parameters and std types gets a bound itself, which is
//! exact: it requires no more of a hasher, a marker or the target of a `Box` than the type
//! does. Any other type may contain the derived type, and a bound on it would be an infinite
//! recursion. For these, the parameters get the bounds.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::{
    AngleBracketedGenericArguments, GenericArgument, Generics, PathArguments, Type, TypeParamBound,
    TypePath, WherePredicate,
};

use super::known::{ArgumentRequirement, is_known, is_marker, needed};
use super::meta::whole;
use crate::bounds::mentions;

/// The bounds that the types of fields need.
#[derive(Default)]
pub(super) struct FieldRequirements {
    /// Types that need the trait.
    pub(super) types: Vec<TokenStream>,
    /// Types that need the trait and are the whole type of a field.
    pub(super) fields: Vec<TokenStream>,
    /// Parameters, and the additional bounds of each use.
    pub(super) others: Vec<(Ident, ArgumentRequirement)>,
}

/// Collects the bounds that types need on the parameters of the derived type.
pub(super) struct RequirementFinder<'a> {
    /// The type that is derived.
    ident: &'a Ident,
    generics: &'a Generics,
    requirements: FieldRequirements,
}

impl<'a> RequirementFinder<'a> {
    pub(super) fn new(ident: &'a Ident, generics: &'a Generics) -> Self {
        RequirementFinder {
            ident,
            generics,
            requirements: FieldRequirements::default(),
        }
    }

    /// Adds the bounds that the type of a field needs.
    pub(super) fn field(&mut self, ty: &Type) {
        match self.gets_bound(ty) {
            true => push(&mut self.requirements.fields, ty.to_token_stream()),
            false => self.open(ty),
        }
    }

    pub(super) fn finish(self) -> FieldRequirements {
        self.requirements
    }

    /// Returns whether the type names a type parameter.
    pub(super) fn is_generic(&self, ty: &Type) -> bool {
        self.parameters().any(|it| mentions(ty, it))
    }

    fn parameters(&self) -> impl Iterator<Item = &'a Ident> + use<'a> {
        self.generics.type_params().map(|it| &it.ident)
    }

    fn is_parameter(&self, ident: &Ident) -> bool {
        self.parameters().any(|it| it == ident)
    }

    /// Returns whether the type itself gets the bound.
    fn gets_bound(&self, ty: &Type) -> bool {
        self.is_generic(ty) && (self.is_projection(ty) || self.is_closed(ty))
    }

    /// Returns whether the type consists of parameters and std types only. Associated types
    /// of parameters do not count: one may normalize to another type, and the compiler would
    /// then not find the bound on the type that contains it.
    fn is_closed(&self, ty: &Type) -> bool {
        match ty {
            Type::Group(it) => self.is_closed(&it.elem),
            Type::Paren(it) => self.is_closed(&it.elem),
            Type::Reference(it) => self.is_closed(&it.elem),
            Type::Slice(it) => self.is_closed(&it.elem),
            Type::Array(it) => self.is_closed(&it.elem),
            Type::Tuple(it) => it.elems.iter().all(|ty| self.is_closed(ty)),
            Type::Path(it) => self.as_parameter(ty).is_some() || self.is_closed_path(it),
            _ => false,
        }
    }

    /// Returns whether the type is an associated type of a parameter.
    fn is_projection(&self, ty: &Type) -> bool {
        let Type::Path(ty) = whole(ty) else {
            return false;
        };
        match &ty.qself {
            Some(this) => self.is_generic(&this.ty),
            None => {
                ty.path.leading_colon.is_none() && self.is_parameter(&ty.path.segments[0].ident)
            }
        }
    }

    fn is_closed_path(&self, ty: &TypePath) -> bool {
        let mut segments = ty.path.segments.iter().rev();
        let Some(last) = segments.next() else {
            return false;
        };
        let is_other = ty.qself.is_none() && last.ident != *self.ident;
        if is_other && is_marker(&last.ident) {
            return true;
        }
        is_other
            && is_known(&last.ident)
            && segments.all(|it| it.arguments.is_none())
            && match &last.arguments {
                PathArguments::None => true,
                PathArguments::AngleBracketed(it) => it.args.iter().all(|it| match it {
                    GenericArgument::Type(ty) => self.is_closed(ty),
                    GenericArgument::Lifetime(_) | GenericArgument::Const(_) => true,
                    _ => false,
                }),
                PathArguments::Parenthesized(_) => false,
            }
    }

    /// Adds the bounds that a component of a type needs.
    fn part(&mut self, ty: &Type) {
        match self.gets_bound(ty) {
            true => push(&mut self.requirements.types, ty.to_token_stream()),
            false => self.open(ty),
        }
    }

    fn open(&mut self, ty: &Type) {
        if !self.is_generic(ty) {
            return;
        }
        match whole(ty) {
            Type::Reference(it) => self.part(&it.elem),
            Type::Slice(it) => self.part(&it.elem),
            Type::Array(it) => self.part(&it.elem),
            Type::Tuple(it) => it.elems.iter().for_each(|ty| self.part(ty)),
            Type::Path(it) if it.qself.is_none() => self.path(it),
            ty => self.all_within(ty),
        }
    }

    fn path(&mut self, ty: &TypePath) {
        for segment in &ty.path.segments {
            match &segment.arguments {
                PathArguments::None => {}
                PathArguments::AngleBracketed(arguments) => {
                    self.arguments(ty, &segment.ident, arguments);
                }
                PathArguments::Parenthesized(_) => self.all_within(&Type::Path(ty.clone())),
            }
        }
    }

    fn arguments(
        &mut self,
        ty: &TypePath,
        name: &Ident,
        arguments: &AngleBracketedGenericArguments,
    ) {
        let types = arguments.args.iter().filter_map(|it| match it {
            GenericArgument::Type(ty) => Some(ty),
            GenericArgument::AssocType(it) => Some(&it.ty),
            _ => None,
        });
        for (place, argument) in types.enumerate() {
            let parameter = self.as_parameter(argument);
            if let (Some(parameter), Some(needed)) = (parameter, needed(name, place)) {
                let is_all = needed.is_all;
                self.requirements.others.push((parameter.clone(), needed));
                if is_all {
                    continue;
                }
            }
            match parameter {
                Some(it) if !is_known(name) && self.may_be_unsized(it) => {
                    push(&mut self.requirements.types, ty.to_token_stream());
                }
                _ => self.part(argument),
            }
        }
    }

    pub(super) fn as_parameter<'t>(&self, ty: &'t Type) -> Option<&'t Ident> {
        let Type::Path(path) = whole(ty) else {
            return None;
        };
        let ident = path.path.get_ident().filter(|_| path.qself.is_none())?;
        self.is_parameter(ident).then_some(ident)
    }

    pub(super) fn may_be_unsized(&self, parameter: &Ident) -> bool {
        let is_relaxed = |bound: &TypeParamBound| {
            bound
                .to_token_stream()
                .into_iter()
                .next()
                .is_some_and(|it| it.to_string() == "?")
        };
        let mut own = self
            .generics
            .type_params()
            .filter(|it| it.ident == *parameter);
        let clauses = self
            .generics
            .where_clause
            .iter()
            .flat_map(|it| &it.predicates);
        let mut stated = clauses.filter_map(|it| match it {
            WherePredicate::Type(it) => Some(it),
            _ => None,
        });
        own.any(|it| it.bounds.iter().any(is_relaxed))
            || stated.any(|it| {
                it.bounds.iter().any(is_relaxed)
                    && self
                        .as_parameter(&it.bounded_ty)
                        .is_some_and(|it| it == parameter)
            })
    }

    /// Adds a bound for every parameter that the type names.
    fn all_within(&mut self, ty: &Type) {
        let named: Vec<_> = self.parameters().filter(|it| mentions(ty, it)).collect();
        for parameter in named {
            push(&mut self.requirements.types, quote!(#parameter));
        }
    }
}

/// Adds a type unless it is already in the list.
fn push(types: &mut Vec<TokenStream>, ty: TokenStream) {
    let text = ty.to_string();
    if types.iter().all(|it| it.to_string() != text) {
        types.push(ty);
    }
}

//! Finds the types of a signature that bring code of the caller: callable types,
//! whose code is not reachable from the function, and types with traits that a
//! downstream crate may have implemented.

use proc_macro2::Ident;
use syn::visit::{self, Visit};
use syn::{Generics, PredicateType, Type, TypeParamBound, WherePredicate};

use super::model::{Argument, KeyPart, KeyedArgument, Model, ends_in};
use crate::source;

/// How a type that the caller chooses becomes part of the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TypeKeying {
    /// By the identity of the type.
    Type,
    /// By the identity of the type and the executable, since the code of the type
    /// is not in the fingerprint.
    Code,
    /// By the user's `key(…)` expression.
    UserKey,
}

/// Returns how the type parameter `name` becomes part of the key.
pub(super) fn of_parameter(model: &Model, name: &Ident) -> TypeKeying {
    match is_called(&model.sig.generics, name) {
        false => TypeKeying::Type,
        true if has_user_key(model, name) => TypeKeying::UserKey,
        true => TypeKeying::Code,
    }
}

/// Returns whether all arguments of the type `name` have a `key(…)` expression.
fn has_user_key(model: &Model, name: &Ident) -> bool {
    let mut users = model
        .arguments
        .iter()
        .filter(|keyed| names(&keyed.argument.ty, name))
        .peekable();
    let is_used = users.peek().is_some();
    is_used && users.all(|keyed| matches!(keyed.key, KeyPart::Expr(_)))
}

/// Returns whether the function may call trait code of the parameter `name` that
/// no `key(…)` expression covers.
pub(super) fn brings_code(model: &Model, name: &Ident) -> bool {
    let generics = &model.sig.generics;
    let is_part = |ty: &Type| names(ty, name) && !is_ident(ty, name);
    let brings_code = !bounds_of(generics, name).all(is_bound_without_code)
        || predicates(generics).any(|it| is_part(&it.bounded_ty));
    brings_code && !has_user_key(model, name)
}

/// Returns the bounds of the type parameter `name`.
fn bounds_of<'a>(
    generics: &'a Generics,
    name: &'a Ident,
) -> impl Iterator<Item = &'a TypeParamBound> {
    let params = generics.type_params().filter(move |it| it.ident == *name);
    let predicates = predicates(generics).filter(move |it| is_ident(&it.bounded_ty, name));
    let inline = params.flat_map(|it| &it.bounds);
    inline.chain(predicates.flat_map(|it| &it.bounds))
}

/// Returns the bounds of types in the `where` clause.
fn predicates(generics: &Generics) -> impl Iterator<Item = &PredicateType> {
    let clause = generics.where_clause.iter();
    let predicates = clause.flat_map(|clause| &clause.predicates);
    predicates.filter_map(|predicate| match predicate {
        WherePredicate::Type(predicate) => Some(predicate),
        _ => None,
    })
}

/// Returns whether the code of a trait bound cannot influence the result, except
/// through the key.
fn is_bound_without_code(bound: &TypeParamBound) -> bool {
    const WITHOUT: [&str; 8] = [
        "Clone",
        "Copy",
        "Key",
        "Send",
        "Serialize",
        "Sized",
        "Sync",
        "Unpin",
    ];
    match bound {
        TypeParamBound::Trait(bound) => {
            ends_in(&bound.path, &WITHOUT) && !source::may_be_other_trait(&bound.path)
        }
        TypeParamBound::Lifetime(_) => true,
        _ => false,
    }
}

/// Returns whether the type of an argument contains `impl Trait`, so that it brings
/// trait code, and no `key(…)` expression covers it.
pub(super) fn shows_code(keyed: &KeyedArgument<Argument>) -> bool {
    let mut found = Implementations::default();
    found.visit_type(&keyed.argument.ty);
    found.any && !matches!(keyed.key, KeyPart::Expr(_))
}

/// Returns how the `impl Trait` type of an argument becomes part of the key, if the
/// argument has one.
pub(super) fn of_argument<T>(keyed: &KeyedArgument<T>, ty: &Type) -> Option<TypeKeying> {
    let mut found = Implementations::default();
    found.visit_type(ty);
    match (found.any, found.called) {
        (false, _) => None,
        (true, false) => Some(TypeKeying::Type),
        (true, true) if matches!(keyed.key, KeyPart::Expr(_)) => Some(TypeKeying::UserKey),
        (true, true) => Some(TypeKeying::Code),
    }
}

/// Returns whether values of the type parameter `name` can be called.
pub(super) fn is_called(generics: &Generics, name: &Ident) -> bool {
    bounds_of(generics, name).any(is_closure)
}

fn is_ident(ty: &Type, name: &Ident) -> bool {
    matches!(ty, Type::Path(path) if path.qself.is_none() && path.path.is_ident(name))
}

/// Returns whether a bound is one of the `Fn` or `AsyncFn` traits.
pub(super) fn is_closure(bound: &TypeParamBound) -> bool {
    const CALLED: [&str; 6] = [
        "Fn",
        "FnMut",
        "FnOnce",
        "AsyncFn",
        "AsyncFnMut",
        "AsyncFnOnce",
    ];
    matches!(bound, TypeParamBound::Trait(bound) if ends_in(&bound.path, &CALLED))
}

/// Returns whether a type names the parameter `name`.
fn names(ty: &Type, name: &Ident) -> bool {
    let mut found = GenericNames { name, found: false };
    found.visit_type(ty);
    found.found
}

struct GenericNames<'a> {
    name: &'a Ident,
    found: bool,
}

impl<'a> Visit<'a> for GenericNames<'_> {
    fn visit_ident(&mut self, ident: &'a Ident) {
        self.found |= ident == self.name;
    }
}

/// The `impl Trait` types in a type.
#[derive(Default)]
struct Implementations {
    any: bool,
    called: bool,
}

impl<'a> Visit<'a> for Implementations {
    fn visit_type_impl_trait(&mut self, ty: &'a syn::TypeImplTrait) {
        self.any = true;
        self.called |= ty.bounds.iter().any(is_closure);
        visit::visit_type_impl_trait(self, ty);
    }
}

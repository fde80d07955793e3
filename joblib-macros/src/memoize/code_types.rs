//! Which types of a signature stand for code: those that can be called, whose
//! code is in no source that the function reaches, and those with traits that a
//! crate further up may have implemented.

use proc_macro2::Ident;
use syn::visit::{self, Visit};
use syn::{GenericParam, Generics, Type, TypeParamBound, WherePredicate};

use super::model::{Argument, KeyPart, KeyedArgument, Model, ends_in};

/// How what the caller chose of a type takes part in the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TypeKeying {
    /// By what tells it from every other type.
    Type,
    /// By the executable, too, which alone says what it does.
    Code,
    /// By what the user says stands for it.
    Said,
}

/// How the type parameter `name` counts.
pub(super) fn of_parameter(model: &Model, name: &Ident) -> TypeKeying {
    match is_called(&model.sig.generics, name) {
        false => TypeKeying::Type,
        true if is_said(model, name) => TypeKeying::Said,
        true => TypeKeying::Code,
    }
}

/// Whether the user says what stands for all arguments of the type `name`.
fn is_said(model: &Model, name: &Ident) -> bool {
    let mut users = model
        .arguments
        .iter()
        .filter(|keyed| names(&keyed.argument.ty, name))
        .peekable();
    let is_used = users.peek().is_some();
    is_used && users.all(|keyed| matches!(keyed.key, KeyPart::Expr(_)))
}

/// Whether the function may call code that comes with the type for the parameter
/// `name`, and nothing is said to stand for that.
pub(super) fn brings_code(model: &Model, name: &Ident) -> bool {
    let generics = &model.sig.generics;
    let inline = generics.params.iter().flat_map(|param| match param {
        GenericParam::Type(param) if param.ident == *name => param.bounds.iter().collect(),
        _ => Vec::new(),
    });
    let clause = generics.where_clause.iter();
    let mut predicates = clause.flat_map(|clause| &clause.predicates);
    let is_asked = !inline.into_iter().all(is_bound_without_code)
        || predicates.any(|predicate| match predicate {
            WherePredicate::Type(it) if is_ident(&it.bounded_ty, name) => {
                !it.bounds.iter().all(is_bound_without_code)
            }
            WherePredicate::Type(it) => names(&it.bounded_ty, name),
            _ => false,
        });
    is_asked && !is_said(model, name)
}

/// Whether the code behind a bound has no part in a result, but for what it
/// gives to the key.
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
        TypeParamBound::Trait(bound) => ends_in(&bound.path, &WITHOUT),
        TypeParamBound::Lifetime(_) => true,
        _ => false,
    }
}

/// Whether the type of an argument shows that code comes with its values, and
/// nothing is said to stand for that.
pub(super) fn shows_code(keyed: &KeyedArgument<Argument>) -> bool {
    let mut found = Implementations::default();
    found.visit_type(&keyed.argument.ty);
    found.any && !matches!(keyed.key, KeyPart::Expr(_))
}

/// How the type of an argument counts that no parameter names, if it has one.
pub(super) fn of_argument<T>(keyed: &KeyedArgument<T>, ty: &Type) -> Option<TypeKeying> {
    let mut found = Implementations::default();
    found.visit_type(ty);
    match (found.any, found.called) {
        (false, _) => None,
        (true, false) => Some(TypeKeying::Type),
        (true, true) if matches!(keyed.key, KeyPart::Expr(_)) => Some(TypeKeying::Said),
        (true, true) => Some(TypeKeying::Code),
    }
}

/// Whether values of the type parameter `name` can be called.
pub(super) fn is_called(generics: &Generics, name: &Ident) -> bool {
    let inline = generics.params.iter().any(|param| match param {
        GenericParam::Type(param) => param.ident == *name && param.bounds.iter().any(is_closure),
        _ => false,
    });
    let predicates = generics
        .where_clause
        .iter()
        .flat_map(|clause| &clause.predicates);
    let bound = predicates.filter_map(|predicate| match predicate {
        WherePredicate::Type(predicate) => Some(predicate),
        _ => None,
    });
    inline
        || bound
            .filter(|predicate| is_ident(&predicate.bounded_ty, name))
            .any(|predicate| predicate.bounds.iter().any(is_closure))
}

fn is_ident(ty: &Type, name: &Ident) -> bool {
    matches!(ty, Type::Path(path) if path.qself.is_none() && path.path.is_ident(name))
}

/// Whether a bound is one of the traits of what can be called.
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

/// Whether a type names the parameter `name`.
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

/// What a type has of `impl Trait`.
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

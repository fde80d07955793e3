//! Names every elided lifetime and `impl Trait` of a type, so that generated code
//! can use the type where neither is allowed, and replaces lifetimes.

use proc_macro2::Span;
use quote::format_ident;
use syn::visit::Visit;
use syn::visit_mut::{self, VisitMut};
use syn::{GenericParam, Generics, Lifetime, Type, TypeFnPtr, TypeParamBound, parse_quote};

/// The generic parameters that replace elided lifetimes and `impl Trait`.
#[derive(Default)]
pub(crate) struct ElisionNamer {
    params: Vec<GenericParam>,
}

impl ElisionNamer {
    /// Replaces the elided lifetimes and `impl Trait` in `ty`.
    pub(crate) fn name(&mut self, ty: &mut Type) {
        self.visit_type_mut(ty);
    }

    /// Adds the new parameters to `generics`, lifetimes first.
    pub(crate) fn add_to(self, generics: &mut Generics) {
        let is_lifetime = |param: &GenericParam| matches!(param, GenericParam::Lifetime(_));
        let (lifetimes, rest): (Vec<_>, Vec<_>) = self.params.into_iter().partition(is_lifetime);
        for (index, param) in lifetimes.into_iter().enumerate() {
            generics.params.insert(index, param);
        }
        generics.params.extend(rest);
    }

    fn lifetime(&mut self) -> Lifetime {
        let name = format!("'__joblib_{}", self.params.len());
        let lifetime = Lifetime::new(&name, Span::call_site());
        self.params.push(parse_quote!(#lifetime));
        lifetime
    }
}

/// Adds the default lifetime bound of a trait object behind a reference. The
/// default would be another one where generated code uses the object without the
/// reference.
fn bound_object(ty: &mut Type, lifetime: &Lifetime) {
    match ty {
        Type::Paren(inner) => bound_object(&mut inner.elem, lifetime),
        Type::Group(inner) => bound_object(&mut inner.elem, lifetime),
        Type::TraitObject(object) => {
            let is_lifetime = |it: &TypeParamBound| matches!(it, TypeParamBound::Lifetime(_));
            if !object.bounds.iter().any(is_lifetime) {
                object
                    .bounds
                    .push(TypeParamBound::Lifetime(lifetime.clone()));
                *ty = parse_quote!((#object));
            }
        }
        _ => {}
    }
}

impl VisitMut for ElisionNamer {
    fn visit_type_mut(&mut self, ty: &mut Type) {
        match ty {
            Type::Reference(reference) => {
                let lifetime = match reference.lifetime.take() {
                    Some(lifetime) if lifetime.ident != "_" => lifetime,
                    _ => self.lifetime(),
                };
                bound_object(&mut reference.elem, &lifetime);
                reference.lifetime = Some(lifetime);
            }
            Type::ImplTrait(implementation) => {
                let name = format_ident!("__Joblib{}", self.params.len());
                let bounds = implementation.bounds.clone();
                let param: GenericParam = parse_quote!(#name: #bounds);
                self.params.push(param);
                *ty = parse_quote!(#name);
                return;
            }
            // Elided lifetimes of a function pointer belong to its own type.
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

/// Returns the first lifetime of a type, except those inside function pointers.
pub(crate) fn first_lifetime(ty: &Type) -> Option<Lifetime> {
    struct First(Option<Lifetime>);

    impl Visit<'_> for First {
        fn visit_lifetime(&mut self, lifetime: &Lifetime) {
            self.0.get_or_insert_with(|| lifetime.clone());
        }

        fn visit_type_fn_ptr(&mut self, _: &TypeFnPtr) {}
    }

    let mut first = First(None);
    first.visit_type(ty);
    first.0
}

/// Replaces the elided lifetimes of a type.
pub(crate) fn set_elided(ty: &mut Type, lifetime: &Lifetime) {
    ElidedReplacer(lifetime).visit_type_mut(ty);
}

struct ElidedReplacer<'a>(&'a Lifetime);

impl VisitMut for ElidedReplacer<'_> {
    fn visit_type_mut(&mut self, ty: &mut Type) {
        match ty {
            Type::Reference(reference) if reference.lifetime.is_none() => {
                reference.lifetime = Some(self.0.clone());
            }
            Type::FnPtr(_) => return,
            _ => {}
        }
        visit_mut::visit_type_mut(self, ty);
    }

    fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
        if lifetime.ident == "_" {
            *lifetime = self.0.clone();
        }
    }
}

/// Replaces all lifetimes of a type except `'static`, unless a function pointer has them.
pub(crate) fn replace_lifetimes(ty: &mut Type, lifetime: &'static str) {
    LifetimeReplacer(lifetime).visit_type_mut(ty);
}

struct LifetimeReplacer(&'static str);

impl VisitMut for LifetimeReplacer {
    fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
        if lifetime.ident != "static" {
            *lifetime = Lifetime::new(self.0, lifetime.apostrophe);
        }
    }

    fn visit_type_fn_ptr_mut(&mut self, _: &mut TypeFnPtr) {}
}

//! The bounds of a derived implementation, inferred from the type parameters
//! that the fields use.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::visit::{self, Visit};
use syn::{
    Generics, Macro, PathArguments, PathSegment, Type, TypeParam, TypeParamBound, TypePath,
    WhereClause, WherePredicate, parse_quote,
};

/// The type parameters that the fields in the key use.
pub(crate) struct ParamUse<'a> {
    generics: &'a Generics,
    /// The type parameters that the fields name, or that have a `Key` bound. The
    /// others need no `Key`.
    used: Vec<&'a Ident>,
    /// Associated types such as `T::Item`, which need bounds of their own.
    projections: Vec<TypePath>,
}

impl<'a> ParamUse<'a> {
    pub(crate) fn new(generics: &'a Generics, types: impl Iterator<Item = &'a Type>) -> Self {
        let mut finder = ParamFinder {
            names: generics.type_params().map(|it| &it.ident).collect(),
            named: Vec::new(),
            projections: Vec::new(),
        };
        types.for_each(|ty| finder.visit_type(ty));
        let mut used = finder.named;
        used.extend(with_key_bound(generics, &[]));
        ParamUse {
            generics,
            used,
            projections: finder.projections,
        }
    }

    /// Returns the parameters that have a `Key` bound in the type's generics or in
    /// `stated`.
    pub(crate) fn stated(generics: &'a Generics, stated: &[WherePredicate]) -> Self {
        ParamUse {
            generics,
            used: with_key_bound(generics, stated),
            projections: Vec::new(),
        }
    }

    /// Returns the `where` clause of an implementation, extended by a `trait_`
    /// bound for each of these types.
    pub(crate) fn bounds(&self, trait_: &TokenStream) -> Option<WhereClause> {
        let mut generics = self.generics.clone();
        for ty in self.types() {
            let bound = parse_quote!(#ty: #trait_);
            generics.make_where_clause().predicates.push(bound);
        }
        generics.where_clause
    }

    /// Returns the used parameters and their associated types.
    pub(crate) fn types(&self) -> impl Iterator<Item = TokenStream> {
        let names = self.generics.type_params().map(|it| &it.ident);
        let used = names.filter(|name| self.has(name));
        let projections = self.projections.iter().map(ToTokens::to_token_stream);
        used.map(ToTokens::to_token_stream).chain(projections)
    }

    /// Returns whether the parameter itself, not just an associated type of it, is
    /// used.
    pub(crate) fn has(&self, name: &Ident) -> bool {
        self.used.contains(&name)
    }
}

/// Returns the parameters that have a bound on a trait named `Key`.
fn with_key_bound<'a>(generics: &'a Generics, stated: &[WherePredicate]) -> Vec<&'a Ident> {
    let is_key = |bound: &TypeParamBound| match bound {
        TypeParamBound::Trait(it) => it.path.segments.last().is_some_and(|it| it.ident == "Key"),
        _ => false,
    };
    let clauses = generics.where_clause.iter().flat_map(|it| &it.predicates);
    let predicates: Vec<_> = clauses.chain(stated).collect();
    let has_key_bound = |parameter: &&TypeParam| {
        let mut others = predicates.iter().filter_map(|it| match it {
            WherePredicate::Type(it) => Some(it),
            _ => None,
        });
        parameter.bounds.iter().any(is_key)
            || others.any(|it| {
                let ty = &it.bounded_ty;
                let is_it = matches!(ty, Type::Path(ty) if ty.path.is_ident(&parameter.ident));
                is_it && it.bounds.iter().any(is_key)
            })
    };
    generics
        .type_params()
        .filter(has_key_bound)
        .map(|it| &it.ident)
        .collect()
}

/// Finds the parameters that types name, and their associated types.
struct ParamFinder<'a> {
    names: Vec<&'a Ident>,
    named: Vec<&'a Ident>,
    projections: Vec<TypePath>,
}

impl ParamFinder<'_> {
    fn is_projection(&self, ty: &TypePath) -> bool {
        match &ty.qself {
            Some(this) => self.names.iter().any(|it| mentions(&this.ty, it)),
            None => {
                let first = ty.path.segments.first();
                ty.path.segments.len() > 1
                    && ty.path.leading_colon.is_none()
                    && first.is_some_and(|first| self.names.contains(&&first.ident))
            }
        }
    }
}

impl<'ast> Visit<'ast> for ParamFinder<'_> {
    fn visit_type_path(&mut self, ty: &'ast TypePath) {
        if self.is_projection(ty) {
            self.projections.push(ty.clone());
            return;
        }
        let named = self.names.iter().filter(|it| ty.path.is_ident(**it));
        self.named.extend(named);
        visit::visit_type_path(self, ty);
    }

    // A `PhantomData` contains no value of its argument, and hashers are not part
    // of a key.
    fn visit_path_segment(&mut self, segment: &'ast PathSegment) {
        let kept = match segment.ident.to_string().as_str() {
            "PhantomData" => 0,
            "HashSet" => 1,
            "HashMap" => 2,
            _ => usize::MAX,
        };
        match &segment.arguments {
            PathArguments::AngleBracketed(arguments) => {
                arguments
                    .args
                    .iter()
                    .take(kept)
                    .for_each(|it| self.visit_generic_argument(it));
            }
            arguments => self.visit_path_arguments(arguments),
        }
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        let named = self.names.iter().filter(|it| mentions(call, it));
        self.named.extend(named);
    }
}

/// Returns whether the tokens contain `name` at any depth.
pub(crate) fn mentions(tokens: &impl ToTokens, name: &Ident) -> bool {
    fn among(tokens: TokenStream, name: &Ident) -> bool {
        tokens.into_iter().any(|token| match token {
            TokenTree::Ident(ident) => ident == *name,
            TokenTree::Group(group) => among(group.stream(), name),
            TokenTree::Punct(_) | TokenTree::Literal(_) => false,
        })
    }
    among(tokens.to_token_stream(), name)
}

//! Type parameters that are the keys of a map or the items of a set, which
//! need more than `Persist` to be read.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::visit::{self, Visit};
use syn::{GenericArgument, Generics, PathArguments, PathSegment, Type};

/// Each of them, with what must hold of it.
pub(super) fn keys<'a>(
    generics: &Generics,
    types: impl Iterator<Item = &'a Type>,
) -> Vec<(Ident, TokenStream)> {
    let mut finder = Finder {
        generics,
        keys: Vec::new(),
    };
    types.for_each(|ty| finder.visit_type(ty));
    finder.keys
}

struct Finder<'a> {
    generics: &'a Generics,
    keys: Vec<(Ident, TokenStream)>,
}

impl<'ast> Visit<'ast> for Finder<'_> {
    fn visit_path_segment(&mut self, segment: &'ast PathSegment) {
        let is_parameter = |key: &&Ident| self.generics.type_params().any(|it| it.ident == **key);
        let key = first(&segment.arguments).filter(is_parameter);
        if let (Some(needed), Some(key)) = (needed(&segment.ident), key) {
            self.keys.push((key.clone(), needed));
        }
        visit::visit_path_segment(self, segment);
    }
}

/// What the collections of that name ask of their keys.
fn needed(collection: &Ident) -> Option<TokenStream> {
    match collection.to_string().as_str() {
        "HashMap" | "HashSet" => Some(quote!(::core::cmp::Eq + ::core::hash::Hash)),
        "BTreeMap" | "BTreeSet" | "BinaryHeap" => Some(quote!(::core::cmp::Ord)),
        _ => None,
    }
}

fn first(arguments: &PathArguments) -> Option<&Ident> {
    let PathArguments::AngleBracketed(arguments) = arguments else {
        return None;
    };
    match arguments.args.first()? {
        GenericArgument::Type(Type::Path(path)) => path.path.get_ident(),
        _ => None,
    }
}

//! What the implementations ask of the type's parameters.

use quote::quote;
use syn::{Type, WhereClause, parse_quote};

use super::args::{How, whole};
use super::keys::keys;
use super::model::Model;
use crate::fed::Use;

/// The `where` clause of both implementations and of the view.
pub(super) fn bounds(model: &Model<'_>) -> Option<WhereClause> {
    let krate = model.krate();
    let parameters = Use::new(&model.input.generics, plain(model));
    let bound = match model.options.is_write_only {
        true => quote!(#krate::persist::Save),
        false => quote!(#krate::persist::Persist),
    };
    let bounds = parameters.bounds(&bound);
    // What tells the type from others is a `TypeId`.
    let mut generics = model.input.generics.clone();
    generics.where_clause = bounds;
    for parameter in model.input.generics.type_params() {
        let name = &parameter.ident;
        let bound = parse_quote!(#name: 'static);
        generics.make_where_clause().predicates.push(bound);
    }
    if !model.options.is_write_only {
        for (key, needed) in keys(&model.input.generics, plain(model)) {
            let bound = parse_quote!(#key: #needed);
            generics.make_where_clause().predicates.push(bound);
        }
    }
    generics.where_clause
}

/// The types of fields that have the trait themselves, and hold what they name.
pub(super) fn plain<'m>(model: &'m Model<'_>) -> impl Iterator<Item = &'m Type> {
    let plain = model.written().filter(|it| matches!(it.how, How::Plain));
    plain.map(|part| &part.field.ty).filter(|ty| !is_marker(ty))
}

/// Whether the type holds nothing of what it names.
fn is_marker(ty: &Type) -> bool {
    let Type::Path(path) = whole(ty) else {
        return false;
    };
    let last = path.path.segments.last();
    last.is_some_and(|it| it.ident == "PhantomData")
}

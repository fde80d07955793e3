//! Properties of a type or a name that its syntax alone determines.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{
    GenericParam, Lifetime, Path, Receiver, ReceiverKind, Type, TypeImplTrait, TypeReference,
    parse_quote,
};

/// Returns whether the name is that of a number type, `bool` or `char`.
pub(crate) fn is_primitive(name: &Ident) -> bool {
    const PRIMITIVE: [&str; 16] = [
        "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128", "isize",
        "f32", "f64", "bool", "char",
    ];
    // One conversion is faster than a comparison of tokens with each of the names.
    PRIMITIVE.contains(&name.to_string().as_str())
}

/// Returns whether a type, by its syntax, is a number, `bool`, `char`, `str` or `()`.
pub(crate) fn is_plain(ty: &Type) -> bool {
    match ty {
        Type::Paren(inner) => is_plain(&inner.elem),
        Type::Group(inner) => is_plain(&inner.elem),
        Type::Tuple(tuple) => tuple.elems.is_empty(),
        Type::Path(path) if path.qself.is_none() => {
            let name = path.path.get_ident();
            name.is_some_and(|name| is_primitive(name) || name == "str")
        }
        _ => false,
    }
}

/// Returns whether a type is `()`.
pub(crate) fn is_unit(ty: &Type) -> bool {
    match ty {
        Type::Paren(inner) => is_unit(&inner.elem),
        Type::Group(inner) => is_unit(&inner.elem),
        Type::Tuple(tuple) => tuple.elems.is_empty(),
        _ => false,
    }
}

/// Returns whether the last segment of `path` is one of `names`.
pub(crate) fn ends_in(path: &Path, names: &[&str]) -> bool {
    path.segments
        .last()
        .is_some_and(|segment| names.contains(&segment.ident.to_string().as_str()))
}

/// Returns the span of the most significant token of a type, for errors. On stable
/// Rust an error underlines only one token.
pub(crate) fn error_span(ty: &Type) -> Span {
    match ty {
        Type::Reference(reference) => error_span(&reference.elem),
        Type::Slice(slice) => slice.bracket_token.span.join(),
        Type::Array(array) => array.bracket_token.span.join(),
        Type::Tuple(tuple) => tuple.paren_token.span.join(),
        Type::Paren(inner) => error_span(&inner.elem),
        Type::Path(path) => match path.path.segments.last() {
            Some(segment) => segment.ident.span(),
            None => ty.span(),
        },
        _ => ty.span(),
    }
}

/// Returns the type of the receiver as an ordinary argument.
pub(crate) fn receiver_type(receiver: &Receiver) -> Type {
    match &receiver.kind {
        ReceiverKind::Reference(_, lifetime, mutability) => {
            parse_quote!(&#lifetime #mutability Self)
        }
        ReceiverKind::Typed(_, ty) => (**ty).clone(),
        _ => parse_quote!(Self),
    }
}

/// Returns the name of a type or const parameter.
pub(crate) fn name_of(param: &GenericParam) -> Option<&Ident> {
    match param {
        GenericParam::Type(param) => Some(&param.ident),
        GenericParam::Const(param) => Some(&param.ident),
        GenericParam::Lifetime(_) => None,
    }
}

/// Returns `::<T, N>` with the names of the type and const parameters, or nothing.
pub(crate) fn turbofish<'a>(params: impl Iterator<Item = &'a GenericParam>) -> Option<TokenStream> {
    let names: Vec<&Ident> = params.filter_map(name_of).collect();
    (!names.is_empty()).then(|| quote!(::<#(#names),*>))
}

/// Returns whether a type can be used outside of a signature, that is, contains no
/// `impl Trait`.
pub(crate) fn is_nameable(ty: &Type) -> bool {
    !TypeSyntax::of(ty).implementation
}

/// Returns whether a type has a lifetime other than `'static`, as far as its syntax
/// shows it.
pub(crate) fn borrows(ty: &Type) -> bool {
    TypeSyntax::of(ty).lifetime
}

/// Returns whether a type contains a reference, `&'static` included.
pub(crate) fn has_reference(ty: &Type) -> bool {
    TypeSyntax::of(ty).reference
}

/// The syntax that occurs anywhere in a type.
#[derive(Default)]
struct TypeSyntax {
    implementation: bool,
    reference: bool,
    /// A lifetime other than `'static`.
    lifetime: bool,
}

impl TypeSyntax {
    fn of(ty: &Type) -> TypeSyntax {
        let mut found = TypeSyntax::default();
        found.visit_type(ty);
        found
    }
}

impl<'a> Visit<'a> for TypeSyntax {
    fn visit_type_impl_trait(&mut self, _: &'a TypeImplTrait) {
        self.implementation = true;
    }

    fn visit_type_reference(&mut self, reference: &'a TypeReference) {
        self.reference = true;
        self.lifetime |= reference.lifetime.is_none();
        visit::visit_type_reference(self, reference);
    }

    fn visit_lifetime(&mut self, lifetime: &'a Lifetime) {
        self.lifetime |= lifetime.ident != "static";
    }
}

//! Replaces `Self` in the definition of a type by the type's name. Derived code
//! for other types copies bounds and field types, and `Self` would mean another
//! type there. In the types of a signature, a type replaces it.

use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};
use syn::visit_mut::{self, VisitMut};
use syn::{
    Data, DeriveInput, Expr, ExprPath, ExprStruct, GenericParam, Generics, Item, Macro, Path,
    QSelf, Type, TypePath, parse_quote, parse_quote_spanned,
};

/// Replaces each `Self` in bounds, `where` clauses and field types by the name
/// of the type.
pub(crate) fn by_name(input: &mut DeriveInput) {
    let mut replacer = ByName {
        ident: input.ident.clone(),
        generics: input.generics.clone(),
        is_in_constant: false,
    };
    replacer.visit_generics_mut(&mut input.generics);
    match &mut input.data {
        Data::Struct(data) => replacer.visit_fields_mut(&mut data.fields),
        Data::Enum(data) => {
            let fields = data.variants.iter_mut().map(|variant| &mut variant.fields);
            fields.for_each(|fields| replacer.visit_fields_mut(fields));
        }
        Data::Union(_) => {}
    }
}

struct ByName {
    ident: Ident,
    generics: Generics,
    /// Whether the visitor is inside a constant expression, where lifetime
    /// parameters cannot be named.
    is_in_constant: bool,
}

impl ByName {
    /// Returns the type by its name, with `span`, the span of `Self`, for errors.
    fn named(&self, span: Span) -> TokenStream {
        let mut ident = self.ident.clone();
        ident.set_span(span.resolved_at(ident.span()));
        let arguments: Vec<_> = self
            .generics
            .params
            .iter()
            .map(|it| self.argument(it))
            .collect();
        match arguments.is_empty() {
            true => ident.into_token_stream(),
            false => quote_spanned!(span=> #ident<#(#arguments),*>),
        }
    }

    fn argument(&self, parameter: &GenericParam) -> TokenStream {
        match parameter {
            GenericParam::Lifetime(_) if self.is_in_constant => {
                quote_spanned!(Span::call_site()=> '_)
            }
            GenericParam::Lifetime(it) => it.lifetime.to_token_stream(),
            GenericParam::Type(it) => it.ident.to_token_stream(),
            GenericParam::Const(it) => it.ident.to_token_stream(),
        }
    }

    /// Rewrites `Self::X` to `<Type>::X`.
    fn qualify(&self, qself: &mut Option<QSelf>, path: &mut Path) {
        if path.leading_colon.is_some() || path.segments.len() < 2 || !starts_with_self(path) {
            return;
        }
        let named = self.named(path.segments[0].ident.span());
        let rest = path.segments.iter().skip(1);
        let qualified: ExprPath = parse_quote_spanned!(Span::call_site()=> <#named>::#(#rest)::*);
        *qself = qualified.qself;
        *path = qualified.path;
    }

    /// Replaces `Self` as a constructor: alone or before braces.
    fn construct(&self, path: &mut Path) {
        if path.leading_colon.is_none() && path.segments.len() == 1 && starts_with_self(path) {
            *path = self.ident.clone().into();
        }
    }

    fn tokens(&self, tokens: TokenStream) -> TokenStream {
        let each = tokens.into_iter().map(|token| match token {
            TokenTree::Ident(ident) if ident == "Self" => self.named(ident.span()),
            TokenTree::Group(group) => {
                let mut inner = Group::new(group.delimiter(), self.tokens(group.stream()));
                inner.set_span(group.span());
                inner.into_token_stream()
            }
            token => token.into_token_stream(),
        });
        each.collect()
    }
}

fn starts_with_self(path: &Path) -> bool {
    path.segments.first().is_some_and(|it| it.ident == "Self")
}

impl VisitMut for ByName {
    fn visit_type_mut(&mut self, ty: &mut Type) {
        match ty {
            Type::Path(it) if it.qself.is_none() && it.path.is_ident("Self") => {
                let span = it.path.segments[0].ident.span();
                let named = self.named(span);
                *ty = parse_quote_spanned!(span=> #named);
            }
            ty => visit_mut::visit_type_mut(self, ty),
        }
    }

    fn visit_type_path_mut(&mut self, ty: &mut TypePath) {
        if ty.qself.is_none() {
            self.qualify(&mut ty.qself, &mut ty.path);
        }
        visit_mut::visit_type_path_mut(self, ty);
    }

    // Expressions inside types are constants, such as array lengths.
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        let outer = std::mem::replace(&mut self.is_in_constant, true);
        visit_mut::visit_expr_mut(self, expr);
        self.is_in_constant = outer;
    }

    fn visit_expr_path_mut(&mut self, expr: &mut ExprPath) {
        if expr.qself.is_none() {
            self.qualify(&mut expr.qself, &mut expr.path);
            self.construct(&mut expr.path);
        }
        visit_mut::visit_expr_path_mut(self, expr);
    }

    fn visit_expr_struct_mut(&mut self, expr: &mut ExprStruct) {
        if expr.qself.is_none() {
            self.construct(&mut expr.path);
        }
        visit_mut::visit_expr_struct_mut(self, expr);
    }

    fn visit_macro_mut(&mut self, call: &mut Macro) {
        call.tokens = self.tokens(std::mem::take(&mut call.tokens));
    }

    // `Self` in a nested item means that item.
    fn visit_item_mut(&mut self, _: &mut Item) {}
}

/// Replaces each `Self` in `ty` by the type `by`.
pub(crate) fn by_type(ty: &mut Type, by: &Type) {
    ByType(by).visit_type_mut(ty);
}

struct ByType<'a>(&'a Type);

impl VisitMut for ByType<'_> {
    fn visit_type_mut(&mut self, ty: &mut Type) {
        if matches!(ty, Type::Path(it) if it.qself.is_none() && it.path.is_ident("Self")) {
            *ty = self.0.clone();
        } else {
            visit_mut::visit_type_mut(self, ty);
        }
    }

    fn visit_type_path_mut(&mut self, ty: &mut TypePath) {
        self.qualify(&mut ty.qself, &mut ty.path);
        visit_mut::visit_type_path_mut(self, ty);
    }

    // Expressions inside types are array lengths or const arguments.
    fn visit_expr_path_mut(&mut self, expr: &mut ExprPath) {
        self.qualify(&mut expr.qself, &mut expr.path);
        visit_mut::visit_expr_path_mut(self, expr);
    }
}

impl ByType<'_> {
    /// Rewrites `Self::X` to `<Type>::X`.
    fn qualify(&self, qself: &mut Option<QSelf>, path: &mut Path) {
        if qself.is_some() || path.segments.len() < 2 || !starts_with_self(path) {
            return;
        }
        let (own, rest) = (self.0, path.segments.iter().skip(1));
        let qualified: ExprPath = parse_quote!(<#own>::#(#rest)::*);
        *qself = qualified.qself;
        *path = qualified.path;
    }
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::*;

    #[track_caller]
    fn check(written: TokenStream, named: TokenStream) {
        let mut input: DeriveInput = syn::parse2(written).unwrap();
        by_name(&mut input);
        let named: DeriveInput = syn::parse2(named).unwrap();
        let text = |it: DeriveInput| it.into_token_stream().to_string();
        assert_eq!(text(input), text(named));
    }

    #[test]
    fn the_name_stands_for_self_in_bounds_fields_and_lengths() {
        check(
            quote! {
                struct A<'a, T: Tr<Assoc = Self>> where Self: Tag, Vec<Self>: Sized {
                    next: Option<Box<Self>>,
                    item: Self::Item,
                    other: <Self as Tr>::Item,
                    text: &'a str,
                }
            },
            quote! {
                struct A<'a, T: Tr<Assoc = A<'a, T> >> where A<'a, T>: Tag, Vec<A<'a, T> >: Sized {
                    next: Option<Box<A<'a, T> >>,
                    item: <A<'a, T> >::Item,
                    other: <A<'a, T> as Tr>::Item,
                    text: &'a str,
                }
            },
        );
        check(
            quote! { enum B { C([u8; Self::N], [u8; { Self::len(Self::C) }], m!(Self, [Self])) } },
            quote! { enum B { C([u8; <B>::N], [u8; { <B>::len(<B>::C) }], m!(B, [B])) } },
        );
        check(
            quote! { struct D<'a>([u8; Self::N], &'a str); },
            quote! { struct D<'a>([u8; <D<'_> >::N], &'a str); },
        );
    }
}

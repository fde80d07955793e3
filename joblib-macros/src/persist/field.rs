//! Renders the uses of a field's trait. For a field whose type names no parameter, one
//! constant checks the trait, and all uses of the field depend on that constant. So a
//! field without the trait is a single error. Fields with parameters have bounds instead.

use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Lifetime, Member, TypePath};

use super::args::FieldCodec;
use super::model::{FieldModel, Model, Shape, borrowed};
use crate::crate_path::Krate;

/// Returns an alias of the type with the check constant, for each field that has one.
pub(super) fn checks(model: &Model<'_>) -> TokenStream {
    let checks = model.written().filter_map(|part| {
        let check = check(model, part)?;
        let name = name(part);
        Some(quote!(type #name = #check;))
    });
    checks.collect()
}

/// Returns the path of the trait that writes the field and describes its type.
pub(super) fn save_trait(model: &Model<'_>, part: &FieldModel<'_>) -> TokenStream {
    let (span, krate) = (span_of(part), krate(model, part));
    let ty = &part.ty;
    match has_check(model, part) {
        true => runtime_trait(model, part, "PersistField"),
        false => quote_spanned!(span=> <#ty as #krate::persist::Save>),
    }
}

/// Returns the path of the trait that reads and maps the field.
pub(super) fn persist_trait(model: &Model<'_>, part: &FieldModel<'_>) -> TokenStream {
    let (span, krate) = (span_of(part), krate(model, part));
    let ty = &part.ty;
    match has_check(model, part) {
        true => runtime_trait(model, part, "PersistField"),
        false => quote_spanned!(span=> <#ty as #krate::persist::Persist>),
    }
}

/// Returns the row layout of a type whose only field is `part`.
pub(super) fn row_layout(model: &Model<'_>, part: &FieldModel<'_>) -> TokenStream {
    let (span, krate, ty) = (span_of(part), krate(model, part), &part.ty);
    let check = check_name(model, part);
    quote_spanned!(span=> #krate::__private::persist::AsOnlyField<#ty, #check>)
}

/// Returns the path of the trait that writes and reads a field through serde.
pub(super) fn serde_trait(model: &Model<'_>, part: &FieldModel<'_>) -> TokenStream {
    runtime_trait(model, part, "ViaSerde")
}

/// Returns the type of the field in a view.
pub(super) fn view_type(model: &Model<'_>, part: &FieldModel<'_>) -> TokenStream {
    let (span, krate) = (span_of(part), krate(model, part));
    let ty = &part.ty;
    let mode = Ident::new("__JoblibMode", span);
    match (check(model, part), unused_params(model, part)) {
        (None, None) => {
            quote_spanned!(span=> <#ty as #krate::persist::Persist>::View<'__joblib, #mode>)
        }
        (check, unused_params) => {
            let marks = check.into_iter().chain(unused_params);
            quote_spanned! {span=>
                <#ty as #krate::__private::persist::PersistField<(#(#marks,)*)>>::View<'__joblib, #mode>
            }
        }
    }
}

/// Returns a type that names the parameters that no field of the view uses, such as those
/// of skipped fields. Only the first field of the view gets it, since each parameter has to
/// be used once.
fn unused_params(model: &Model<'_>, part: &FieldModel<'_>) -> Option<TokenStream> {
    if model
        .plain()
        .next()
        .is_none_or(|first| first.number != part.number)
    {
        return None;
    }
    let mut named = TypeNames::default();
    model.written().for_each(|part| named.visit_type(&part.ty));
    let generics = &model.generics;
    let types = generics.type_params().map(|it| &it.ident);
    let types = types.filter(|it| !named.firsts.contains(it));
    let types = types.map(|it| quote!(::core::marker::PhantomData<#it>,));
    let lifetimes = generics.lifetimes().map(|it| &it.lifetime);
    let lifetimes = lifetimes.filter(|it| !named.lifetimes.contains(it));
    let lifetimes = lifetimes.map(|it| quote!(&#it (),));
    let unused_params: TokenStream = types.chain(lifetimes).collect();
    (!unused_params.is_empty()).then(|| quote!((#unused_params)))
}

/// The names that types certainly use: first segments of paths, and lifetimes.
#[derive(Default)]
struct TypeNames<'t> {
    firsts: Vec<&'t Ident>,
    lifetimes: Vec<&'t Lifetime>,
}

impl<'t> Visit<'t> for TypeNames<'t> {
    fn visit_type_path(&mut self, ty: &'t TypePath) {
        if ty.path.leading_colon.is_none() {
            self.firsts
                .extend(ty.path.segments.first().map(|it| &it.ident));
        }
        visit::visit_type_path(self, ty);
    }

    fn visit_lifetime(&mut self, lifetime: &'t Lifetime) {
        self.lifetimes.push(lifetime);
    }
}

/// Returns the span for errors about a missing trait: that of the field's type.
pub(super) fn span_of(part: &FieldModel<'_>) -> Span {
    part.field.ty.span().resolved_at(Span::call_site())
}

/// Returns the path of a runtime trait for derived code, on the type of the field.
fn runtime_trait(model: &Model<'_>, part: &FieldModel<'_>, name_of_trait: &str) -> TokenStream {
    let (span, krate) = (span_of(part), krate(model, part));
    let ty = &part.ty;
    let name_of_trait = Ident::new(name_of_trait, span);
    let check = check_name(model, part);
    quote_spanned!(span=> <#ty as #krate::__private::persist::#name_of_trait<#check>>)
}

/// Returns the name of the type with the check constant, or `()` if there is none.
fn check_name(model: &Model<'_>, part: &FieldModel<'_>) -> TokenStream {
    match has_check(model, part) {
        true => name(part).to_token_stream(),
        false => quote!(()),
    }
}

/// Returns the type with the check constant.
fn check(model: &Model<'_>, part: &FieldModel<'_>) -> Option<TokenStream> {
    if !has_check(model, part) {
        return None;
    }
    let (span, krate) = (span_of(part), krate(model, part));
    let lifetimes: Vec<_> = model.generics.lifetimes().collect();
    let is_lifetime = |ident: &Ident| lifetimes.iter().any(|it| it.lifetime.ident == *ident);
    let ty = replaced(part.ty.to_token_stream(), &|token| match token {
        TokenTree::Ident(ident) if is_lifetime(ident) => Some(quote!(static)),
        _ => None,
    });
    let is = match part.how {
        FieldCodec::Serde => {
            quote_spanned!(span=> #krate::__private::persist::is_described::<#ty>())
        }
        _ => quote_spanned!(span=> <#ty as #krate::persist::Persist>::IS),
    };
    Some(quote_spanned!(span=> #krate::__private::persist::Checked<{ #is }>))
}

/// Returns whether a constant can check the trait of the field. Constants cannot use generic
/// parameters.
fn has_check(model: &Model<'_>, part: &FieldModel<'_>) -> bool {
    let is_borrowed = borrowed(&part.field.ty).is_some();
    let is_asked = matches!(part.how, FieldCodec::Plain) && !is_borrowed
        || matches!(part.how, FieldCodec::Serde);
    if model.options.is_write_only || !is_asked {
        return false;
    }
    let generics = &model.generics;
    let types = generics.type_params().map(|it| &it.ident);
    let parameters: Vec<_> = types
        .chain(generics.const_params().map(|it| &it.ident))
        .collect();
    let is_parameter = |ident: &Ident| parameters.contains(&ident);
    !mentions(part.ty.to_token_stream(), &is_parameter)
}

fn mentions(tokens: TokenStream, is: &impl Fn(&Ident) -> bool) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => is(&ident),
        TokenTree::Group(group) => mentions(group.stream(), is),
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
}

/// Returns the tokens with those replaced for which `replace` returns a stream.
fn replaced(
    tokens: TokenStream,
    replace: &impl Fn(&TokenTree) -> Option<TokenStream>,
) -> TokenStream {
    let each = tokens
        .into_iter()
        .map(|token| match (replace(&token), token) {
            (Some(other), _) => other,
            (None, TokenTree::Group(group)) => {
                let stream = replaced(group.stream(), replace);
                let mut inner = Group::new(group.delimiter(), stream);
                inner.set_span(group.span());
                inner.to_token_stream()
            }
            (None, token) => token.to_token_stream(),
        });
    each.collect()
}

fn name(part: &FieldModel<'_>) -> Ident {
    format_ident!("__JoblibField{}", part.number)
}

fn krate<'m>(model: &'m Model<'_>, part: &FieldModel<'_>) -> Krate<'m> {
    Krate::new(model.options.krate.as_ref(), span_of(part))
}

/// Returns the name of the field in messages: `Type.field` or `Type::Variant.field`.
pub(super) fn qualified_name(
    model: &Model<'_>,
    shape: &Shape<'_>,
    part: &FieldModel<'_>,
) -> String {
    let mut field_name = model.ident.unraw().to_string();
    if let Some(variant) = &shape.ident {
        field_name.push_str("::");
        field_name.push_str(&variant.unraw().to_string());
    }
    let member = match &part.member {
        Member::Named(name) => name.unraw().to_string(),
        Member::Unnamed(place) => place.index.to_string(),
    };
    format!("{field_name}.{member}")
}

/// Returns a closure that reads the field by the function of its module. Derived code
/// repeats the closure for each format, because a closure has only one parameter type.
pub(super) fn read_with(part: &FieldModel<'_>, module: &syn::Path) -> TokenStream {
    let (function, ty) = (module_function(module, "deserialize"), &part.ty);
    quote! {
        |__joblib_deserializer| {
            let __joblib_value: ::core::result::Result<#ty, _> = #function(__joblib_deserializer);
            __joblib_value
        }
    }
}

/// Returns the path of the function `name` of a module, with errors at the module.
pub(super) fn module_function(module: &syn::Path, name: &str) -> TokenStream {
    let last = module.segments.last().map(|it| it.ident.span());
    let span = last.unwrap_or_else(Span::call_site);
    let name = Ident::new(name, span);
    quote_spanned!(span=> #module::#name)
}

//! Renders the schema of a type: its fields and variants, with the defaults of fields that
//! a file may lack.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::Fields;
use syn::ext::IdentExt;
use syn::spanned::Spanned;

use super::args::{FieldCodec, MissingField};
use super::field::{self, span_of};
use super::model::{FieldModel, Model, Shape};
use super::save::save_one;

/// Returns the body of `schema`.
pub(super) fn schema(model: &Model<'_>) -> TokenStream {
    let (krate, derived) = (model.krate(), model.derived());
    let identity = quote!(#derived::identity::<Self>());
    if let (true, Some(part)) = (model.options.is_transparent, model.field()) {
        let schema = schema_of(model, part);
        return quote! {
            #derived::SchemaBuilder::transparent(__joblib_schemas, #identity, #schema)
        };
    }
    let name = model.ident.unraw().to_string();
    let olds = model.options.olds.iter().map(|old| {
        let span = old.span().resolved_at(Span::call_site());
        quote_spanned!(span=> <#old as #krate::persist::Persist>::own_schema)
    });
    let head =
        quote!(#derived::TypeDecl { ty: #identity, name: #name, older_types: &[#(#olds),*] });
    if !model.is_enum {
        let shapes = model.shapes.iter().map(|shape| shape_of(model, shape));
        return quote!(#derived::SchemaBuilder::structure(__joblib_schemas, #head, #(#shapes)*));
    }
    let cases = model.in_files().map(|shape| {
        let (name, aliases) = (&shape.name, &shape.aliases);
        let shape = shape_of(model, shape);
        quote!(#derived::VariantDecl { name: #name, aliases: &[#(#aliases),*], shape: #shape })
    });
    quote!(#derived::SchemaBuilder::enumeration(__joblib_schemas, #head, &[#(#cases),*]))
}

fn shape_of(model: &Model<'_>, shape: &Shape<'_>) -> TokenStream {
    let derived = model.derived();
    let parts = shape.written().map(|part| {
        let (name, aliases) = (&part.name, &part.aliases);
        let (schema, default) = (schema_of(model, part), fallback(model, shape, part));
        quote! {
            #derived::FieldDecl {
                name: #name,
                schema: #schema,
                aliases: &[#(#aliases),*],
                default: #default,
            }
        }
    });
    let parts = quote!(&[#(#parts),*]);
    match shape.fields {
        Fields::Named(_) => quote!(#derived::FieldsDecl::Named(#parts)),
        Fields::Unnamed(_) => quote!(#derived::FieldsDecl::Unnamed(#parts)),
        Fields::Unit => quote!(#derived::FieldsDecl::Unit),
    }
}

/// Returns the function that returns the schema of a field.
fn schema_of(model: &Model<'_>, part: &FieldModel<'_>) -> TokenStream {
    let derived = model.derived();
    let (ty, span) = (&part.ty, span_of(part));
    match &part.how {
        FieldCodec::With(path) => {
            let name = path_name(path);
            quote!(|__joblib_schemas: &mut #derived::SchemaBuilder| {
                #derived::SchemaBuilder::with(__joblib_schemas, #name)
            })
        }
        FieldCodec::Empty => quote_spanned!(span=> #derived::SchemaBuilder::unit),
        FieldCodec::Serde => quote_spanned!(span=> #derived::SchemaBuilder::serde::<#ty>),
        FieldCodec::Plain | FieldCodec::Skip => {
            let of = field::save_trait(model, part);
            quote_spanned!(span=> #of::schema)
        }
    }
}

fn path_name(path: &syn::Path) -> String {
    let segments = path.segments.iter();
    let names: Vec<_> = segments.map(|it| it.ident.unraw().to_string()).collect();
    names.join("::")
}

/// Returns the function that writes the default of a field, for files that lack it.
fn fallback(model: &Model<'_>, shape: &Shape<'_>, part: &FieldModel<'_>) -> TokenStream {
    let (derived, ty) = (model.derived(), &part.field.ty);
    let (value, reference) = match (&part.default, &model.options.default) {
        (Some(default), _) => {
            let value = default_value(ty, default);
            (
                quote!(let __joblib_value: #ty = #value;),
                quote!(&__joblib_value),
            )
        }
        (None, Some(default)) => {
            let (whole, member) = (default_value(&quote!(Self), default), &part.member);
            let whole = quote!(let __joblib_whole: Self = #whole;);
            match model.is_packed {
                true => {
                    let copy = quote!(let __joblib_value = __joblib_whole.#member;);
                    (quote!(#whole #copy), quote!(&__joblib_value))
                }
                false => (whole, quote!(&__joblib_whole.#member)),
            }
        }
        (None, None) => return quote!(::core::option::Option::None),
    };
    let save = save_one(model, shape, part, &reference);
    quote! {
        ::core::option::Option::Some(|__joblib_writer: &mut #derived::BodyWriter<'_, '_>| {
            #value
            #derived::BodyWriter::temporary(__joblib_writer, |__joblib_writer| {
                #save
                ::core::result::Result::Ok(())
            })
        })
    }
}

/// Returns the default value as an expression of the type `ty`.
pub(super) fn default_value(ty: &impl quote::ToTokens, default: &MissingField) -> TokenStream {
    let span = default.span().resolved_at(Span::call_site());
    match default {
        MissingField::Default(_) => {
            quote_spanned!(span=> <#ty as ::core::default::Default>::default())
        }
        MissingField::Function(function) => quote_spanned!(span=> #function()),
    }
}

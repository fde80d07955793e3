//! Renders the view of a value in a memory map, and the code that creates it.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::{GenericParam, Member};

use super::args::FieldCodec;
use super::field::{self, span_of};
use super::load::one_of;
use super::model::{FieldModel, Model, Shape, ViewDebug};
use super::pieces::ReadPieces;

/// Returns the view type of the value.
pub(super) fn ty(model: &Model<'_>) -> TokenStream {
    match (model.view_kind(), model.field()) {
        (ViewDebug::Field, Some(part)) => field_view(model, part),
        (ViewDebug::View, _) => view_type(model),
        _ => quote!(Self),
    }
}

/// Returns the type of a field in the view.
pub(super) fn field_view(model: &Model<'_>, part: &FieldModel<'_>) -> TokenStream {
    match model.is_owned(part) {
        true => part.ty.to_token_stream(),
        false => field::view_type(model, part),
    }
}

/// Returns the derived view type with its generic arguments.
pub(super) fn view_type(model: &Model<'_>) -> TokenStream {
    let view = &model.view;
    let parameters = model.generics.params.iter();
    let arguments = parameters.map(|parameter| match parameter {
        GenericParam::Lifetime(it) => it.lifetime.to_token_stream(),
        GenericParam::Type(it) => it.ident.to_token_stream(),
        GenericParam::Const(it) => it.ident.to_token_stream(),
    });
    quote!(#view<'__joblib, #(#arguments,)* __JoblibMode>)
}

/// Returns the body of `view`.
pub(super) fn body(model: &Model<'_>) -> TokenStream {
    let (krate, derived) = (model.krate(), model.derived());
    let ok = quote!(::core::result::Result::Ok);
    match (model.view_kind(), model.field()) {
        (ViewDebug::Field, Some(part)) => {
            let value = find_one(model, &model.shapes[0], part);
            quote! {
                let __joblib_value = #value;
                #ok(__joblib_value)
            }
        }
        (ViewDebug::View, _) => {
            let own = own(model);
            quote! {
                #derived::Viewer::enter(__joblib_viewer)?;
                let __joblib_value = #own;
                #derived::Viewer::leave(__joblib_viewer);
                #ok(__joblib_value)
            }
        }
        _ => quote! {
            <Self as #krate::persist::Persist>::load(#derived::Viewer::reader(__joblib_viewer))
        },
    }
}

fn own(model: &Model<'_>) -> TokenStream {
    let derived = model.derived();
    let view = &model.view;
    let varint = quote!(#derived::Viewer::varint(__joblib_viewer)?);
    let no_variant = quote!(#derived::Viewer::no_variant(__joblib_viewer, __joblib_other));
    one_of(model, &varint, &no_variant, |shape| {
        let values = shape.written().enumerate().map(|(place, part)| {
            let name = match part.name.as_str() {
                "" => place.to_string(),
                name => name.to_owned(),
            };
            let value = find_one(model, shape, part);
            quote!({ #derived::Viewer::at(__joblib_viewer, #name); #value })
        });
        let ReadPieces { before, values } = ReadPieces::new(values.collect(), |values| {
            quote! {
                #derived::Viewer::piece(__joblib_viewer, |__joblib_viewer| {
                    ::core::result::Result::Ok(#values)
                })?
            }
        });
        let members = shape.written().enumerate();
        let members = members.map(|(place, part)| member(place, part));
        let path = match &shape.ident {
            Some(variant) => quote!(#view::#variant),
            None => quote!(#view),
        };
        quote!({ #before #path { #(#members: #values),* } })
    })
}

fn find_one(model: &Model<'_>, shape: &Shape<'_>, part: &FieldModel<'_>) -> TokenStream {
    let derived = model.derived();
    let span = span_of(part);
    match &part.how {
        FieldCodec::Empty => quote_spanned!(span=> []),
        FieldCodec::Plain | FieldCodec::Skip => {
            let of = field::persist_trait(model, part);
            quote_spanned!(span=> #of::view(__joblib_viewer)?)
        }
        FieldCodec::Serde => {
            let (of, field_name) = (
                field::serde_trait(model, part),
                field::qualified_name(model, shape, part),
            );
            quote_spanned!(span=> #of::load(#field_name, #derived::Viewer::reader(__joblib_viewer))?)
        }
        FieldCodec::With(path) => {
            let (field_name, read) = (
                field::qualified_name(model, shape, part),
                field::read_with(part, path),
            );
            quote! {
                #derived::BodyReader::with(
                    #derived::Viewer::reader(__joblib_viewer),
                    #field_name,
                    #read,
                    #read,
                )?
            }
        }
    }
}

/// Returns the member of a field in the view. Unnamed fields are numbered without the
/// skipped ones.
pub(super) fn member(place: usize, part: &FieldModel<'_>) -> Member {
    match &part.member {
        Member::Named(ident) => ident.clone().into(),
        Member::Unnamed(_) => place.into(),
    }
}

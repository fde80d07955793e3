//! Renders the implementation of `Persist`, which reads and maps the type. Logic that
//! does not depend on the type is in the runtime.

use proc_macro2::{Literal, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use super::args::{FieldCodec, MissingField};
use super::bounds::ExtraBounds;
use super::field::{self, span_of};
use super::map_view;
use super::model::{FieldModel, Model, Shape};
use super::pieces::ReadPieces;
use super::record;
use super::remote;
use super::save::wrong;
use super::schema::default_value;
use super::transparent;

/// Returns the implementation of `Persist`, unless the type is only written.
pub(super) fn persist(model: &Model<'_>, bounds: &ExtraBounds) -> Option<TokenStream> {
    if model.options.is_write_only {
        return None;
    }
    let (krate, derived) = (model.krate(), model.derived());
    let ident = &model.ident;
    let (impl_generics, type_generics, _) = model.generics.split_for_impl();
    let bounds = bounds.of_persist(model);
    let view = map_view::ty(model);
    let (load, view_body) = match model.is_wrong {
        true => (wrong(), wrong()),
        false => (body(model), map_view::body(model)),
    };
    // A type that omits a field or a variant does not read back as the same value.
    let is_left_out =
        |shape: &Shape<'_>| shape.is_skipped || shape.parts.iter().any(FieldModel::is_skipped);
    let is_whole = !model.shapes.iter().any(is_left_out);
    let whole = is_whole.then(|| {
        quote! {
            #[automatically_derived]
            impl #impl_generics #derived::Lossless for #ident #type_generics #bounds {}
        }
    });
    let view_of_self = quote!(<Self as #krate::persist::Persist>::View<'__joblib, __JoblibMode>);
    let load_many = transparent::loaded(model);
    let within = transparent::loaded_within(model).or_else(|| record::loaded(model));
    let rows = transparent::rows(model).unwrap_or_else(|| quote!(#derived::OneByOne));
    let (views, find_many) = transparent::found(model).unwrap_or_else(|| {
        (
            quote!(#krate::__private::Vec<#view>),
            quote!(#derived::Viewer::many::<Self>(__joblib_viewer)),
        )
    });
    Some(quote! {
        #whole

        #[automatically_derived]
        impl #impl_generics #krate::persist::Persist for #ident #type_generics #bounds {
            type View<'__joblib, __JoblibMode: #krate::persist::MapMode> = #view;
            type Views<'__joblib, __JoblibMode: #krate::persist::MapMode> = #views;
            type Rows = #rows;

            fn load(
                __joblib_reader: &mut #derived::BodyReader<'_>,
            ) -> ::core::result::Result<Self, #krate::persist::Error> {
                #load
            }

            #load_many

            #within

            fn view<'__joblib, __JoblibMode: #krate::persist::MapMode>(
                __joblib_viewer: &mut #derived::Viewer<'__joblib, __JoblibMode>,
            ) -> ::core::result::Result<#view_of_self, #krate::persist::Error> {
                #view_body
            }

            fn view_many<'__joblib, __JoblibMode: #krate::persist::MapMode>(
                __joblib_viewer: &mut #derived::Viewer<'__joblib, __JoblibMode>,
            ) -> ::core::result::Result<
                <Self as #krate::persist::Persist>::Views<'__joblib, __JoblibMode>,
                #krate::persist::Error,
            > {
                #find_many
            }
        }
    })
}

fn body(model: &Model<'_>) -> TokenStream {
    let (krate, derived) = (model.krate(), model.derived());
    let ok = quote!(::core::result::Result::Ok);
    let default = whole_default(model);
    let own = own(model);
    if model.options.is_transparent {
        return quote!(#default #ok(#own));
    }
    let olds = model.options.olds.iter().zip(1_u8..).map(|(old, number)| {
        let number = Literal::u8_unsuffixed(number);
        let span = old.span().resolved_at(Span::call_site());
        let convert = quote_spanned! {span=>
            <Self as ::core::convert::From<#old>>::from(
                <#old as #krate::persist::Persist>::load(__joblib_reader)?,
            )
        };
        quote!(#number => #convert,)
    });
    if model.options.olds.is_empty() && model.in_files().next().is_none() {
        return quote! {
            #derived::BodyReader::enter_own(__joblib_reader)?;
            let __joblib_other = #derived::BodyReader::varint(__joblib_reader)?;
            #derived::BodyReader::no_variant(__joblib_reader, __joblib_other)
        };
    }
    let value = match model.options.olds.is_empty() {
        true => quote! {
            #derived::BodyReader::enter_own(__joblib_reader)?;
            #default
            let __joblib_value = #own;
        },
        false => quote! {
            let __joblib_value = match #derived::BodyReader::enter(__joblib_reader)? {
                0 => { #default #own }
                #(#olds)*
                __joblib_other => return #derived::BodyReader::unknown_version(__joblib_reader, __joblib_other),
            };
        },
    };
    quote! {
        #value
        #derived::BodyReader::leave(__joblib_reader);
        #ok(__joblib_value)
    }
}

/// Returns the statement that creates the default value of the type, if skipped fields
/// take their values from it.
fn whole_default(model: &Model<'_>) -> Option<TokenStream> {
    let default = model.options.default.as_ref()?;
    let mut skipped = model.parts().filter(|part| is_from_whole(model, part));
    skipped.next().map(|_| {
        let value = default_value(&quote!(Self), default);
        quote!(let __joblib_default: Self = #value;)
    })
}

/// Returns whether the field is skipped and comes from the default value of the type.
fn is_from_whole(model: &Model<'_>, part: &FieldModel<'_>) -> bool {
    model.options.default.is_some() && part.is_skipped() && part.default.is_none()
}

/// Returns the expression that reads a value of the current version of the type.
fn own(model: &Model<'_>) -> TokenStream {
    let derived = model.derived();
    let varint = quote!(#derived::BodyReader::varint(__joblib_reader)?);
    let no_variant = quote!(#derived::BodyReader::no_variant(__joblib_reader, __joblib_other));
    one_of(model, &varint, &no_variant, |shape| {
        let path = shape.path(&model.ident);
        let value = |part| load_one(model, shape, part);
        let read = ReadPieces::new(shape.written().map(value).collect(), |values| {
            quote! {
                #derived::BodyReader::piece(__joblib_reader, |__joblib_reader| {
                    ::core::result::Result::Ok(#values)
                })?
            }
        });
        let (before, mut values) = (&read.before, read.values.iter().cloned());
        let fields = shape.parts.iter().map(|part| {
            let member = &part.member;
            let value = match part.is_skipped() {
                true => Some(value(part)),
                false => values.next(),
            };
            quote!(#member: #value)
        });
        quote!({ #before #path { #(#fields),* } })
    })
}

/// Returns the expression that reads the struct, or the variant with the number `varint`,
/// with `read` for each shape.
pub(super) fn one_of(
    model: &Model<'_>,
    varint: &TokenStream,
    no_variant: &TokenStream,
    read: impl Fn(&Shape<'_>) -> TokenStream,
) -> TokenStream {
    if !model.is_enum {
        return model.shapes.iter().map(read).collect();
    }
    let arms = model.in_files().map(|shape| {
        let number = shape.number.map(Literal::u64_suffixed);
        let value = read(shape);
        quote!(#number => #value,)
    });
    quote! {
        match #varint {
            #(#arms)*
            __joblib_other => return #no_variant,
        }
    }
}

pub(super) fn load_one(model: &Model<'_>, shape: &Shape<'_>, part: &FieldModel<'_>) -> TokenStream {
    let derived = model.derived();
    let (span, ty) = (span_of(part), &part.field.ty);
    match (&part.how, &part.default) {
        (FieldCodec::Skip, Some(default)) => default_value(ty, default),
        (FieldCodec::Skip, None) if is_from_whole(model, part) => {
            let member = &part.member;
            quote_spanned!(span=> __joblib_default.#member)
        }
        (FieldCodec::Skip, None) => default_value(ty, &MissingField::Default(ty.span())),
        (FieldCodec::Empty, _) => quote_spanned!(span=> []),
        (FieldCodec::Plain, _) => {
            let of = field::persist_trait(model, part);
            remote::unwrapped(part, quote_spanned!(span=> #of::load(__joblib_reader)?))
        }
        (FieldCodec::Serde, _) => {
            let (of, field_name) = (
                field::serde_trait(model, part),
                field::qualified_name(model, shape, part),
            );
            quote_spanned!(span=> #of::load(#field_name, __joblib_reader)?)
        }
        (FieldCodec::With(path), _) => {
            let (field_name, read) = (
                field::qualified_name(model, shape, part),
                field::read_with(part, path),
            );
            quote!(#derived::BodyReader::with(__joblib_reader, #field_name, #read, #read)?)
        }
    }
}

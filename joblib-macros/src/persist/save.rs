//! Renders the implementation of `Save`, which writes the type. Logic that does not
//! depend on the type is in the runtime.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;

use super::args::FieldCodec;
use super::bounds::ExtraBounds;
use super::field::{self, module_function, span_of};
use super::model::{FieldModel, Model, Shape};
use super::record;
use super::remote;
use super::schema::schema;
use super::transparent;

/// Returns the implementation of `Save`.
pub(super) fn save(model: &Model<'_>, bounds: &ExtraBounds) -> TokenStream {
    let (krate, derived) = (model.krate(), model.derived());
    let ident = &model.ident;
    let (impl_generics, type_generics, _) = model.generics.split_for_impl();
    let bounds = bounds.of_save(model);
    let many = transparent::saved(model).or_else(|| record::saved(model));
    let (schema, body) = match model.is_wrong {
        true => (wrong(), wrong()),
        false => (schema(model), body(model)),
    };
    quote! {
        #[automatically_derived]
        impl #impl_generics #krate::persist::Save for #ident #type_generics #bounds {
            fn schema(__joblib_schemas: &mut #derived::SchemaBuilder) -> ::core::primitive::u32 {
                #schema
            }

            fn save<'__joblib>(
                &'__joblib self,
                __joblib_writer: &mut #derived::BodyWriter<'__joblib, '_>,
            ) -> ::core::result::Result<(), #krate::persist::Error> {
                #body
            }

            #many
        }
    }
}

/// Returns a placeholder for code that would only repeat a reported error.
pub(super) fn wrong() -> TokenStream {
    quote!(::core::unimplemented!())
}

fn body(model: &Model<'_>) -> TokenStream {
    let arms = model.shapes.iter().map(|shape| arm(model, shape));
    let fields = match (model.shapes.is_empty(), model.is_packed) {
        (true, _) => quote!(match *self {}),
        (_, true) => quote!(match *self { #(#arms)* }),
        (_, false) => quote!(match self { #(#arms)* }),
    };
    framed(model, &fields)
}

/// Returns the statements that write a value by `fields`, which write its fields.
pub(super) fn framed(model: &Model<'_>, fields: &TokenStream) -> TokenStream {
    let derived = model.derived();
    if model.in_files().next().is_none() {
        return fields.clone();
    }
    let ok = quote!(::core::result::Result::Ok(()));
    if model.options.is_transparent {
        return quote!(#fields #ok);
    }
    quote! {
        #derived::BodyWriter::enter(__joblib_writer)?;
        #fields
        #derived::BodyWriter::leave(__joblib_writer);
        #ok
    }
}

/// Returns the expression for a shape that files never contain.
pub(super) fn skipped(model: &Model<'_>, shape: &Shape<'_>) -> TokenStream {
    let derived = model.derived();
    let name = model.ident.unraw().to_string();
    let variant = shape.ident.as_ref().map(|it| it.unraw().to_string());
    let skipped = quote!(#derived::skipped(#name, #variant));
    match model.in_files().next() {
        Some(_) => quote!(return #skipped),
        None => skipped,
    }
}

/// Returns the match arm that writes one shape of the type.
fn arm(model: &Model<'_>, shape: &Shape<'_>) -> TokenStream {
    let derived = model.derived();
    let path = shape.path(&model.ident);
    if shape.is_skipped {
        let skipped = skipped(model, shape);
        return quote!(#path { .. } => #skipped,);
    }
    let fields = shape.written().map(|part| {
        let (member, binding) = (&part.member, &part.binding);
        quote!(#member: #binding)
    });
    let number = shape.number.map(proc_macro2::Literal::u64_suffixed);
    let number = number.iter();
    let saves = shape.written().map(|part| {
        let binding = &part.binding;
        match model.is_packed {
            true => copied(model, shape, part),
            false => save_one(model, shape, part, &quote!(#binding)),
        }
    });
    quote! {
        #path { #(#fields,)* .. } => {
            #(#derived::BodyWriter::varint(__joblib_writer, #number);)*
            #(#saves)*
        }
    }
}

/// Returns the statement that writes a field of a packed type, from a copy.
fn copied(model: &Model<'_>, shape: &Shape<'_>, part: &FieldModel<'_>) -> TokenStream {
    let (derived, binding) = (model.derived(), &part.binding);
    let save = save_one(model, shape, part, &quote!(&#binding));
    quote! {
        #derived::BodyWriter::temporary(__joblib_writer, |__joblib_writer| {
            #save
            ::core::result::Result::Ok(())
        })?;
    }
}

/// Returns the statement that writes one field. `value` is a reference to it.
pub(super) fn save_one(
    model: &Model<'_>,
    shape: &Shape<'_>,
    part: &FieldModel<'_>,
    value: &TokenStream,
) -> TokenStream {
    let (krate, derived) = (model.krate(), model.derived());
    let span = span_of(part);
    let save = match &part.how {
        FieldCodec::Skip | FieldCodec::Empty => return TokenStream::new(),
        FieldCodec::Plain => {
            let of = field::save_trait(model, part);
            let value = remote::wrapped(model, part, value);
            quote_spanned!(span=> #of::save(#value, __joblib_writer)?;)
        }
        FieldCodec::Serde if model.options.is_write_only => {
            let field_name = field::qualified_name(model, shape, part);
            quote_spanned! {span=>
                #derived::BodyWriter::serde_unread(__joblib_writer, #field_name, #value)?;
            }
        }
        FieldCodec::Serde => {
            let (of, field_name) = (
                field::serde_trait(model, part),
                field::qualified_name(model, shape, part),
            );
            quote_spanned!(span=> #of::save(#value, #field_name, __joblib_writer)?;)
        }
        FieldCodec::With(path) => save_with(model, shape, part, path, value),
    };
    match &part.compress {
        None => save,
        Some(compress) => quote! {
            #derived::BodyWriter::compressing(
                __joblib_writer,
                #krate::persist::Compress::#compress,
                |__joblib_writer| {
                    #save
                    ::core::result::Result::Ok(())
                },
            )?;
        },
    }
}

/// Returns the statement that writes a field by the user's functions, and checks that it
/// can be read back.
fn save_with(
    model: &Model<'_>,
    shape: &Shape<'_>,
    part: &FieldModel<'_>,
    module: &syn::Path,
    value: &TokenStream,
) -> TokenStream {
    let (derived, ty) = (model.derived(), &part.ty);
    let (function, field_name) = (
        module_function(module, "serialize"),
        field::qualified_name(model, shape, part),
    );
    if model.options.is_write_only {
        return quote! {
            #derived::BodyWriter::with_unread(__joblib_writer, #field_name, |__joblib_serializer| {
                #function(#value, __joblib_serializer)
            })?;
        };
    }
    let read = field::read_with(part, module);
    quote! {
        #derived::BodyWriter::with(
            __joblib_writer,
            #field_name,
            #value,
            |__joblib_value: &#ty, __joblib_serializer| {
                #function(__joblib_value, __joblib_serializer)
            },
            #read,
        )?;
    }
}

//! The implementation of `Save`: how the type is described and written. What can
//! be decided once is the runtime's.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::Fields;
use syn::ext::IdentExt;
use syn::spanned::Spanned;

use super::args::{Fallback, How};
use super::bounds::bounds;
use super::field::{self, forever, span_of, within};
use super::model::{Model, Part, Shape};

/// The implementation of `Save`.
pub(super) fn save(model: &Model<'_>) -> TokenStream {
    let krate = model.krate();
    let ident = &model.input.ident;
    let (impl_generics, type_generics, _) = model.input.generics.split_for_impl();
    let bounds = bounds(model);
    let (schema, body) = match model.is_wrong {
        true => (wrong(), wrong()),
        false => (schema(model), saving(model)),
    };
    quote! {
        #[automatically_derived]
        impl #impl_generics #krate::persist::Save for #ident #type_generics #bounds {
            fn schema(
                __joblib_schemas: &mut #krate::__private::persist::Schemas,
            ) -> ::core::primitive::u32 {
                #schema
            }

            fn save<'__joblib>(
                &'__joblib self,
                __joblib_writer: &mut #krate::__private::persist::Writer<'__joblib, '_>,
            ) -> ::core::result::Result<(), #krate::persist::Error> {
                #body
            }
        }
    }
}

/// What stands for code that would only repeat a mistake that is told.
pub(super) fn wrong() -> TokenStream {
    quote!(::core::unimplemented!())
}

fn saving(model: &Model<'_>) -> TokenStream {
    let arms = model.shapes.iter().enumerate().map(|(number, shape)| {
        let pattern = pattern(shape);
        let number = number_of(number, shape);
        let number = number.map(|number| quote!(__joblib_writer.varint(#number);));
        let saves = shape.written().map(|part| {
            let binding = &part.binding;
            save_one(model, shape, part, &quote!(#binding))
        });
        quote!(#pattern => { #number #(#saves)* })
    });
    let body = match model.shapes.is_empty() {
        true => quote!(match *self {}),
        false => quote!(match self { #(#arms)* }),
    };
    quote! {
        __joblib_writer.enter()?;
        #body
        __joblib_writer.leave();
        ::core::result::Result::Ok(())
    }
}

fn pattern(shape: &Shape<'_>) -> TokenStream {
    let path = shape.path();
    let fields = shape.written().map(|part| {
        let (member, binding) = (&part.member, &part.binding);
        quote!(#member: #binding)
    });
    quote!(#path { #(#fields,)* .. })
}

/// The number of a variant.
fn number_of(number: usize, shape: &Shape<'_>) -> Option<TokenStream> {
    let number = proc_macro2::Literal::u64_suffixed(number as u64);
    shape.variant.map(|_| quote!(#number))
}

fn schema(model: &Model<'_>) -> TokenStream {
    let krate = model.krate();
    let derived = quote!(#krate::__private::persist);
    let name = model.input.ident.unraw().to_string();
    let forever = forever(&model.input.ident, &model.input.generics);
    let olds = model.options.olds.iter().map(|old| {
        let span = old.span().resolved_at(Span::call_site());
        quote_spanned!(span=> <#old as #krate::persist::Persist>::own_schema)
    });
    let head = quote! {
        #derived::Head {
            ty: ::core::any::TypeId::of::<#forever>(),
            name: #name,
            olds: &[#(#olds),*],
        }
    };
    if !model.is_enum {
        let shapes = model.shapes.iter().map(|shape| shape_of(model, shape));
        return quote!(__joblib_schemas.structure(#head, #(#shapes)*));
    }
    let cases = model.shapes.iter().map(|shape| {
        let (name, aliases) = (&shape.name, &shape.aliases);
        let shape = shape_of(model, shape);
        quote!(#derived::Case { name: #name, aliases: &[#(#aliases),*], shape: #shape })
    });
    quote!(__joblib_schemas.enumeration(#head, &[#(#cases),*]))
}

fn shape_of(model: &Model<'_>, shape: &Shape<'_>) -> TokenStream {
    let krate = model.krate();
    let derived = quote!(#krate::__private::persist);
    let parts = shape.written().map(|part| {
        let (name, aliases) = (&part.name, &part.aliases);
        let ty = &part.field.ty;
        let span = span_of(part);
        let schema = match &part.how {
            How::With(path) => {
                let name = path_name(path);
                quote!(|schemas| schemas.with(#name))
            }
            How::Serde => quote_spanned!(span=> #derived::Schemas::serde::<#ty>),
            How::Plain | How::Skip => {
                let of = field::saved(model, part);
                quote_spanned!(span=> #of::schema)
            }
        };
        let default = fallback(model, shape, part);
        quote! {
            #derived::Part {
                name: #name,
                schema: #schema,
                aliases: &[#(#aliases),*],
                default: #default,
            }
        }
    });
    let parts = quote!(&[#(#parts),*]);
    match shape.fields {
        Fields::Named(_) => quote!(#derived::Shape::Named(#parts)),
        Fields::Unnamed(_) => quote!(#derived::Shape::Unnamed(#parts)),
        Fields::Unit => quote!(#derived::Shape::Unit),
    }
}

fn path_name(path: &syn::Path) -> String {
    let segments = path.segments.iter();
    let names: Vec<_> = segments.map(|it| it.ident.unraw().to_string()).collect();
    names.join("::")
}

/// What writes a field's default, for files that lack it.
fn fallback(model: &Model<'_>, shape: &Shape<'_>, part: &Part<'_>) -> TokenStream {
    let Some(default) = &part.default else {
        return quote!(::core::option::Option::None);
    };
    let krate = model.krate();
    let ty = &part.field.ty;
    let value = default_value(part, default);
    let save = save_one(model, shape, part, &quote!(&__joblib_value));
    quote! {
        ::core::option::Option::Some(
            |__joblib_writer: &mut #krate::__private::persist::Writer<'_, '_>| {
                let __joblib_value: #ty = #value;
                __joblib_writer.temporary(|__joblib_writer| {
                    #save
                    ::core::result::Result::Ok(())
                })
            },
        )
    }
}

pub(super) fn default_value(part: &Part<'_>, default: &Fallback) -> TokenStream {
    let ty = &part.field.ty;
    let span = default.span().resolved_at(Span::call_site());
    match default {
        Fallback::Default(_) => quote_spanned!(span=> <#ty as ::core::default::Default>::default()),
        Fallback::Path(path) => quote_spanned!(span=> #path()),
    }
}

/// What writes one field, of which `value` is a reference.
fn save_one(
    model: &Model<'_>,
    shape: &Shape<'_>,
    part: &Part<'_>,
    value: &TokenStream,
) -> TokenStream {
    let krate = model.krate();
    let span = span_of(part);
    let told = field::told(model, shape, part);
    let save = match &part.how {
        How::Skip => return TokenStream::new(),
        How::Plain => {
            let of = field::saved(model, part);
            quote_spanned!(span=> #of::save(#value, __joblib_writer)?;)
        }
        How::Serde if model.options.is_write_only => {
            quote_spanned!(span=> __joblib_writer.serde_unread(#told, #value)?;)
        }
        How::Serde => {
            let of = field::described(model, part);
            quote_spanned!(span=> #of::save(#value, #told, __joblib_writer)?;)
        }
        How::With(path) => {
            let function = within(path, "serialize");
            let ty = &part.field.ty;
            match model.options.is_write_only {
                true => quote! {
                    __joblib_writer.with_unread(#told, |__joblib_serializer| {
                        #function(#value, __joblib_serializer)
                    })?;
                },
                false => {
                    let read = field::read_with(part, path);
                    quote! {
                        __joblib_writer.with(
                            #told,
                            #value,
                            |__joblib_value: &#ty, __joblib_serializer| {
                                #function(__joblib_value, __joblib_serializer)
                            },
                            #read,
                        )?;
                    }
                }
            }
        }
    };
    match &part.compress {
        None => save,
        Some(compress) => quote! {
            __joblib_writer.compressing(#krate::persist::Compress::#compress, |__joblib_writer| {
                #save
                ::core::result::Result::Ok(())
            })?;
        },
    }
}

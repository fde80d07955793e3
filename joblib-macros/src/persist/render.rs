//! The implementations: how the type is described, written, read and found in
//! a map. What can be decided once is the runtime's.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Fields, GenericParam, Type, WhereClause, parse_quote};

use super::args::{Fallback, How, whole};
use super::field::{self, forever, span_of};
use super::keys::keys;
use super::model::{Model, Part, Shape};
use crate::fed::Use;

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
fn wrong() -> TokenStream {
    quote!(::core::unimplemented!())
}

fn saving(model: &Model<'_>) -> TokenStream {
    let arms = model.shapes.iter().enumerate().map(|(number, shape)| {
        let pattern = pattern(shape);
        let number = number_of(number, shape);
        let number = number.map(|number| quote!(__joblib_writer.varint(#number);));
        let saves = shape.written().map(|part| {
            let binding = &part.binding;
            save_one(model, part, &quote!(#binding))
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

/// The implementation of `Persist`, unless the type is only written.
pub(super) fn persist(model: &Model<'_>) -> Option<TokenStream> {
    if model.options.is_write_only {
        return None;
    }
    let krate = model.krate();
    let ident = &model.input.ident;
    let (impl_generics, type_generics, _) = model.input.generics.split_for_impl();
    let bounds = bounds(model);
    let view = view_type(model);
    let (load, viewed) = match model.is_wrong {
        true => (wrong(), wrong()),
        false => (loaded(model), viewed(model)),
    };
    // What leaves out a field is another value where it is read.
    let is_whole = model
        .shapes
        .iter()
        .all(|shape| shape.parts.iter().all(|it| !it.is_skipped()));
    let whole = is_whole.then(|| {
        quote! {
            #[automatically_derived]
            impl #impl_generics #krate::__private::persist::Whole for #ident #type_generics
            #bounds
            {
            }
        }
    });
    Some(quote! {
        #whole

        #[automatically_derived]
        impl #impl_generics #krate::persist::Persist for #ident #type_generics #bounds {
            type View<'__joblib, __JoblibMode: #krate::persist::Mode> = #view;
            type Views<'__joblib, __JoblibMode: #krate::persist::Mode> =
                #krate::__private::Vec<#view>;

            fn load(
                __joblib_reader: &mut #krate::__private::persist::Reader<'_>,
            ) -> ::core::result::Result<Self, #krate::persist::Error> {
                #load
            }

            fn view<'__joblib, __JoblibMode: #krate::persist::Mode>(
                __joblib_viewer: &mut #krate::__private::persist::Viewer<'__joblib, __JoblibMode>,
            ) -> ::core::result::Result<
                Self::View<'__joblib, __JoblibMode>,
                #krate::persist::Error,
            > {
                #viewed
            }

            fn view_many<'__joblib, __JoblibMode: #krate::persist::Mode>(
                __joblib_viewer: &mut #krate::__private::persist::Viewer<'__joblib, __JoblibMode>,
            ) -> ::core::result::Result<
                Self::Views<'__joblib, __JoblibMode>,
                #krate::persist::Error,
            > {
                __joblib_viewer.many::<Self>()
            }
        }
    })
}

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
        let default = fallback(model, part);
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

/// What writes a field's default, for files that lack it.
fn fallback(model: &Model<'_>, part: &Part<'_>) -> TokenStream {
    let Some(default) = &part.default else {
        return quote!(::core::option::Option::None);
    };
    let krate = model.krate();
    let ty = &part.field.ty;
    let value = default_value(part, default);
    let save = save_one(model, part, &quote!(&__joblib_value));
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

fn default_value(part: &Part<'_>, default: &Fallback) -> TokenStream {
    let ty = &part.field.ty;
    let span = default.span().resolved_at(Span::call_site());
    match default {
        Fallback::Default(_) => quote_spanned!(span=> <#ty as ::core::default::Default>::default()),
        Fallback::Path(path) => quote_spanned!(span=> #path()),
    }
}

/// What writes one field, of which `value` is a reference.
fn save_one(model: &Model<'_>, part: &Part<'_>, value: &TokenStream) -> TokenStream {
    let krate = model.krate();
    let span = span_of(part);
    let save = match &part.how {
        How::Skip => return TokenStream::new(),
        How::Plain => {
            let of = field::saved(model, part);
            quote_spanned!(span=> #of::save(#value, __joblib_writer)?;)
        }
        How::Serde if model.options.is_write_only => {
            quote_spanned!(span=> __joblib_writer.serde(#value)?;)
        }
        How::Serde => {
            let of = field::described(model, part);
            quote_spanned!(span=> #of::save(#value, __joblib_writer)?;)
        }
        How::With(path) => {
            let function = within(path, "serialize");
            quote! {
                __joblib_writer.with(|__joblib_serializer| {
                    #function(#value, __joblib_serializer)
                })?;
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

fn loaded(model: &Model<'_>) -> TokenStream {
    let krate = model.krate();
    let olds = model.options.olds.iter().enumerate().map(|(at, old)| {
        let number = u8_literal(at + 1);
        let span = old.span().resolved_at(Span::call_site());
        let convert = quote_spanned! {span=>
            <Self as ::core::convert::From<#old>>::from(
                <#old as #krate::persist::Persist>::load(__joblib_reader)?,
            )
        };
        quote!(#number => #convert,)
    });
    let own = one_of(model, "__joblib_reader", |shape| {
        let fields = shape.parts.iter().map(|part| {
            let member = &part.member;
            let value = load_one(model, part);
            quote!(#member: #value)
        });
        let path = path(shape);
        quote!(#path { #(#fields),* })
    });
    quote! {
        let __joblib_value = match __joblib_reader.enter()? {
            0 => #own,
            #(#olds)*
            __joblib_other => return __joblib_reader.no_variant(__joblib_other.into()),
        };
        __joblib_reader.leave();
        ::core::result::Result::Ok(__joblib_value)
    }
}

/// What `read` makes of the struct, or of the variant whose number comes
/// first.
fn one_of(
    model: &Model<'_>,
    reader: &str,
    read: impl Fn(&Shape<'_>) -> TokenStream,
) -> TokenStream {
    if !model.is_enum {
        return model.shapes.iter().map(read).collect();
    }
    let reader: TokenStream = match reader {
        "__joblib_viewer" => quote!(__joblib_viewer.reader()),
        _ => quote!(__joblib_reader),
    };
    let arms = model.shapes.iter().enumerate().map(|(number, shape)| {
        let number = proc_macro2::Literal::u64_suffixed(number as u64);
        let value = read(shape);
        quote!(#number => #value,)
    });
    quote! {
        match #reader.varint()? {
            #(#arms)*
            __joblib_other => return #reader.no_variant(__joblib_other),
        }
    }
}

fn load_one(model: &Model<'_>, part: &Part<'_>) -> TokenStream {
    let span = span_of(part);
    match &part.how {
        How::Skip => match &part.default {
            Some(default) => default_value(part, default),
            None => default_value(part, &Fallback::Default(part.field.ty.span())),
        },
        How::Plain => {
            let of = field::loaded(model, part);
            quote_spanned!(span=> #of::load(__joblib_reader)?)
        }
        How::Serde => {
            let of = field::described(model, part);
            quote_spanned!(span=> #of::load(__joblib_reader)?)
        }
        How::With(path) => {
            let function = within(path, "deserialize");
            quote!(__joblib_reader.with(|__joblib_deserializer| {
                #function(__joblib_deserializer)
            })?)
        }
    }
}

fn viewed(model: &Model<'_>) -> TokenStream {
    if !model.has_view() {
        let krate = model.krate();
        return quote!(<Self as #krate::persist::Persist>::load(__joblib_viewer.reader()));
    }
    let view = &model.view;
    let own = one_of(model, "__joblib_viewer", |shape| {
        let fields = shape.written().enumerate().map(|(place, part)| {
            let member = member(place, part);
            let name = match part.name.as_str() {
                "" => place.to_string(),
                name => name.to_owned(),
            };
            let value = view_one(model, part);
            quote!(#member: { __joblib_viewer.at(#name); #value })
        });
        let path = match shape.variant {
            Some(variant) => quote!(#view::#variant),
            None => quote!(#view),
        };
        quote!(#path { #(#fields),* })
    });
    quote! {
        if __joblib_viewer.reader().enter()? != 0 {
            return ::core::result::Result::Err(
                __joblib_viewer.unmappable("it is in the file as an older type"),
            );
        }
        let __joblib_value = #own;
        __joblib_viewer.reader().leave();
        ::core::result::Result::Ok(__joblib_value)
    }
}

fn view_one(model: &Model<'_>, part: &Part<'_>) -> TokenStream {
    let span = span_of(part);
    match &part.how {
        How::Plain | How::Skip => {
            let of = field::loaded(model, part);
            quote_spanned!(span=> #of::view(__joblib_viewer)?)
        }
        How::Serde => {
            let of = field::described(model, part);
            quote_spanned!(span=> #of::load(__joblib_viewer.reader())?)
        }
        How::With(path) => {
            let function = within(path, "deserialize");
            quote!(__joblib_viewer.reader().with(|__joblib_deserializer| {
                #function(__joblib_deserializer)
            })?)
        }
    }
}

/// The type that shows the value in a map.
pub(super) fn view_type(model: &Model<'_>) -> TokenStream {
    if !model.has_view() {
        return quote!(Self);
    }
    let view = &model.view;
    let parameters = model.input.generics.params.iter();
    let arguments = parameters.map(|parameter| match parameter {
        GenericParam::Lifetime(it) => {
            let lifetime = &it.lifetime;
            quote!(#lifetime)
        }
        GenericParam::Type(it) => {
            let name = &it.ident;
            quote!(#name)
        }
        GenericParam::Const(it) => {
            let name = &it.ident;
            quote!(#name)
        }
    });
    quote!(#view<'__joblib, #(#arguments,)* __JoblibMode>)
}

/// The name of a field in the view: what is skipped leaves no place empty.
pub(super) fn member(place: usize, part: &Part<'_>) -> syn::Member {
    match &part.field.ident {
        Some(ident) => ident.clone().into(),
        None => place.into(),
    }
}

fn pattern(shape: &Shape<'_>) -> TokenStream {
    let path = path(shape);
    let fields = shape.written().map(|part| {
        let (member, binding) = (&part.member, &part.binding);
        quote!(#member: #binding)
    });
    quote!(#path { #(#fields,)* .. })
}

fn path(shape: &Shape<'_>) -> TokenStream {
    match shape.variant {
        Some(variant) => quote!(Self::#variant),
        None => quote!(Self),
    }
}

/// The number of a variant.
fn number_of(number: usize, shape: &Shape<'_>) -> Option<TokenStream> {
    let number = proc_macro2::Literal::u64_suffixed(number as u64);
    shape.variant.map(|_| quote!(#number))
}

fn u8_literal(number: usize) -> proc_macro2::Literal {
    proc_macro2::Literal::usize_unsuffixed(number)
}

/// The function `name` of a module, to be blamed on the module.
fn within(module: &syn::Path, name: &str) -> TokenStream {
    let last = module.segments.last().map(|it| it.ident.span());
    let span = last.unwrap_or_else(Span::call_site);
    let name = Ident::new(name, span);
    quote_spanned!(span=> #module::#name)
}

fn path_name(path: &syn::Path) -> String {
    let segments = path.segments.iter();
    let names: Vec<_> = segments.map(|it| it.ident.unraw().to_string()).collect();
    names.join("::")
}

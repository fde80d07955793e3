//! The implementation of `Persist`: how the type is read, and found in a map.
//! What can be decided once is the runtime's.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::GenericParam;
use syn::spanned::Spanned;

use super::args::{Fallback, How};
use super::bounds::bounds;
use super::field::{self, span_of};
use super::model::{Model, Part, Shape};
use super::save::{default_value, wrong};

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
            let value = load_one(model, shape, part);
            quote!(#member: #value)
        });
        let path = shape.path();
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

fn u8_literal(number: usize) -> proc_macro2::Literal {
    proc_macro2::Literal::usize_unsuffixed(number)
}

fn load_one(model: &Model<'_>, shape: &Shape<'_>, part: &Part<'_>) -> TokenStream {
    let span = span_of(part);
    let told = field::told(model, shape, part);
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
            quote_spanned!(span=> #of::load(#told, __joblib_reader)?)
        }
        How::With(path) => {
            let read = field::read_with(part, path);
            quote!(__joblib_reader.with(#told, #read, #read)?)
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
            let value = view_one(model, shape, part);
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

fn view_one(model: &Model<'_>, shape: &Shape<'_>, part: &Part<'_>) -> TokenStream {
    let span = span_of(part);
    let told = field::told(model, shape, part);
    match &part.how {
        How::Plain | How::Skip => {
            let of = field::loaded(model, part);
            quote_spanned!(span=> #of::view(__joblib_viewer)?)
        }
        How::Serde => {
            let of = field::described(model, part);
            quote_spanned!(span=> #of::load(#told, __joblib_viewer.reader())?)
        }
        How::With(path) => {
            let read = field::read_with(part, path);
            quote!(__joblib_viewer.reader().with(#told, #read, #read)?)
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

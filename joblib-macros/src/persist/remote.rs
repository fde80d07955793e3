//! Renders what a type with `#[persist(remote = Type)]` is for: to write and to build values
//! of another crate's type, which has the same fields. A field of that type is written by
//! `#[persist(remote = Definition)]`.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Path, PathArguments, Type};

use super::bounds::ExtraBounds;
use super::field::span_of;
use super::model::{FieldModel, Model, Shape};
use super::save::{framed, save_one, skipped};

/// Returns the implementations by which a field of the other type is written and read.
pub(super) fn definition(model: &Model<'_>, bounds: &ExtraBounds) -> Option<TokenStream> {
    let remote = model.options.remote.as_ref()?;
    if model.is_wrong {
        return None;
    }
    let (krate, derived) = (model.krate(), model.derived());
    let ident = &model.ident;
    let (impl_generics, type_generics, _) = model.generics.split_for_impl();
    let (of_save, of_persist) = (bounds.of_save(model), bounds.of_persist(model));
    let path = path_of(remote);
    let arms = model.shapes.iter().map(|shape| arm(model, shape, &path));
    let value = value();
    let fields = match model.shapes.is_empty() {
        true => quote!(match *#value {}),
        false => quote!(match #value { #(#arms)* }),
    };
    let body = framed(model, &fields);
    let read = (!model.options.is_write_only).then(|| {
        let convert = convert(model, remote, &path);
        quote! {
            #[automatically_derived]
            impl #impl_generics #derived::RemoteDefinition for #ident #type_generics #of_persist {
                fn into_remote(self) -> #remote {
                    #convert
                }
            }
        }
    });
    Some(quote! {
        #[automatically_derived]
        impl #impl_generics #derived::SaveRemote for #ident #type_generics #of_save {
            type Remote = #remote;

            fn save_remote<'__joblib>(
                #value: &'__joblib #remote,
                __joblib_writer: &mut #derived::BodyWriter<'__joblib, '_>,
            ) -> ::core::result::Result<(), #krate::persist::Error> {
                #body
            }
        }

        #read
    })
}

/// Returns the type by which a field with `remote = Definition` is written.
pub(super) fn field_type(krate: &TokenStream, definition: &Path) -> Type {
    let span = definition.span().resolved_at(Span::call_site());
    let ty = quote_spanned!(span=> #krate::__private::persist::RemoteField<#definition>);
    syn::parse2(ty).expect("a path with an argument is a type")
}

/// Returns the reference to the wrapped field behind the reference `value`.
pub(super) fn wrapped(
    model: &Model<'_>,
    part: &FieldModel<'_>,
    value: &TokenStream,
) -> TokenStream {
    let derived = model.derived();
    match &part.remote {
        None => value.clone(),
        Some(definition) => {
            let span = span_of(part);
            quote_spanned!(span=> #derived::RemoteField::<#definition>::of(#value))
        }
    }
}

/// Returns the field's value from the wrapped `value`.
pub(super) fn unwrapped(part: &FieldModel<'_>, value: TokenStream) -> TokenStream {
    match &part.remote {
        None => value,
        Some(_) => quote!((#value).into_remote()),
    }
}

/// The parameter that is the value of the other type.
fn value() -> Ident {
    Ident::new("__joblib_remote", Span::call_site())
}

/// Returns the match arm that writes one shape of the other type.
fn arm(model: &Model<'_>, shape: &Shape<'_>, remote: &TokenStream) -> TokenStream {
    let derived = model.derived();
    let path = shape_path(shape, remote);
    if shape.is_skipped {
        let skipped = skipped(model, shape);
        return quote!(#path { .. } => #skipped,);
    }
    // Every field is named, so that none is left out, unless some cannot be named.
    let is_opaque = shape.parts.iter().any(|part| part.getter.is_some());
    let fields = shape.parts.iter().filter(|part| part.getter.is_none());
    let fields = fields.map(|part| {
        let (member, binding) = (&part.member, &part.binding);
        match part.is_skipped() {
            true => quote!(#member: _),
            false => quote!(#member: #binding),
        }
    });
    let rest = is_opaque.then(|| quote!(..));
    let number = shape.number.map(proc_macro2::Literal::u64_suffixed);
    let number = number.iter();
    let saves = shape.written().map(|part| match &part.getter {
        None => {
            let binding = &part.binding;
            save_one(model, shape, part, &quote!(#binding))
        }
        Some(getter) => {
            let (ty, value) = (&part.field.ty, value());
            let span = getter.span().resolved_at(Span::call_site());
            let got = quote_spanned!(span=> #getter(#value));
            let field = quote_spanned!(span=> #derived::constrained::<#ty>(&__joblib_got));
            let save = save_one(model, shape, part, &field);
            quote! {
                let __joblib_got = #got;
                #derived::BodyWriter::temporary(__joblib_writer, |__joblib_writer| {
                    #save
                    ::core::result::Result::Ok(())
                })?;
            }
        }
    });
    quote! {
        #path { #(#fields,)* #rest } => {
            #(#derived::BodyWriter::varint(__joblib_writer, #number);)*
            #(#saves)*
        }
    }
}

/// Returns the expression that turns `self` into the other type.
fn convert(model: &Model<'_>, remote: &Type, path: &TokenStream) -> TokenStream {
    if model.parts().any(|part| part.getter.is_some()) {
        let span = remote.span().resolved_at(Span::call_site());
        return quote_spanned!(span=> <#remote as ::core::convert::From<Self>>::from(self));
    }
    if model.shapes.is_empty() {
        return quote!(match self {});
    }
    let arms = model.shapes.iter().map(|shape| {
        let (own, other) = (shape.path(&model.ident), shape_path(shape, path));
        let fields: Vec<_> = shape
            .parts
            .iter()
            .map(|part| {
                let (member, binding) = (&part.member, &part.binding);
                quote!(#member: #binding)
            })
            .collect();
        quote!(#own { #(#fields),* } => #other { #(#fields),* },)
    });
    quote!(match self { #(#arms)* })
}

fn shape_path(shape: &Shape<'_>, remote: &TokenStream) -> TokenStream {
    match &shape.ident {
        Some(variant) => quote!(#remote::#variant),
        None => remote.clone(),
    }
}

/// Returns the path of a type for patterns, in which the arguments are inferred.
fn path_of(remote: &Type) -> TokenStream {
    match super::meta::whole(remote) {
        Type::Path(ty) if ty.qself.is_none() => {
            let mut path = ty.path.clone();
            for segment in &mut path.segments {
                segment.arguments = PathArguments::None;
            }
            path.to_token_stream()
        }
        other => other.to_token_stream(),
    }
}

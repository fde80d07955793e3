//! The code of the implementation.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Data, DeriveInput, Field, Fields, Generics, Member, Path};

use super::attributes::{self, Options};
use super::definition;
use crate::errors::Errors;
use crate::fed::Use;
use crate::source::{package, type_place};

/// A struct, or a variant of an enum.
pub(super) struct Shape<'a> {
    pub(super) variant: Option<&'a Ident>,
    pub(super) fields: Vec<Part<'a>>,
}

/// A field.
pub(super) struct Part<'a> {
    pub(super) member: Member,
    pub(super) field: &'a Field,
    pub(super) skipped: bool,
}

/// The implementation of `Key` for a struct or an enum.
pub(super) fn implementation(
    input: &DeriveInput,
    options: &Options,
    errors: &mut Errors,
) -> TokenStream {
    let krate = &options.krate;
    let shapes = shapes(&input.data, errors);
    let fed = shapes.iter().flat_map(|shape| &shape.fields);
    let fed = fed.filter(|part| !part.skipped).map(|part| &part.field.ty);
    let parameters = Use::new(&input.generics, fed);
    let (impl_generics, type_generics, _) = input.generics.split_for_impl();
    let bounds = parameters.bounds(&quote!(#krate::__private::key::Key));
    let tags = tags(&input.generics, &parameters, krate);
    let (ident, name) = (&input.ident, input.ident.unraw().to_string());
    let digest = definition::digest(&shapes);
    let (package, place) = (package(), place(ident));
    let body = body(&shapes, krate);
    quote! {
        const _: () = {
            struct __JoblibHere;

            #[automatically_derived]
            impl #impl_generics #krate::__private::key::Key for #ident #type_generics #bounds {
                fn feed_type(__joblib_hasher: &mut #krate::__private::key::KeyHasher) {
                    static DECLARED: #krate::__private::key::Declared =
                        #krate::__private::key::Declared::new::<__JoblibHere>(
                            #package, ::core::module_path!(), #name, #digest, #place,
                        );
                    __joblib_hasher.declared(&DECLARED);
                    #tags
                }

                fn feed(&self, __joblib_hasher: &mut #krate::__private::key::KeyHasher) {
                    #[allow(unused_imports)]
                    use #krate::__private::key::dispatch::*;
                    #body
                }
            }
        };
    }
}

/// The place of the type, if it stands inside a function.
fn place(ident: &Ident) -> TokenStream {
    match type_place(ident) {
        Some(place) => quote!(::core::option::Option::Some(#place)),
        None => quote!(::core::option::Option::None),
    }
}

/// Feeds the parameters, after the tag of the type.
fn tags(generics: &Generics, parameters: &Use<'_>, krate: &Path) -> TokenStream {
    let key = quote!(#krate::__private::key);
    let types = generics.type_params().map(|it| {
        let name = &it.ident;
        if parameters.has(name) {
            quote!(<#name as #key::Key>::feed_type(__joblib_hasher);)
        } else {
            quote!(__joblib_hasher.type_name::<#name>();)
        }
    });
    let constants = generics.const_params().map(|it| {
        let name = &it.ident;
        quote!(#key::feed_typed(&#name, __joblib_hasher);)
    });
    quote!(#(#types)* #(#constants)*)
}

fn shapes<'a>(data: &'a Data, errors: &mut Errors) -> Vec<Shape<'a>> {
    let mut shape = |variant, fields| Shape {
        variant,
        fields: parts(fields, errors),
    };
    match data {
        Data::Struct(data) => vec![shape(None, &data.fields)],
        Data::Enum(data) => data
            .variants
            .iter()
            .map(|variant| shape(Some(&variant.ident), &variant.fields))
            .collect(),
        Data::Union(_) => Vec::new(),
    }
}

fn parts<'a>(fields: &'a Fields, errors: &mut Errors) -> Vec<Part<'a>> {
    let parts = fields.members().zip(fields);
    parts
        .map(|(member, field)| Part {
            member,
            field,
            skipped: attributes::is_skipped(field, errors),
        })
        .collect()
}

fn body(shapes: &[Shape<'_>], krate: &Path) -> TokenStream {
    let arms = shapes.iter().enumerate().map(|(index, shape)| {
        let path = match shape.variant {
            Some(variant) => quote!(Self::#variant),
            None => quote!(Self),
        };
        // A struct has one shape, which needs no number.
        let number = shape.variant.map(|_| {
            let index = index as u64;
            quote!(__joblib_hasher.write_u64(#index);)
        });
        let fed = shape.fields.iter().filter(|part| !part.skipped);
        let (patterns, feeds): (Vec<_>, Vec<_>) = fed
            .enumerate()
            .map(|(at, part)| pattern_and_feed(at, part, krate))
            .unzip();
        quote!(#path { #(#patterns,)* .. } => { #number #(#feeds)* })
    });
    if shapes.is_empty() {
        return quote!(match *self {});
    }
    quote!(match self { #(#arms)* })
}

/// The pattern that binds a field, and the call that feeds it.
///
/// Errors are told at the type of the field. Names are those of this code, also
/// where a macro wrote the type, whose own names would be others.
fn pattern_and_feed(at: usize, part: &Part<'_>, krate: &Path) -> (TokenStream, TokenStream) {
    let member = &part.member;
    let span = part.field.ty.span().resolved_at(Span::call_site());
    let binding = format_ident!("__joblib_{at}", span = span);
    let argument = quote_spanned!(span=> #krate::__private::key::dispatch::Argument);
    let feed = quote_spanned! {span=>
        (&&&&#argument(#binding)).feed_field(__joblib_hasher);
    };
    (quote!(#member: #binding), feed)
}

//! Generates the implementation of `Key`.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Data, DeriveInput, Field, Fields, Generics, Member, Path, WhereClause, WherePredicate};

use super::attributes::{self, KeyOptions};
use super::definition;
use crate::bounds::ParamUse;
use crate::errors::ErrorList;
use crate::lints::{hygienic, hygienic_generics, lints};
use crate::packed::is_packed;
use crate::source::{package, type_location};

/// A struct, or a variant of an enum.
pub(super) struct Shape<'a> {
    pub(super) variant: Option<&'a Ident>,
    pub(super) fields: Vec<KeyField<'a>>,
}

/// A field.
pub(super) struct KeyField<'a> {
    pub(super) member: Member,
    pub(super) field: &'a Field,
    pub(super) skipped: bool,
}

/// Returns the implementation of `Key` for a struct or an enum.
pub(super) fn implementation(
    input: &DeriveInput,
    options: &KeyOptions,
    errors: &mut ErrorList,
) -> TokenStream {
    let krate = &options.krate;
    let shapes = shapes(&input.data, errors);
    let fed = shapes.iter().flat_map(|shape| &shape.fields);
    let fed = fed.filter(|part| !part.skipped).map(|part| &part.field.ty);
    let generics = hygienic_generics(&input.generics);
    let parameters = match &options.bound {
        Some(stated) => ParamUse::stated(&generics, stated),
        None => ParamUse::new(&generics, fed),
    };
    let (impl_generics, type_generics, _) = generics.split_for_impl();
    let bounds = match &options.bound {
        Some(stated) => with_bounds(&generics, stated),
        None => parameters.bounds(&quote!(#krate::__private::key::Key)),
    };
    let tags = tags(&generics, &parameters, krate);
    let (ident, name) = (hygienic(&input.ident), input.ident.unraw().to_string());
    let digest = definition::digest(&shapes);
    let (package, location) = (package(), location(&input.ident));
    let body = body(&shapes, is_packed(&input.attrs), krate);
    let lints = lints(&input.attrs);
    quote! {
        #(#lints)*
        const _: () = {
            struct __JoblibHere;

            #[automatically_derived]
            impl #impl_generics #krate::__private::key::Key for #ident #type_generics #bounds {
                fn feed_type(__joblib_hasher: &mut #krate::__private::key::KeyHasher) {
                    static __JOBLIB_DECLARED: #krate::__private::key::TypeDeclaration =
                        #krate::__private::key::TypeDeclaration::new::<__JoblibHere>(
                            #package, ::core::module_path!(), #name, #digest, #location,
                        );
                    #krate::__private::key::KeyHasher::declared(__joblib_hasher, &__JOBLIB_DECLARED);
                    #tags
                }

                fn feed(&self, __joblib_hasher: &mut #krate::__private::key::KeyHasher) {
                    use #krate::__private::key::select::*;
                    #body
                }
            }
        };
    }
}

/// Returns the source location of a type that is declared inside a function, as
/// an `Option` expression.
fn location(ident: &Ident) -> TokenStream {
    match type_location(ident) {
        Some(place) => quote!(::core::option::Option::Some(#place)),
        None => quote!(::core::option::Option::None),
    }
}

/// Returns the statements that feed the generic parameters, after the tag of
/// the type.
fn tags(generics: &Generics, parameters: &ParamUse<'_>, krate: &Path) -> TokenStream {
    let key = quote!(#krate::__private::key);
    let types = generics.type_params().map(|it| {
        let name = &it.ident;
        if parameters.has(name) {
            quote!(<#name as #key::Key>::feed_type(__joblib_hasher);)
        } else {
            quote!(#key::KeyHasher::type_name::<#name>(__joblib_hasher);)
        }
    });
    let constants = generics.const_params().map(|it| {
        let name = &it.ident;
        quote!(#key::feed_typed(&#name, __joblib_hasher);)
    });
    quote!(#(#types)* #(#constants)*)
}

fn shapes<'a>(data: &'a Data, errors: &mut ErrorList) -> Vec<Shape<'a>> {
    let mut shape = |variant, fields| Shape {
        variant,
        fields: key_fields(fields, errors),
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

fn key_fields<'a>(fields: &'a Fields, errors: &mut ErrorList) -> Vec<KeyField<'a>> {
    let parts = fields.members().zip(fields);
    parts
        .map(|(member, field)| KeyField {
            member,
            field,
            skipped: attributes::is_skipped(field, errors),
        })
        .collect()
}

/// Returns the `where` clause of the type, extended by the user's predicates.
fn with_bounds(generics: &Generics, stated: &[WherePredicate]) -> Option<WhereClause> {
    let mut generics = generics.clone();
    let clause = generics.make_where_clause();
    clause.predicates.extend(stated.iter().cloned());
    generics.where_clause
}

fn body(shapes: &[Shape<'_>], is_packed: bool, krate: &Path) -> TokenStream {
    let arms = shapes.iter().enumerate().map(|(index, shape)| {
        let path = match shape.variant {
            Some(variant) => {
                let variant = hygienic(variant);
                quote!(Self::#variant)
            }
            None => quote!(Self),
        };
        // A struct has only one shape, so only variants feed a number.
        let number = shape.variant.map(|_| {
            let index = index as u64;
            quote!(#krate::__private::key::KeyHasher::write_u64(__joblib_hasher, #index);)
        });
        let fed = shape.fields.iter().filter(|part| !part.skipped);
        let (patterns, feeds): (Vec<_>, Vec<_>) = fed
            .enumerate()
            .map(|(at, part)| pattern_and_feed(at, part, is_packed, krate))
            .unzip();
        quote!(#path { #(#patterns,)* .. } => { #number #(#feeds)* })
    });
    if shapes.is_empty() {
        return quote!(match *self {});
    }
    // Fields of a packed type cannot be borrowed, so the pattern copies them.
    match is_packed {
        true => quote!(match *self { #(#arms)* }),
        false => quote!(match self { #(#arms)* }),
    }
}

/// Returns the pattern that binds a field, and the statement that feeds it.
///
/// Errors point to the type of the field. All names have call-site hygiene, so
/// that they also resolve if a macro generated the type.
fn pattern_and_feed(
    at: usize,
    part: &KeyField<'_>,
    is_packed: bool,
    krate: &Path,
) -> (TokenStream, TokenStream) {
    let member = match &part.member {
        Member::Named(ident) => Member::Named(hygienic(ident)),
        Member::Unnamed(index) => Member::Unnamed(index.clone()),
    };
    let span = part.field.ty.span().resolved_at(Span::call_site());
    let binding = format_ident!("__joblib_{at}", span = span);
    let argument = quote_spanned!(span=> #krate::__private::key::select::KeyProbe);
    let reference = is_packed.then(|| quote!(&));
    let feed = quote_spanned! {span=>
        (&&&&#argument(#reference #binding)).__joblib_feed_field(__joblib_hasher);
    };
    (quote!(#member: #binding), feed)
}

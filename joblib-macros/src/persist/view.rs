//! The type that shows a value in a map: the same fields, each as its view.

use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote};
use syn::ext::IdentExt;
use syn::{Fields, GenericParam, Generics, WhereClause, parse_quote};

use super::args::How;
use super::bounds::{bounds, plain};
use super::field;
use super::keys::keys;
use super::load::view_type;
use super::model::{Model, Part, Shape};
use crate::fed::Use;

/// The type, or another name of the value's own where it shows itself.
pub(super) fn definition(model: &Model<'_>) -> Option<TokenStream> {
    if model.options.is_write_only {
        return None;
    }
    if !model.has_view() {
        return Some(itself(model));
    }
    let krate = model.krate();
    let (visibility, view) = (model.visibility(), &model.view);
    let parameters = parameters(&model.input.generics);
    let bounds = bounds(model);
    let doc = format!("A [`{}`] in a mapped file.", model.input.ident);
    let generics = quote! {
        <'__joblib, #(#parameters,)* __JoblibMode: #krate::persist::Mode = #krate::persist::ReadOnly>
    };
    let attributes = quote! {
        #[doc = #doc]
        #[allow(
            dead_code,
            deprecated,
            missing_docs,
            clippy::type_complexity,
            clippy::large_enum_variant,
            single_use_lifetimes
        )]
        #[automatically_derived]
    };
    if model.is_enum {
        let variants = model.shapes.iter().map(|shape| {
            let variant = shape.variant;
            let fields = fields(model, shape, false);
            quote!(#variant #fields)
        });
        return Some(quote! {
            #attributes
            #visibility enum #view #generics #bounds { #(#variants,)* }
        });
    }
    let shape = &model.shapes[0];
    let fields = fields(model, shape, true);
    Some(match shape.fields {
        Fields::Named(_) => quote!(#attributes #visibility struct #view #generics #bounds #fields),
        _ => quote!(#attributes #visibility struct #view #generics #fields #bounds;),
    })
}

/// The implementation of `Debug` for the type.
pub(super) fn debug(model: &Model<'_>) -> Option<TokenStream> {
    if model.options.is_write_only || !model.has_view() {
        return None;
    }
    let krate = model.krate();
    let (view, bounds) = (view_type(model), debug_bounds(model));
    let parameters = parameters(&model.input.generics);
    let arms = model.shapes.iter().map(|shape| shown(model, shape));
    Some(quote! {
        #[automatically_derived]
        impl<'__joblib, #(#parameters,)* __JoblibMode: #krate::persist::Mode> ::core::fmt::Debug
            for #view
        #bounds
        {
            fn fmt(&self, __joblib_f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                #[allow(unused_imports)]
                use #krate::__private::persist::Unshown as _;
                match self { #(#arms)* }
            }
        }
    })
}

/// The `where` clause of that implementation. What is made of parameters has
/// `Debug` here only if they have: what each stands for is known later.
fn debug_bounds(model: &Model<'_>) -> Option<WhereClause> {
    let krate = model.krate();
    let generics = &model.input.generics;
    let mut bounded = generics.clone();
    bounded.where_clause = bounds(model);
    let mut has_debug = |ty: TokenStream| {
        let bound = parse_quote!(#ty: ::core::fmt::Debug);
        bounded.make_where_clause().predicates.push(bound);
    };
    for ty in Use::new(generics, plain(model)).types() {
        let of = quote!(<#ty as #krate::persist::Persist>);
        has_debug(quote!(#of::View<'__joblib, __JoblibMode>));
        has_debug(quote!(#of::Views<'__joblib, __JoblibMode>));
    }
    for (key, _) in keys(generics, plain(model)) {
        has_debug(key.into_token_stream());
    }
    let owned = model.written().filter(|part| is_owned(part));
    for ty in Use::new(generics, owned.map(|part| &part.field.ty)).types() {
        has_debug(ty);
    }
    bounded.where_clause
}

/// Whether a view has the field as the value has it.
fn is_owned(part: &Part<'_>) -> bool {
    matches!(part.how, How::Serde | How::With(_))
}

/// The arm that shows one shape of the type.
fn shown(model: &Model<'_>, shape: &Shape<'_>) -> TokenStream {
    let krate = model.krate();
    let shown = quote!(#krate::__private::persist::Shown);
    let name = shape.variant.unwrap_or(&model.view).unraw().to_string();
    let path = match shape.variant {
        Some(variant) => quote!(Self::#variant),
        None => quote!(Self),
    };
    let bindings = || (0..shape.written().count()).map(|place| format_ident!("__joblib_{place}"));
    let (binding, value) = (bindings(), bindings());
    match shape.fields {
        Fields::Named(_) => {
            let fields = || shape.written().filter_map(|part| part.field.ident.as_ref());
            let (field, label) = (fields(), fields().map(|it| it.unraw().to_string()));
            quote! {
                #path { #(#field: #binding),* } => __joblib_f.debug_struct(#name)
                    #(.field(#label, &#shown(#value).shown()))*
                    .finish(),
            }
        }
        Fields::Unnamed(_) => quote! {
            #path(#(#binding),*) => __joblib_f.debug_tuple(#name)
                #(.field(&#shown(#value).shown()))*
                .finish(),
        },
        Fields::Unit => quote!(#path => __joblib_f.write_str(#name),),
    }
}

fn itself(model: &Model<'_>) -> TokenStream {
    let krate = model.krate();
    let (visibility, view, ident) = (model.visibility(), &model.view, &model.input.ident);
    let doc = format!("A [`{ident}`] in a mapped file, which is one itself.");
    let parameters = parameters(&model.input.generics).map(|mut parameter| {
        match &mut parameter {
            GenericParam::Type(it) => it.bounds.clear(),
            GenericParam::Lifetime(it) => it.bounds.clear(),
            GenericParam::Const(_) => {}
        }
        parameter
    });
    let (_, generics, _) = model.input.generics.split_for_impl();
    quote! {
        #[doc = #doc]
        #[allow(dead_code, deprecated)]
        #visibility type #view<'__joblib, #(#parameters,)* __JoblibMode = #krate::persist::ReadOnly> =
            <#ident #generics as #krate::persist::Persist>::View<'__joblib, __JoblibMode>;
    }
}

/// The parameters of the type, without their defaults: its own last one has
/// one.
fn parameters(generics: &Generics) -> impl Iterator<Item = GenericParam> {
    generics.params.iter().map(|parameter| {
        let mut parameter = parameter.clone();
        match &mut parameter {
            GenericParam::Type(it) => it.default = None,
            GenericParam::Const(it) => it.default = None,
            GenericParam::Lifetime(_) => {}
        }
        parameter
    })
}

fn fields(model: &Model<'_>, shape: &Shape<'_>, are_visible: bool) -> TokenStream {
    let fields = shape.written().map(|part| {
        let visibility = are_visible.then_some(&part.field.vis);
        let ty = view_of(model, part);
        match &part.field.ident {
            Some(ident) => {
                let doc = format!("`{ident}` in the file.");
                quote!(#[doc = #doc] #visibility #ident: #ty)
            }
            None => quote!(#visibility #ty),
        }
    });
    match shape.fields {
        Fields::Named(_) => quote!({ #(#fields),* }),
        Fields::Unnamed(_) => quote!((#(#fields),*)),
        Fields::Unit => TokenStream::new(),
    }
}

fn view_of(model: &Model<'_>, part: &Part<'_>) -> TokenStream {
    match is_owned(part) {
        true => part.field.ty.to_token_stream(),
        false => field::viewed(model, part),
    }
}

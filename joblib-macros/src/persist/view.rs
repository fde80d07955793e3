//! Renders the view type of a value, which has the same fields, each as its view.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::ext::IdentExt;
use syn::{Fields, GenericParam, Generics, Member};

use super::bounds::ExtraBounds;
use super::map_view::{field_view, view_type};
use super::model::{Model, Shape, ViewDebug};
use crate::lints::lints;

/// Returns the view type, or an alias if the view is not a separate type.
pub(super) fn definition(model: &Model<'_>, bounds: &ExtraBounds) -> Option<TokenStream> {
    if model.options.is_write_only {
        return None;
    }
    if model.view_kind() != ViewDebug::View {
        return Some(other_name(model));
    }
    let krate = model.krate();
    let (visibility, view) = (model.visibility(), &model.view);
    let parameters = parameters(&model.generics);
    let bounds = bounds.of_view(model);
    let doc = format!(
        "A [`{}`] in a mapped file; `#[persist(view = Name)]` renames this type.",
        model.ident
    );
    let generics = quote! {
        <'__joblib, #(#parameters,)* __JoblibMode: #krate::persist::MapMode = #krate::persist::ReadOnly>
    };
    let of_type = model.lints();
    let attributes = quote!(#[doc = #doc] #of_type #[automatically_derived]);
    if model.is_enum {
        let variants = model.in_files().map(|shape| {
            let name = &shape.ident;
            let lints = shape.variant.map(|it| lints(&it.attrs)).unwrap_or_default();
            let doc = format!("A `{}` in the file.", shape.name);
            let fields = fields(model, shape, false);
            quote!(#[doc = #doc] #(#lints)* #name #fields)
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

/// Returns the implementation of `Debug` for the view.
pub(super) fn debug(model: &Model<'_>, bounds: &ExtraBounds) -> Option<TokenStream> {
    if model.options.is_write_only || model.view_kind() != ViewDebug::View {
        return None;
    }
    let (krate, derived) = (model.krate(), model.derived());
    let (view, bounds) = (view_type(model), bounds.of_debug(model));
    let parameters = parameters(&model.generics);
    let arms = model.in_files().map(|shape| shown(model, shape));
    Some(quote! {
        #[automatically_derived]
        impl<'__joblib, #(#parameters,)* __JoblibMode: #krate::persist::MapMode> ::core::fmt::Debug
            for #view
        #bounds
        {
            fn fmt(
                &self,
                __joblib_f: &mut ::core::fmt::Formatter<'_>,
            ) -> ::core::fmt::Result {
                use #derived::DebugFallback as _;
                match self { #(#arms)* }
            }
        }
    })
}

/// Returns the match arm that formats one shape of the type.
fn shown(model: &Model<'_>, shape: &Shape<'_>) -> TokenStream {
    let derived = model.derived();
    let name = shape.ident.as_ref().unwrap_or(&model.view);
    let name = name.unraw().to_string();
    let path = shape.path(&model.view);
    let bindings = || (0..shape.written().count()).map(|place| format_ident!("__joblib_{place}"));
    let values = bindings().map(|it| quote!(&#derived::DebugOr(#it).__joblib_shown()));
    let bindings = bindings();
    match shape.fields {
        Fields::Named(_) => {
            let fields = || {
                shape.written().filter_map(|part| match &part.member {
                    Member::Named(ident) => Some(ident),
                    Member::Unnamed(_) => None,
                })
            };
            let (field, label) = (fields(), fields().map(|it| it.unraw().to_string()));
            quote! {
                #path { #(#field: #bindings),* } => {
                    #derived::show_struct(__joblib_f, #name, &[#((#label, #values)),*])
                }
            }
        }
        Fields::Unnamed(_) => quote! {
            #path(#(#bindings),*) => #derived::show_tuple(__joblib_f, #name, &[#(#values),*]),
        },
        Fields::Unit => quote!(#path => #derived::show_struct(__joblib_f, #name, &[]),),
    }
}

/// Returns an alias for a view that is not a separate type.
fn other_name(model: &Model<'_>) -> TokenStream {
    let krate = model.krate();
    let (visibility, view, ident) = (model.visibility(), &model.view, &model.ident);
    let doc = format!(
        "The view of a [`{ident}`] in a mapped file; `#[persist(view = Name)]` renames this type."
    );
    let lints = model.lints();
    let parameters = parameters(&model.generics).map(|mut parameter| {
        match &mut parameter {
            GenericParam::Type(it) => it.bounds.clear(),
            GenericParam::Lifetime(it) => it.bounds.clear(),
            GenericParam::Const(_) => {}
        }
        parameter
    });
    let own = model.own();
    quote! {
        #[doc = #doc]
        #lints
        #visibility type #view<'__joblib, #(#parameters,)* __JoblibMode = #krate::persist::ReadOnly> =
            <#own as #krate::persist::Persist>::View<'__joblib, __JoblibMode>;
    }
}

/// Returns the parameters of the type without their defaults, which an `impl` does not
/// allow. Only the mode of the view has a default.
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
        let (ty, lints) = (field_view(model, part), lints(&part.field.attrs));
        match &part.member {
            Member::Named(ident) => {
                let doc = format!("`{ident}` in the file.");
                quote!(#[doc = #doc] #(#lints)* #visibility #ident: #ty)
            }
            Member::Unnamed(_) => quote!(#(#lints)* #visibility #ty),
        }
    });
    match shape.fields {
        Fields::Named(_) => quote!({ #(#fields),* }),
        Fields::Unnamed(_) => quote!((#(#fields),*)),
        Fields::Unit => TokenStream::new(),
    }
}

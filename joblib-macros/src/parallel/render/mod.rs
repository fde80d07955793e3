//! Renders the model: `par` in the companion of the function, and the registration of
//! the function for other processes. Generated code only calls the runtime, which has
//! the logic.

mod assoc_types;
mod call;
mod defer;
mod dynamic_transport;
mod par;
pub(crate) mod register;
pub(crate) mod remote;

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::{GenericParam, Path};

use super::model::Model;
use crate::fn_context::FnContext;
use crate::source::{NameMeaning, Reach};
use crate::type_name;

/// The macro that generates the companion struct of the function.
pub(crate) enum StructOwner {
    /// `#[parallel]`.
    Own,
    /// `#[memoize]` on the same function. The path is that of the attribute that the
    /// other macro removed and expanded.
    Given(Path),
}

impl StructOwner {
    /// Returns a `use` of the removed attribute, whose import would otherwise be unused.
    fn use_attribute(&self) -> Option<TokenStream> {
        match self {
            StructOwner::Own => None,
            StructOwner::Given(path) => Some(quote!(use #path as _;)),
        }
    }
}

/// Returns the items to add next to the annotated function.
pub(crate) fn render(model: &Model, reach: &Reach, struct_owner: &StructOwner) -> TokenStream {
    match model.context {
        FnContext::Free => free(model, reach, struct_owner),
        FnContext::Inherent | FnContext::Trait => method(model, reach, struct_owner),
    }
}

/// Returns the lints that generated items allow, because the user's lint levels are
/// meant for the user's code.
pub(crate) fn allowances() -> TokenStream {
    quote! {
        #[allow(
            warnings,
            deprecated,
            future_incompatible,
            missing_debug_implementations,
            missing_docs,
            non_local_definitions,
            nonstandard_style,
            private_bounds,
            private_interfaces,
            rust_2018_idioms,
            single_use_lifetimes,
            unreachable_pub,
            unused,
            unused_lifetimes,
            unused_qualifications,
            clippy::all,
            clippy::pedantic
        )]
    }
}

fn free(model: &Model, reach: &Reach, struct_owner: &StructOwner) -> TokenStream {
    let (name, vis, allowances) = (model.name(), model.vis(), allowances());
    let conditions: Vec<_> = model.conditions().collect();
    let marker = marker(model);
    let declared = declared_marker(model, &marker);
    let parameters = parameters(model);
    let is_taken = model.meaning == NameMeaning::Taken;
    let structure = (matches!(struct_owner, StructOwner::Own) && !is_taken).then(|| {
        let doc = format!("Calls [`{name}`](fn@{name}) for each of many inputs.");
        quote! {
            #(#conditions)*
            #[doc = #doc]
            #allowances
            #vis struct #name {}
        }
    });
    let doc = format!("Calls [`{name}`](fn@{name}) for each of `inputs`, in parallel.");
    let name_of_par = match is_taken {
        true => type_name::with_ending(name, "par"),
        false => Ident::new("par", name.span()),
    };
    let attribute_use = struct_owner.use_attribute().unwrap_or_default();
    let par = par::par(
        model,
        &name_of_par,
        &doc,
        &quote!(#marker #parameters),
        &attribute_use,
        defer::deferral(model, struct_owner).as_ref(),
    );
    let par_items = match is_taken {
        true => par,
        false => quote!(impl #name { #par }),
    };
    let blocks = register::blocks(model, reach, &quote!(#marker #parameters));
    let blocks = blocks
        .iter()
        .map(|block| quote!(#(#conditions)* #allowances #block));
    quote! {
        #structure

        #(#conditions)*
        #[doc(hidden)]
        #allowances
        #vis #declared

        #(#conditions)*
        #allowances
        #par_items

        #(#blocks)*
    }
}

fn method(model: &Model, reach: &Reach, struct_owner: &StructOwner) -> TokenStream {
    let name = model.plain_name();
    let (conditions, allowances) = (model.conditions(), allowances());
    let doc = format!("Calls [`Self::{name}`] for each of `inputs`, in parallel.");
    let attribute_use = struct_owner.use_attribute();
    let par_name = format_ident!("{name}_par", span = model.name().span());
    let krate = model.krate();
    let deferral = defer::deferral(model, struct_owner);
    let (marker, items) = match &model.self_type {
        Some(self_type) if !model.is_generic_method() => {
            let id = register::method_id(model);
            let marker = quote!(<Self as #krate::__private::task::MethodTask<#id>>::Marker);
            (marker, Some(register::method(model, reach, self_type)))
        }
        Some(self_type) if !model.instances.is_empty() => {
            let marker = register::method_marker(model, &quote!(Self));
            (marker, Some(register::method(model, reach, self_type)))
        }
        _ => (quote!(#krate::__private::task::LocalMethod), None),
    };
    let items = quote!(#attribute_use #allowances #items);
    let par = par::par(model, &par_name, &doc, &marker, &items, deferral.as_ref());
    quote!(#(#conditions)* #allowances #par)
}

/// Returns the name of the type that describes the function to other processes.
fn marker(model: &Model) -> Ident {
    format_ident!("__joblib_parallel_{}", model.plain_name())
}

fn declared_marker(model: &Model, marker: &Ident) -> TokenStream {
    if !model.is_generic() {
        return quote!(struct #marker {});
    }
    let params = model.parameters().map(|param| match param {
        GenericParam::Type(param) => {
            let name = &param.ident;
            quote!(#name: ?::core::marker::Sized)
        }
        GenericParam::Const(param) => {
            let (name, ty) = (&param.ident, &param.ty);
            quote!(const #name: #ty)
        }
        GenericParam::Lifetime(_) => TokenStream::new(),
    });
    let types = model.type_parameters();
    quote!(struct #marker<#(#params),*>(::core::marker::PhantomData<(#(fn(*const #types),)*)>);)
}

/// Returns the generic arguments `<T, N>`, or nothing.
fn parameters(model: &Model) -> TokenStream {
    let names: Vec<&Ident> = model.parameters().filter_map(name_of).collect();
    match names.as_slice() {
        [] => TokenStream::new(),
        names => quote!(<#(#names),*>),
    }
}

/// Returns the name of a type or const parameter.
fn name_of(param: &GenericParam) -> Option<&Ident> {
    match param {
        GenericParam::Type(param) => Some(&param.ident),
        GenericParam::Const(param) => Some(&param.ident),
        GenericParam::Lifetime(_) => None,
    }
}

//! The model as Rust code: `par` under the function's name, and what tells
//! other processes of the function. Generated code names the runtime and calls
//! it; it decides nothing.

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

/// Who makes the struct of the function's name.
pub(crate) enum StructOwner {
    /// `#[parallel]`.
    Own,
    /// `#[memoize]`, which stands on the same function; the path is that of
    /// the attribute that the other one expanded.
    Given(Path),
}

impl StructOwner {
    /// Names the expanded attribute, whose `use` would be unused.
    fn naming(&self) -> Option<TokenStream> {
        match self {
            StructOwner::Own => None,
            StructOwner::Given(path) => Some(quote!(use #path as _;)),
        }
    }
}

/// Everything that stands beside the annotated function.
pub(crate) fn render(model: &Model, reach: &Reach, carrier: &StructOwner) -> TokenStream {
    match model.place {
        FnContext::Free => free(model, reach, carrier),
        FnContext::Inherent | FnContext::Trait => method(model, reach, carrier),
    }
}

/// What every generated item allows: the user's lints are about the user's
/// code.
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

fn free(model: &Model, reach: &Reach, carrier: &StructOwner) -> TokenStream {
    let (name, vis, allowances) = (model.name(), model.vis(), allowances());
    let conditions: Vec<_> = model.conditions().collect();
    let marker = marker(model);
    let declared = declared_marker(model, &marker);
    let parameters = parameters(model);
    let is_taken = model.meaning == NameMeaning::Taken;
    let structure = (matches!(carrier, StructOwner::Own) && !is_taken).then(|| {
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
    let naming = carrier.naming().unwrap_or_default();
    let par = par::par(
        model,
        &name_of_par,
        &doc,
        &quote!(#marker #parameters),
        &naming,
        defer::put_off(model, carrier).as_ref(),
    );
    let carried = match is_taken {
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
        #carried

        #(#blocks)*
    }
}

fn method(model: &Model, reach: &Reach, carrier: &StructOwner) -> TokenStream {
    let name = model.plain_name();
    let (conditions, allowances) = (model.conditions(), allowances());
    let doc = format!("Calls [`Self::{name}`] for each of `inputs`, in parallel.");
    let naming = carrier.naming();
    let par_name = format_ident!("{name}_par", span = model.name().span());
    let krate = model.krate();
    let put_off = defer::put_off(model, carrier);
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
    let items = quote!(#naming #allowances #items);
    let par = par::par(model, &par_name, &doc, &marker, &items, put_off.as_ref());
    quote!(#(#conditions)* #allowances #par)
}

/// The name of the type that describes the function to other processes.
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

/// `<T, N>`, or nothing.
fn parameters(model: &Model) -> TokenStream {
    let names: Vec<&Ident> = model.parameters().filter_map(name_of).collect();
    match names.as_slice() {
        [] => TokenStream::new(),
        names => quote!(<#(#names),*>),
    }
}

/// The name of a type or constant parameter.
fn name_of(param: &GenericParam) -> Option<&Ident> {
    match param {
        GenericParam::Type(param) => Some(&param.ident),
        GenericParam::Const(param) => Some(&param.ident),
        GenericParam::Lifetime(_) => None,
    }
}

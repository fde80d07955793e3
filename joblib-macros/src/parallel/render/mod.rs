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
use syn::GenericParam;

use super::model::{Model, StructOwner};
use crate::fn_context::FnContext;
use crate::lints::allowances;
use crate::source::Reach;
use crate::type_name::{self, NameMeaning};
use crate::type_syntax::turbofish;

/// The rendered parts of a parallel function.
struct Parts {
    /// The companion struct and the marker of a free function.
    declared: TokenStream,
    /// The type whose `impl` has `par`, for a free function.
    owner: Option<Ident>,
    par: Ident,
    doc: String,
    /// The type that describes the function to other processes.
    marker: TokenStream,
    /// The items in the body of `par`.
    inner: TokenStream,
    /// The items that register a free function. Those of a method are in `par`.
    registrations: Vec<TokenStream>,
}

/// Returns the items to add next to the annotated function, in every form of function.
pub(crate) fn render(model: &Model, reach: &Reach) -> TokenStream {
    let (conditions, allowances) = (model.conditions(), allowances());
    let parts = match model.context {
        FnContext::Free => Parts::free(model, reach),
        FnContext::Inherent | FnContext::Trait => Parts::method(model, reach),
    };
    let par = par::par(model, &parts);
    let par = match &parts.owner {
        Some(owner) => quote!(impl #owner { #par }),
        None => par,
    };
    let (declared, registrations) = (&parts.declared, &parts.registrations);
    quote! {
        #declared

        #conditions
        #allowances
        #par

        #(#conditions #allowances #registrations)*
    }
}

impl Parts {
    fn free(model: &Model, reach: &Reach) -> Parts {
        let name = model.name();
        let is_taken = model.meaning == NameMeaning::Taken;
        let marker = format_ident!("__joblib_parallel_{}", model.plain_name());
        let declared = declared(model, &marker);
        let turbofish = turbofish(model.parameters());
        let marker = quote!(#marker #turbofish);
        Parts {
            declared,
            owner: (!is_taken).then(|| name.clone()),
            par: match is_taken {
                true => type_name::with_ending(name, "par"),
                false => Ident::new("par", name.span()),
            },
            doc: format!("Calls [`{name}`](fn@{name}) for each of `inputs`, in parallel."),
            inner: model.struct_owner.use_attribute().unwrap_or_default(),
            registrations: register::registrations(model, reach, None, &marker),
            marker,
        }
    }

    fn method(model: &Model, reach: &Reach) -> Parts {
        let krate = model.krate();
        let (marker, registrations) = match &model.self_type {
            Some(ty) if !model.is_generic_method() || !model.instances.is_empty() => {
                let marker = register::method_marker(model, &quote!(Self));
                let registered = register::registrations(model, reach, Some(ty), &marker);
                (marker, registered)
            }
            _ => (quote!(#krate::__private::task::LocalMethod), Vec::new()),
        };
        let (attribute_use, allowances) = (model.struct_owner.use_attribute(), allowances());
        let name = model.plain_name();
        Parts {
            declared: TokenStream::new(),
            owner: None,
            par: type_name::with_ending(model.name(), "par"),
            doc: format!("Calls [`Self::{name}`] for each of `inputs`, in parallel."),
            inner: quote!(#attribute_use #(#allowances #registrations)*),
            registrations: Vec::new(),
            marker,
        }
    }
}

/// Returns the companion struct, unless `#[memoize]` generates it or another type has
/// its name, and the type that describes the function to other processes.
fn declared(model: &Model, marker: &Ident) -> TokenStream {
    let (name, vis) = (model.name(), model.vis());
    let (conditions, allowances) = (model.conditions(), allowances());
    let is_own = matches!(model.struct_owner, StructOwner::Parallel);
    let structure = (is_own && model.meaning != NameMeaning::Taken).then(|| {
        let doc = format!("Calls [`{name}`](fn@{name}) for each of many inputs.");
        quote! {
            #conditions
            #[doc = #doc]
            #allowances
            #vis struct #name {}
        }
    });
    let marker = declared_marker(model, marker);
    quote! {
        #structure

        #conditions
        #[doc(hidden)]
        #allowances
        #vis #marker
    }
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

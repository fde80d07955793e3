//! Renders the lookup of the transport for a backend that is chosen at run time: how
//! the tasks of a call are sent to other processes, or why they cannot be.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{GenericParam, Type};

use crate::elision::replace_lifetimes;
use crate::fn_context::FnContext;
use crate::lints;
use crate::parallel::model::Model;

/// Returns the transport of a call of the function, as an expression in `par`. `marker`
/// is the type that describes the function to other processes.
pub(super) fn transport(model: &Model, marker: &TokenStream) -> TokenStream {
    let krate = model.krate();
    let not_remote = quote!(#krate::__private::task::NotRemote);
    let name = model.plain_name();
    let err = quote!(::core::result::Result::Err);
    if let Some(argument) = model.borrowed_argument() {
        let label = argument.label.to_string();
        return quote!(#err(#not_remote::borrowed(#name, ::core::option::Option::Some(#label))));
    }
    if model.is_result_borrowed() {
        return quote!(#err(#not_remote::borrowed(#name, ::core::option::Option::None)));
    }
    let is_method = model.context != FnContext::Free;
    let is_listed = !model.instances.is_empty();
    if is_method && (model.self_type.is_none() || model.is_generic_method() && !is_listed) {
        return quote!(#err(#not_remote::method(#name)));
    }
    if !model.is_generic() && !model.is_generic_method() {
        return of_types(model, marker);
    }
    if model.unnamed_parameter().is_some() {
        return quote!(#err(#not_remote::unnamed(#name)));
    }
    let unlisted = unlisted(model);
    if !is_listed {
        return quote!(#err(#unlisted));
    }
    let look = look(model, marker);
    quote! {{
        let mut __joblib_found = #krate::__private::task::InstanceSlot::NOTHING;
        if let ::core::option::Option::Some(__joblib_look) =
            #krate::__private::task::find_instance::<#look>()
        {
            __joblib_look(&mut __joblib_found);
        }
        __joblib_found.or_else(|| #unlisted)
    }}
}

/// Returns the transport of the function if all its types are known.
pub(super) fn of_types(model: &Model, marker: &TokenStream) -> TokenStream {
    let krate = model.krate();
    let task = quote!(#krate::__private::task);
    let (each, shared, output) = (model.each_type(), model.shared_type(), &model.output);
    let name = model.plain_name();
    let unsendable = quote!(#krate::__private::unsendable);
    let arguments = model.arguments().map(|argument| {
        let (ty, label) = (argument.sent_type(), argument.label.to_string());
        quote!(#unsendable!(#ty, ::core::option::Option::Some(#label)))
    });
    quote! {{
        use #task::{SelectLocal as _, SelectRemote as _};
        (&&#task::RemoteProbe::<#marker, #each, #shared, #output>::NEW)
            .__joblib_vtable()
            .ok_or_else(|| #task::NotRemote::part(#name, &[
                #(#arguments,)*
                #unsendable!(#output, ::core::option::Option::None),
            ]))
    }}
}

/// Returns the items that register an instance by its types, inside the block that
/// defines them. Lookups use `lookup_marker`. There are no items for an instance
/// that cannot run in other processes.
pub(super) fn listed(
    model: &Model,
    marker: &TokenStream,
    lookup_marker: &TokenStream,
) -> TokenStream {
    if model.is_borrowed() {
        return TokenStream::new();
    }
    let krate = model.krate();
    let task = quote!(#krate::__private::task);
    let (look, slot) = (look(model, lookup_marker), slot_type(model, lookup_marker));
    // A longer borrow coerces to the one lifetime.
    let short = model.with_types(|ty| replace_lifetimes(ty, "'__joblib_x"));
    let transport = of_types(&short, marker);
    let submission = lints::submission(krate, &quote!(__JOBLIB_LISTED));
    quote! {
        #[allow(dead_code)]
        fn __joblib_look<'__joblib_x>(__joblib_found: &mut #slot) {
            __joblib_found.set(#transport);
        }

        #[allow(dead_code)]
        const __JOBLIB_LISTED: #task::InstanceEntry = #task::InstanceEntry {
            fill: &(__joblib_look as #look),
        };

        #submission
    }
}

/// Returns the type of the function that returns the transport of an instance.
fn look(model: &Model, marker: &TokenStream) -> TokenStream {
    let slot = slot_type(model, marker);
    quote!(for<'__joblib_x> fn(&mut #slot))
}

fn slot_type(model: &Model, marker: &TokenStream) -> TokenStream {
    let krate = model.krate();
    let model = model.with_types(|ty| replace_lifetimes(ty, "'__joblib_x"));
    let (each, shared, output) = (model.each_type(), model.shared_type(), &model.output);
    quote!(#krate::__private::task::InstanceSlot<#marker, #each, #shared, #output>)
}

fn unlisted(model: &Model) -> TokenStream {
    let krate = model.krate();
    let task = quote!(#krate::__private::task);
    let name = match (&model.self_type, model.context) {
        (Some(Type::Path(ty)), FnContext::Inherent) => match ty.path.segments.last() {
            Some(segment) => format!("{}::{}", segment.ident, model.plain_name()),
            None => model.plain_name(),
        },
        _ => model.plain_name(),
    };
    let parameters = model.listed_parameters().map(|param| match param {
        GenericParam::Const(param) => {
            let name = &param.ident;
            quote!(&#name)
        }
        GenericParam::Type(param) => {
            let name = &param.ident;
            quote!(&#task::TypeName::<#name>::NEW)
        }
        GenericParam::Lifetime(_) => TokenStream::new(),
    });
    quote!(#task::NotRemote::unlisted(#name, &[#(#parameters),*]))
}

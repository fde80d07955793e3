//! Defers tasks of a function that is also memoized while another thread or process is
//! computing the same result.

use proc_macro2::TokenStream;
use quote::quote;

use crate::fn_context::FnContext;
use crate::parallel::model::{Model, StructOwner};
use crate::type_name::HelperNames;
use crate::type_syntax::turbofish;

/// Returns the builder call with the condition for deferring a task, if the function is
/// memoized.
pub(super) fn deferral(model: &Model) -> Option<TokenStream> {
    if matches!(model.struct_owner, StructOwner::Parallel) {
        return None;
    }
    let (owner, names) = match model.context {
        FnContext::Free => {
            let name = model.companion();
            (quote!(#name), HelperNames::of_struct())
        }
        FnContext::Inherent => (quote!(Self), HelperNames::of_method(model.name())),
        FnContext::Trait => return None,
    };
    let HelperNames { open, key, .. } = names;
    let turbofish = turbofish(model.own_parameters());
    let (each, shared) = (model.each_type(), model.shared_type());
    let (pattern, shared_pattern) = (model.each_pattern(), model.shared_pattern());
    let arguments = model.in_order().map(|(argument, _)| &argument.binding);
    let arguments = quote!(#(#arguments),*);
    Some(quote! {
        .defer_if(|__joblib_each: &#each, __joblib_shared: &#shared| {
            let #pattern = __joblib_each;
            let #shared_pattern = __joblib_shared;
            #owner::#open #turbofish(#arguments)
                .would_wait(|| #owner::#key #turbofish(#arguments))
        })
    })
}

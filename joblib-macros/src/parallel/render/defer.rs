//! Defers tasks of a function that is also memoized while another thread or process is
//! computing the same result.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{FnArg, Ident};

use super::{StructOwner, name_of};
use crate::fn_context::FnContext;
use crate::parallel::model::{Argument, Model};

/// Returns the builder call with the condition for deferring a task, if the function is
/// memoized.
pub(super) fn deferral(model: &Model, struct_owner: &StructOwner) -> Option<TokenStream> {
    let StructOwner::Given(_) = struct_owner else {
        return None;
    };
    let (site, key) = match model.context {
        FnContext::Free => {
            let name = model.companion();
            (quote!(#name::__joblib_site), quote!(#name::__joblib_key))
        }
        FnContext::Inherent => {
            let name = model.plain_name();
            let site = format_ident!("__joblib_site_{name}", span = model.name().span());
            let key = format_ident!("__joblib_key_{name}", span = model.name().span());
            (quote!(Self::#site), quote!(Self::#key))
        }
        FnContext::Trait => return None,
    };
    let declared = model.function.sig.generics.params.iter();
    let parameters: Vec<&Ident> = declared.filter_map(name_of).collect();
    let turbofish = (!parameters.is_empty()).then(|| quote!(::<#(#parameters),*>));
    let (each, shared) = (model.each_type(), model.shared_type());
    let (pattern, shared_pattern) = (model.each_pattern(), model.shared_pattern());
    let arguments = in_order(model).map(|argument| &argument.binding);
    Some(quote! {
        .defer_if(|__joblib_each: &#each, __joblib_shared: &#shared| {
            let #pattern = __joblib_each;
            let #shared_pattern = __joblib_shared;
            #site().would_wait(|| #key #turbofish(#(#arguments),*))
        })
    })
}

/// Returns the arguments in the order of the signature.
fn in_order(model: &Model) -> impl Iterator<Item = &Argument> {
    let (mut each, mut shared) = (model.each.iter(), model.shared.iter());
    let inputs = model.function.sig.inputs.iter();
    inputs.filter_map(move |input| match input {
        FnArg::Typed(typed) if !model.shares(&typed.pat) => each.next(),
        _ => shared.next(),
    })
}

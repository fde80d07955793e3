//! Renders the expression that calls the user's function.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};

use crate::parallel::model::{Argument, Model};
use crate::type_syntax::error_span;

/// Where the arguments of a call come from.
#[derive(Clone, Copy)]
pub(super) enum ArgumentSource {
    /// The caller in this process. Shared arguments are references.
    Here,
    /// A message from another process. Borrowed arguments are in a holder that owns the
    /// decoded value.
    Wire,
}

/// Returns the call of the function at `path`, which includes generic arguments, with
/// the bindings of the arguments.
pub(super) fn call(model: &Model, path: &TokenStream, from: ArgumentSource) -> TokenStream {
    let krate = model.krate();
    let arguments = model
        .in_order()
        .map(|(argument, is_shared)| value(model, argument, from, is_shared));
    let call = quote!(#path(#(#arguments),*));
    match model.function.sig.asyncness {
        Some(_) => quote!(#krate::__private::task::block_on(#call)),
        None => call,
    }
}

fn value(model: &Model, argument: &Argument, from: ArgumentSource, is_shared: bool) -> TokenStream {
    let krate = model.krate();
    let binding = &argument.binding;
    match (from, argument.referent(), is_shared) {
        (ArgumentSource::Wire, Some(referent), _) => {
            quote!(#krate::__private::transport::AsBorrowed::<#referent>::borrowed(&#binding))
        }
        (_, None, true) if !argument.is_reference() => {
            let span = error_span(&argument.ty);
            let krate = model.krate_at(span);
            let ty = &argument.ty;
            let reference = match from {
                ArgumentSource::Here => quote!(#binding),
                ArgumentSource::Wire => quote!(&#binding),
            };
            quote_spanned!(span=> #krate::__private::task::copied::<#ty>(#reference))
        }
        (ArgumentSource::Here, _, true) => quote!(*#binding),
        _ => quote!(#binding),
    }
}

//! `#[memoize]` and `#[parallel]`, alone or on the same function. The macro that the
//! compiler expands first expands both, so that neither needs to know the other.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Path;

use crate::parallel::StructOwner;
use crate::{function, memoize, parallel};

/// Expands `#[memoize(args)]`.
pub(crate) fn expand_memoize(args: TokenStream, item: TokenStream) -> TokenStream {
    match function::take_attribute(item, "parallel") {
        (None, item) => memoize::expand(args, item),
        (Some(other), item) => both(args, other.arguments, &item, other.path),
    }
}

/// Expands `#[parallel(args)]`.
pub(crate) fn expand_parallel(args: TokenStream, item: TokenStream) -> TokenStream {
    match function::take_attribute(item, "memoize") {
        (None, item) => parallel::expand(args, item),
        (Some(other), item) => both(other.arguments, args, &item, other.path),
    }
}

/// Expands both macros. The tasks call the memoized function, and `par` is added to its
/// companion. `removed` is the path of the attribute that the compiler does not expand.
fn both(
    memoize: TokenStream,
    parallel: TokenStream,
    item: &TokenStream,
    removed: Path,
) -> TokenStream {
    match memoize::try_expand(memoize, item, true) {
        Ok(memoized) => {
            let siblings = parallel::siblings(parallel, item, StructOwner::Memoize(removed));
            quote!(#memoized #siblings)
        }
        Err(errors) => {
            let siblings = parallel::siblings(parallel, item, StructOwner::Parallel);
            quote!(#errors #item #siblings)
        }
    }
}

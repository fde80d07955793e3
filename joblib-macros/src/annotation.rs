//! `#[memoize]` and `#[parallel]`, alone or on the same function. The macro that the
//! compiler expands first expands both, so that neither needs to know the other. It also
//! reports attributes that cannot be together: each adds a type with the name of the
//! function, and the compiler would report only that there are two of them.

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::Path;

use crate::errors::ErrorList;
use crate::parallel::StructOwner;
use crate::{function, memoize, parallel, track};

/// Expands `#[memoize(args)]`.
pub(crate) fn expand_memoize(args: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = ErrorList::default();
    let item = once(item, "memoize", &mut errors);
    let expanded = match function::take_attribute(item, "parallel") {
        (None, item) => memoize::expand(args, untracked(item, TRACKED_AND_MEMOIZED, &mut errors)),
        (Some(other), item) => {
            let item = once(item, "parallel", &mut errors);
            let item = untracked(item, TRACKED_AND_MEMOIZED, &mut errors);
            both(args, other.arguments, &item, other.path)
        }
    };
    with(errors, expanded)
}

/// Expands `#[parallel(args)]`.
pub(crate) fn expand_parallel(args: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = ErrorList::default();
    let item = once(item, "parallel", &mut errors);
    let expanded = match function::take_attribute(item, "memoize") {
        (None, item) => parallel::expand(args, untracked(item, TRACKED_AND_PARALLEL, &mut errors)),
        (Some(other), item) => {
            let item = once(item, "memoize", &mut errors);
            let item = untracked(item, TRACKED_AND_MEMOIZED, &mut errors);
            both(other.arguments, args, &item, other.path)
        }
    };
    with(errors, expanded)
}

/// Expands `#[track(args)]`.
pub(crate) fn expand_track(args: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = ErrorList::default();
    let item = once(item, "track", &mut errors);
    let has = |name| function::take_attribute(item.clone(), name).0.is_some();
    let conflict = match (has("memoize"), has("parallel")) {
        (true, _) => Some(TRACKED_AND_MEMOIZED),
        (false, true) => Some(TRACKED_AND_PARALLEL),
        (false, false) => None,
    };
    let expanded = match conflict {
        Some(message) => {
            errors.at(Span::call_site(), message);
            item
        }
        None => track::expand(args, item),
    };
    with(errors, expanded)
}

const TRACKED_AND_MEMOIZED: &str = "`#[track]` adds the fingerprint of a function, and \
     `#[memoize]` already adds it; remove `#[track]`";

const TRACKED_AND_PARALLEL: &str = "`#[track]` and `#[parallel]` cannot be on the same function, \
     because each adds a type with its name; track a function that it calls";

/// Removes and reports further attributes `name` of a function that has one.
fn once(mut item: TokenStream, name: &str, errors: &mut ErrorList) -> TokenStream {
    loop {
        let (again, rest) = function::take_attribute(item, name);
        item = rest;
        let Some(again) = again else {
            return item;
        };
        let message = format!("this function has `#[{name}]` twice; remove one of them");
        errors.on(again.path, message);
    }
}

/// Removes and reports `#[track]`.
fn untracked(item: TokenStream, message: &str, errors: &mut ErrorList) -> TokenStream {
    let (track, item) = function::take_attribute(item, "track");
    if let Some(track) = track {
        errors.on(track.path, message);
    }
    item
}

fn with(errors: ErrorList, expanded: TokenStream) -> TokenStream {
    let errors = errors.into_tokens();
    quote!(#errors #expanded)
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

//! `#[memoize]`: parses the options and the function, computes the fingerprint,
//! builds the model, checks it and renders the code.

mod args;
mod code_types;
mod model;
mod pin;
mod render;
mod rules;

use proc_macro2::TokenStream;
use quote::quote;

use self::args::Args;
use self::model::Model;
use crate::errors::ErrorList;
use crate::parallel::{self, StructOwner};
use crate::source::FnSite;
use crate::{conditional, function, source};

/// Returns the memoized function and its companion. On errors, it returns them
/// with the unchanged function, so that calls of the function still compile.
pub(crate) fn expand(args: TokenStream, item: TokenStream) -> TokenStream {
    let (parallel, plain) = function::take_attribute(item, "parallel");
    if let Some(parallel) = parallel {
        let struct_owner = StructOwner::Given(parallel.path);
        return expand_with_parallel(args, plain, parallel.arguments, struct_owner);
    }
    match try_expand(args, &plain, Siblings::Nothing) {
        Ok(tokens) => tokens,
        Err(errors) => quote!(#errors #plain),
    }
}

/// Like [`expand`], for a function that also has `#[parallel(…)]`. The tasks call
/// the memoized function, and `par` is added to the companion struct of that
/// function.
pub(crate) fn expand_with_parallel(
    args: TokenStream,
    item: TokenStream,
    parallel: TokenStream,
    struct_owner: StructOwner,
) -> TokenStream {
    match try_expand(args, &item, Siblings::Parallel) {
        Ok(tokens) => {
            let siblings = parallel::siblings(parallel, &item, struct_owner);
            quote!(#tokens #siblings)
        }
        Err(errors) => {
            let siblings = parallel::siblings(parallel, &item, StructOwner::Own);
            quote!(#errors #item #siblings)
        }
    }
}

/// Another macro that adds functions to the companion of this function.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Siblings {
    Nothing,
    Parallel,
}

fn try_expand(
    args: TokenStream,
    item: &TokenStream,
    siblings: Siblings,
) -> Result<TokenStream, TokenStream> {
    let mut errors = ErrorList::default();
    let args = Args::parse(args, &mut errors);
    let function = match function::parse(item, "memoize") {
        Ok(function) => function,
        Err(error) => {
            errors.push(error);
            return Err(errors.into_tokens().unwrap_or_default());
        }
    };
    let scope = args.scope.get().copied().unwrap_or_default();
    let reach = source::reach(&function, &args.meaning(), scope.source);
    let mut expanded = TokenStream::new();
    for function in conditional::variants(function) {
        let fn_site = FnSite::of(&function);
        let model = Model::new(function, args.clone(), fn_site, reach.meaning);
        rules::check(&model, &mut errors);
        pin::check(&model, &reach, &mut errors);
        if !errors.are_there() {
            expanded.extend(render::render(
                &model,
                &reach,
                siblings == Siblings::Parallel,
            ));
        }
    }
    match errors.into_tokens() {
        Some(errors) => Err(errors),
        None => Ok(expanded),
    }
}

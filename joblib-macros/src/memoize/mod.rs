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
use crate::{conditional, function, source};

/// Returns the memoized function and its companion. On errors, it returns them
/// with the unchanged function, so that calls of the function still compile.
pub(crate) fn expand(args: TokenStream, item: TokenStream) -> TokenStream {
    match try_expand(args, &item, false) {
        Ok(tokens) => tokens,
        Err(errors) => quote!(#errors #item),
    }
}

/// Like [`expand`], without the function on errors. If another macro adds functions to
/// the companion (`is_extended`), the companion is a type of the user's crate.
pub(crate) fn try_expand(
    args: TokenStream,
    item: &TokenStream,
    is_extended: bool,
) -> Result<TokenStream, TokenStream> {
    let mut errors = ErrorList::default();
    let args = Args::parse(args, &mut errors);
    let mut expanded = TokenStream::new();
    let Some(function) = errors.ok(function::parse(item, "memoize")) else {
        return errors.or(expanded);
    };
    let scope = args.scope.get().copied().unwrap_or_default();
    let reach = source::reach(&function, &args.meaning(), scope.source);
    for function in conditional::variants(function) {
        let model = Model::new(function, args.clone(), reach.meaning, is_extended);
        rules::check(&model, &mut errors);
        pin::check(&model, &reach, &mut errors);
        if !errors.are_there() {
            expanded.extend(render::render(&model, &reach));
        }
    }
    errors.or(expanded)
}

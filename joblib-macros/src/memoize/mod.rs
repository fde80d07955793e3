//! `#[memoize]`: parse, look at the sources, decide, judge, render.

mod args;
mod model;
mod pin;
mod render;
mod rules;

use proc_macro2::TokenStream;
use quote::quote;

use self::args::Args;
use self::model::Model;
use crate::errors::Errors;
use crate::{function, source};

/// The function with everything around it; where something is wrong, the
/// errors beside the untouched function, so that its callers add no noise.
pub(crate) fn expand(args: TokenStream, item: TokenStream) -> TokenStream {
    match try_expand(args, item.clone()) {
        Ok(tokens) => tokens,
        Err(errors) => quote!(#errors #item),
    }
}

fn try_expand(args: TokenStream, item: TokenStream) -> Result<TokenStream, TokenStream> {
    let mut errors = Errors::default();
    let args = Args::parse(args, &mut errors);
    let function = match function::parse(&item, "memoize") {
        Ok(function) => function,
        Err(error) => {
            errors.push(error);
            return Err(errors.into_tokens().unwrap_or_default());
        }
    };
    let scope = args.scope.get().copied().unwrap_or_default();
    let reach = source::reach(&function, &args.meaning(), scope);
    let model = Model::new(function, args, &reach.owner);
    rules::check(&model, &mut errors);
    pin::check(&model, &reach, &mut errors);
    match errors.into_tokens() {
        Some(errors) => Err(errors),
        None => Ok(render::render(&model, &reach)),
    }
}

//! `#[parallel]`: parse, look at the sources, decide, judge, render.

pub(crate) mod args;
pub(crate) mod model;
pub(crate) mod render;
mod rules;

use proc_macro2::TokenStream;
use quote::quote;

use self::args::Args;
use self::model::Model;
pub(crate) use self::render::Carrier;
use crate::errors::Errors;
use crate::place::Place;
use crate::source::Scope;
use crate::{function, memoize, source, type_name};

/// The function with `par` beside it; where something is wrong, the errors
/// beside the untouched function, so that its callers add no noise.
pub(crate) fn expand(args: TokenStream, item: TokenStream) -> TokenStream {
    let (memoize, plain) = function::take_attribute(item, "memoize");
    if let Some(memoize) = memoize {
        let carrier = Carrier::Given(memoize.path);
        return memoize::expand_with_parallel(memoize.arguments, plain, args, carrier);
    }
    let beside = beside(args, &plain, Carrier::Own);
    let plain = type_name::with_body_naming(plain);
    quote!(#plain #beside)
}

/// What stands beside the function `item`, or what is wrong with it.
pub(crate) fn beside(args: TokenStream, item: &TokenStream, carrier: Carrier) -> TokenStream {
    match try_beside(args, item, carrier) {
        Ok(tokens) | Err(tokens) => tokens,
    }
}

fn try_beside(
    args: TokenStream,
    item: &TokenStream,
    carrier: Carrier,
) -> Result<TokenStream, TokenStream> {
    let mut errors = Errors::default();
    let args = Args::parse(args, &mut errors);
    let function = match function::parse(item, "parallel") {
        Ok(function) => function,
        Err(error) => {
            errors.push(error);
            return Err(errors.into_tokens().unwrap_or_default());
        }
    };
    let reach = source::reach(&function, &TokenStream::new(), Scope::Reach);
    let mut model = Model::new(function, args, &reach.owner);
    if model.place == Place::Free {
        model.meaning = source::type_name(&model.function);
    }
    rules::check(&model, &mut errors);
    match errors.into_tokens() {
        Some(errors) => Err(errors),
        None => Ok(render::render(&model, &reach, &carrier)),
    }
}

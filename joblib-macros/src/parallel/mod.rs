//! `#[parallel]`: parse, look at the sources, decide, judge, render.

pub(crate) mod args;
pub(crate) mod model;
pub(crate) mod render;
mod rules;

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use self::args::Args;
use self::model::Model;
pub(crate) use self::render::StructOwner;
use crate::errors::ErrorList;
use crate::fn_context::FnContext;
use crate::function::AnnotatedFn;
use crate::source::{FingerprintScope, FnOwner, FnSite, NameMeaning};
use crate::{conditional, function, memoize, source, type_name};

/// The function with `par` beside it; where something is wrong, the errors
/// beside the untouched function, so that its callers add no noise.
pub(crate) fn expand(args: TokenStream, item: TokenStream) -> TokenStream {
    let (memoize, plain) = function::take_attribute(item, "memoize");
    if let Some(memoize) = memoize {
        let carrier = StructOwner::Given(memoize.path);
        return memoize::expand_with_parallel(memoize.arguments, plain, args, carrier);
    }
    match try_beside(args, &plain, StructOwner::Own) {
        Ok(ParallelSiblings {
            tokens,
            name,
            meaning,
        }) => {
            let plain = type_name::settled(plain, &name, meaning);
            quote!(#plain #tokens)
        }
        Err(errors) => quote!(#plain #errors),
    }
}

/// What stands beside the function `item`, or what is wrong with it.
pub(crate) fn beside(args: TokenStream, item: &TokenStream, carrier: StructOwner) -> TokenStream {
    match try_beside(args, item, carrier) {
        Ok(ParallelSiblings { tokens, .. }) | Err(tokens) => tokens,
    }
}

/// What stands beside a function.
struct ParallelSiblings {
    tokens: TokenStream,
    /// Of the function.
    name: Ident,
    /// What that means where types stand.
    meaning: NameMeaning,
}

fn try_beside(
    args: TokenStream,
    item: &TokenStream,
    carrier: StructOwner,
) -> Result<ParallelSiblings, TokenStream> {
    let mut errors = ErrorList::default();
    let mut parsed = Some(Args::parse(args.clone(), &mut errors));
    let function = match function::parse(item, "parallel") {
        Ok(function) => function,
        Err(error) => {
            errors.push(error);
            return Err(errors.into_tokens().unwrap_or_default());
        }
    };
    let reach = source::reach(&function, &TokenStream::new(), FingerprintScope::Reach);
    let (name, mut meaning) = (function.sig.ident.clone(), NameMeaning::Free);
    let mut tokens = TokenStream::new();
    for function in conditional::variants(function) {
        let again = || Args::parse(args.clone(), &mut ErrorList::default());
        let args = parsed.take().unwrap_or_else(again);
        let mut model = Model::new(function, args, &reach.owner);
        if reach.owner == FnOwner::Unknown && model.place == FnContext::Free {
            model.place = made_place(&model.function);
        }
        if model.place == FnContext::Free {
            model.meaning = reach.meaning;
            meaning = reach.meaning;
        }
        rules::check(&model, &mut errors);
        if !errors.are_there() {
            tokens.extend(render::render(&model, &reach, &carrier));
        }
    }
    match errors.into_tokens() {
        Some(errors) => Err(errors),
        None => Ok(ParallelSiblings {
            tokens,
            name,
            meaning,
        }),
    }
}

/// Where a function stands that a macro made, as far as that is certain.
fn made_place(function: &AnnotatedFn) -> FnContext {
    match FnSite::of(function).place() {
        Some(FnContext::Inherent) => FnContext::Inherent,
        _ => FnContext::Free,
    }
}

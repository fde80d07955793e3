//! `#[parallel]`: parses the options and the function, computes the fingerprint,
//! builds the model, checks it and renders the code.

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

/// Returns the function and its `par` function. On errors, it returns them with the
/// unchanged function, so that calls of the function still compile.
pub(crate) fn expand(args: TokenStream, item: TokenStream) -> TokenStream {
    let (memoize, plain) = function::take_attribute(item, "memoize");
    if let Some(memoize) = memoize {
        let struct_owner = StructOwner::Given(memoize.path);
        return memoize::expand_with_parallel(memoize.arguments, plain, args, struct_owner);
    }
    match try_siblings(args, &plain, StructOwner::Own) {
        Ok(ParallelSiblings {
            tokens,
            name,
            meaning,
        }) => {
            let plain = type_name::with_crate_import(plain, &name, meaning);
            quote!(#plain #tokens)
        }
        Err(errors) => quote!(#plain #errors),
    }
}

/// Returns the items to add next to the function `item`, or the errors.
pub(crate) fn siblings(
    args: TokenStream,
    item: &TokenStream,
    struct_owner: StructOwner,
) -> TokenStream {
    match try_siblings(args, item, struct_owner) {
        Ok(ParallelSiblings { tokens, .. }) | Err(tokens) => tokens,
    }
}

/// The items to add next to a function.
struct ParallelSiblings {
    tokens: TokenStream,
    /// The name of the function.
    name: Ident,
    /// The meaning of the name in the type namespace.
    meaning: NameMeaning,
}

fn try_siblings(
    args: TokenStream,
    item: &TokenStream,
    struct_owner: StructOwner,
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
        if reach.owner == FnOwner::Unknown && model.context == FnContext::Free {
            model.context = generated_context(&model.function);
        }
        if model.context == FnContext::Free {
            model.meaning = reach.meaning;
            meaning = reach.meaning;
        }
        rules::check(&model, &mut errors);
        if !errors.are_there() {
            tokens.extend(render::render(&model, &reach, &struct_owner));
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

/// Returns the context of a function that a macro generated. A function is in an
/// inherent `impl` only if the source shows it.
fn generated_context(function: &AnnotatedFn) -> FnContext {
    match FnSite::of(function).context() {
        Some(FnContext::Inherent) => FnContext::Inherent,
        _ => FnContext::Free,
    }
}

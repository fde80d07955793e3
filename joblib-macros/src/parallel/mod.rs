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
pub(crate) use self::model::StructOwner;
use crate::errors::ErrorList;
use crate::source::FingerprintScope;
use crate::type_name::{self, NameMeaning};
use crate::{conditional, function, source};

/// Returns the function and its `par` function. On errors, it returns them with the
/// unchanged function, so that calls of the function still compile.
pub(crate) fn expand(args: TokenStream, item: TokenStream) -> TokenStream {
    match try_siblings(args, &item, StructOwner::Parallel) {
        Ok((siblings, name, meaning)) => {
            let item = type_name::with_crate_import(item, &name, meaning);
            quote!(#item #siblings)
        }
        Err(errors) => quote!(#item #errors),
    }
}

/// Returns the items to add next to the function `item`, or the errors.
pub(crate) fn siblings(args: TokenStream, item: &TokenStream, owner: StructOwner) -> TokenStream {
    try_siblings(args, item, owner).map_or_else(|errors| errors, |(siblings, ..)| siblings)
}

/// Returns the items, the name of the function and its meaning in the type namespace.
fn try_siblings(
    args: TokenStream,
    item: &TokenStream,
    struct_owner: StructOwner,
) -> Result<(TokenStream, Ident, NameMeaning), TokenStream> {
    let mut errors = ErrorList::default();
    let args = Args::parse(args, &mut errors);
    let Some(function) = errors.ok(function::parse(item, "parallel")) else {
        return Err(errors.into_tokens().unwrap_or_default());
    };
    let reach = source::reach(&function, &TokenStream::new(), FingerprintScope::Reach);
    let (name, mut meaning) = (function.sig.ident.clone(), NameMeaning::Free);
    let mut siblings = TokenStream::new();
    for function in conditional::variants(function) {
        let model = Model::new(function, args.clone(), &reach, struct_owner.clone());
        meaning = model.meaning;
        rules::check(&model, &mut errors);
        if !errors.are_there() {
            siblings.extend(render::render(&model, &reach));
        }
    }
    errors.or((siblings, name, meaning))
}

//! The model as Rust code: a wrapper with the user's signature, and beside it
//! what carries `check`, `shelve` and the rest. Generated code names the
//! runtime and calls it; it decides nothing.

mod call;
mod companion;
mod items;
mod key;
mod signature;
mod site;

use proc_macro2::TokenStream;

use self::signature::SignatureParts;
use super::model::{FnContext, Model};
use crate::source::Reach;

/// Everything that replaces the annotated function. Where others add functions
/// under its name, that must be a struct of this crate's.
pub(crate) fn render(model: &Model, reach: &Reach, is_extended: bool) -> TokenStream {
    let parts = SignatureParts::new(model);
    match model.place {
        FnContext::Free if !is_extended && companion::fits(model) => {
            companion::render(model, &parts, reach)
        }
        FnContext::Free => items::free(model, &parts, reach),
        FnContext::Inherent => items::inherent(model, &parts, reach),
        FnContext::Trait => items::alone(model, &parts, reach),
    }
}

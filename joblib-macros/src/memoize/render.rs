//! Renders the model: a wrapper with the user's signature and a companion with
//! `check`, `shelve` and the other functions. Generated code only calls the runtime,
//! which has the logic.

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

/// Returns the items that replace the annotated function. If another macro extends
/// the companion (`is_extended`), the companion must be a struct of the user's crate
/// and not an alias of a runtime type.
pub(crate) fn render(model: &Model, reach: &Reach, is_extended: bool) -> TokenStream {
    let parts = SignatureParts::new(model);
    match model.context {
        FnContext::Free if !is_extended && companion::fits(model) => {
            companion::render(model, &parts, reach)
        }
        FnContext::Free => items::free(model, &parts, reach),
        FnContext::Inherent => items::inherent(model, &parts, reach),
        FnContext::Trait => items::alone(model, &parts, reach),
    }
}

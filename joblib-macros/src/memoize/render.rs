//! The model as Rust code: a wrapper with the user's signature, and beside it
//! what carries `check`, `shelve` and the rest. Generated code names the
//! runtime and calls it; it decides nothing.

mod answer;
mod beside;
mod companion;
mod key;
mod signature;
mod site;

use proc_macro2::TokenStream;

use self::signature::Parts;
use super::model::{Model, Place};
use crate::source::Reach;

/// Everything that replaces the annotated function. Where others add functions
/// under its name, that must be a struct of this crate's.
pub(crate) fn render(model: &Model, reach: &Reach, is_extended: bool) -> TokenStream {
    let parts = Parts::new(model);
    match model.place {
        Place::Free if !is_extended && companion::fits(model) => {
            companion::render(model, &parts, reach)
        }
        Place::Free => beside::free(model, &parts, reach),
        Place::Inherent => beside::inherent(model, &parts, reach),
        Place::Trait => beside::alone(model, &parts, reach),
    }
}

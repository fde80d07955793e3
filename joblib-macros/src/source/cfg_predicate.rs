//! Evaluates a `cfg` predicate during the expansion of an annotation.

use proc_macro2::TokenStream;

use super::cfg::Ternary;
use super::token::LexedFile;

/// Returns whether the predicate holds, if the compiler's command line decides it.
pub(crate) fn evaluate(predicate: &TokenStream) -> Option<bool> {
    let file = LexedFile::new("".into(), predicate.to_string());
    let truth = super::with_engine(|engine| {
        let cfgs = &engine.world_mut().context.cfgs;
        cfgs.eval(&file, file.all())
    });
    match truth {
        Ternary::Yes => Some(true),
        Ternary::No => Some(false),
        Ternary::Unknown => None,
    }
}

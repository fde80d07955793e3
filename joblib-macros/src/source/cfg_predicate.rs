//! What is known of a `cfg` predicate while an annotation is expanded.

use proc_macro2::TokenStream;

use super::cfg::Ternary;
use super::token::LexedFile;

/// Whether the predicate holds, if the compiler's command line says so.
pub(crate) fn holds(predicate: &TokenStream) -> Option<bool> {
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

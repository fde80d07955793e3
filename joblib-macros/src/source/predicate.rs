//! What is known of a `cfg` predicate while an annotation is expanded.

use proc_macro2::TokenStream;

use super::cfg::Truth;
use super::token::File;

/// Whether the predicate holds, if the compiler's command line says so.
pub(crate) fn holds(predicate: &TokenStream) -> Option<bool> {
    let file = File::new("".into(), predicate.to_string());
    let truth = super::with_engine(|engine| {
        let cfgs = &engine.world_mut().context.cfgs;
        cfgs.eval(&file, file.all())
    });
    match truth {
        Truth::Yes => Some(true),
        Truth::No => Some(false),
        Truth::Unknown => None,
    }
}

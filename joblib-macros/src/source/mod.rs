//! Source fingerprints: a digest of all the source that a function's result
//! depends on, computed from the files of its crate while it is compiled.

mod attribute;
mod canon;
mod cfg;
mod closure;
mod context;
mod crates;
mod digest;
mod engine;
mod facts;
mod head;
mod impls;
mod index;
mod listing;
mod locate;
mod mention;
mod name;
mod resolve;
mod scan;
mod site_identity;
mod syntax;
#[cfg(test)]
mod tests;
mod token;
mod tree;
mod warn;
mod world;

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use proc_macro2::{Span, TokenStream};
use quote::quote;

pub(crate) use engine::Scope;
pub(crate) use listing::differences;
pub(crate) use locate::Owner;
pub(crate) use site_identity::{Standing, Surroundings, package, type_place};

use crate::function::Function;
use context::Context;
use engine::Engine;
use locate::Position;

/// What a function's result depends on.
pub(crate) struct Reach {
    /// The fingerprint.
    pub(crate) digest: u128,
    /// Predicates met on the way that only the compiler can decide; the value
    /// of `cfg!` of each is to be mixed in.
    pub(crate) unknown_cfgs: Vec<TokenStream>,
    /// Environment variables whose values are in the digest.
    pub(crate) envs: Vec<String>,
    /// Files whose contents are in the digest beside the crate's source.
    pub(crate) files: Vec<PathBuf>,
    /// What the function stands in.
    pub(crate) owner: Owner,
    /// What the function does that no fingerprint can see.
    pub(crate) warnings: Vec<(Span, String)>,
    items: Vec<listing::Item>,
}

impl Reach {
    /// The items behind the digest, one line each: path, file, line and hash.
    pub(crate) fn items_text(&self) -> String {
        listing::render_items(&self.items)
    }

    /// Files and variables that count: naming them makes the compiler look at
    /// them again.
    pub(crate) fn tracked(&self) -> TokenStream {
        let files = self.files.iter().map(|file| file.to_string_lossy());
        let variables = &self.envs;
        quote! {
            #(const _: &[u8] = ::core::include_bytes!(#files);)*
            #(const _: ::core::option::Option<&str> = ::core::option_env!(#variables);)*
        }
    }
}

static ENGINE: Mutex<Option<Engine>> = Mutex::new(None);

fn with_engine<T>(ask: impl FnOnce(&mut Engine) -> T) -> T {
    let mut engine = ENGINE.lock().unwrap_or_else(PoisonError::into_inner);
    ask(engine.get_or_insert_with(|| Engine::new(Context::current())))
}

/// The fingerprint of `function` in the crate being compiled. `settings` are
/// the parts of its annotation that decide which calls are answered alike.
pub(crate) fn reach(function: &Function, settings: &TokenStream, scope: Scope) -> Reach {
    let name = function.sig.ident.span();
    let path = name.local_file();
    let start = name.start();
    let position = path.as_deref().map(|file| Position {
        file,
        line: start.line,
        column: start.column,
    });
    let tokens = &function.tokens;
    let text = format!("#[memoize({settings})] {tokens}");
    let (summary, owner) = with_engine(|engine| engine.reach(&text, position, scope));
    let mut warnings = warn::find(&function.body);
    warnings.extend(
        summary
            .missing
            .iter()
            .map(|text| (name, missing_message(text))),
    );
    Reach {
        digest: summary.digest,
        unknown_cfgs: summary
            .unknown_cfgs
            .iter()
            .filter_map(|text| text.parse().ok())
            .collect(),
        envs: summary.envs,
        files: summary.files,
        owner,
        warnings,
        items: summary.items,
    }
}

/// Cargo's target directory, where the compiler was told to write below it.
pub(crate) fn target_dir() -> Option<PathBuf> {
    with_engine(|engine| engine.target_dir())
}

fn missing_message(text: &str) -> String {
    format!(
        "the file that `{text}` includes cannot be found while compiling, so an edit of it is not \
         noticed; name it by a literal"
    )
}

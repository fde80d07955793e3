//! Source fingerprints: a digest of all source that a function's result depends on.
//! It is computed during compilation, from the files of the crate.

mod attached_macros;
mod attribute;
mod attribute_names;
mod bounds;
mod build_unit;
mod cfg;
mod cfg_predicate;
mod cfg_uses;
mod collect_refs;
mod companion_names;
mod compile_time;
mod context;
mod covered_crates;
mod crates;
mod database;
mod digest;
mod engine;
mod env_vars;
mod expand;
mod globs;
mod impl_header;
mod impls;
mod impure_calls;
mod impure_helpers;
mod include;
mod index;
mod item_list;
mod item_table;
mod known;
mod listed_crates;
mod literal;
mod locate;
mod macro_depth;
mod macro_imports;
mod macro_modules;
mod macro_reads;
mod macro_texts;
mod macro_written;
mod manifest;
mod name;
mod name_pattern;
mod native_libraries;
mod normalize;
mod opaque_crates;
mod opaque_imports;
mod reachability;
mod references;
mod resolve;
mod scan;
mod shadowed;
mod site_identity;
mod snapshot;
mod symbol;
mod syntax;
#[cfg(test)]
mod tests;
mod text_shape;
mod textual;
mod token;
mod type_name;
mod use_tree;
mod widen;

use std::cell::OnceCell;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::quote;

pub(crate) use cfg_predicate::evaluate;
pub(crate) use covered_crates::CoveredCrates;
pub(crate) use engine::FingerprintScope;
pub(crate) use item_list::differences;
pub(crate) use locate::FnOwner;
pub(crate) use site_identity::{FnSite, GenericContext, package, type_location};
pub(crate) use type_name::{is_crate, may_be_constant, may_be_other_trait, may_be_other_type};

use crate::crate_path::Krate;
use crate::function::AnnotatedFn;
use crate::lints;
use crate::type_name::NameMeaning;
use context::Compilation;
use digest::ReachDigest;
use engine::FingerprintEngine;
use item_table::FunctionList;
use locate::Position;
use name::Name;

/// Returns the root of the workspace of the compiled package.
pub(crate) fn workspace() -> PathBuf {
    engine::workspace_of(&PathBuf::from(
        std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default(),
    ))
}

/// The dependencies of a function's result.
pub(crate) struct Reach {
    /// The fingerprint.
    pub(crate) digest: u128,
    /// The `cfg` predicates on the way whose value only the compiler knows. The
    /// caller mixes the value of `cfg!` of each into the fingerprint.
    pub(crate) unknown_cfgs: Vec<TokenStream>,
    /// Environment variables whose values are in the digest.
    pub(crate) envs: Vec<String>,
    /// Files outside the crate's source whose contents are in the digest.
    pub(crate) files: Vec<PathBuf>,
    /// What contains the function.
    pub(crate) owner: FnOwner,
    /// What the function's name means in type position.
    pub(crate) meaning: NameMeaning,
    /// Warnings about dependencies of the function that no fingerprint can see.
    pub(crate) warnings: Vec<(Span, String)>,
    summary: ReachDigest,
    listing: OnceCell<FunctionList>,
}

impl Reach {
    /// Returns the items behind the digest, one line each: path, file, line and hash.
    pub(crate) fn items_text(&self) -> String {
        with_engine(|engine| engine.items_text(&self.summary))
    }

    /// Returns the same list; lines that several functions share are given by their
    /// index in the crate's table.
    pub(crate) fn listed(&self) -> String {
        let FunctionList {
            table,
            numbers,
            own,
            ..
        } = self.listing();
        match numbers.is_empty() {
            true => own.clone(),
            false => format!("\u{1}{table:032x} {numbers}\n{own}"),
        }
    }

    /// Returns an item that defines the lines that this function shares with others,
    /// if there are new ones.
    pub(crate) fn lines(&self, krate: Krate<'_>) -> Option<TokenStream> {
        let FunctionList {
            table,
            start,
            lines,
            ..
        } = self.listing();
        let table = Literal::u128_suffixed(*table);
        (!lines.is_empty()).then(|| {
            let lines = quote!(#krate::__private::ItemLines::new(#table, #start, #lines));
            lints::submission(krate, &lines)
        })
    }

    fn listing(&self) -> &FunctionList {
        self.listing
            .get_or_init(|| with_engine(|engine| engine.listing(&self.summary)))
    }

    /// Returns code that names the files and variables in the digest, so that the
    /// compiler tracks their changes.
    pub(crate) fn tracked(&self) -> TokenStream {
        let files = self
            .files
            .iter()
            .map(|file| macro_reads::tracked_path(file));
        let variables = &self.envs;
        let marks = self.summary.known_envs.iter();
        let marks = marks.map(|name| macro_reads::mark_of_variable(name));
        quote! {
            #(const _: &[u8] = ::core::include_bytes!(#files);)*
            #(const _: ::core::option::Option<&str> = ::core::option_env!(#variables);)*
            #(const _: ::core::option::Option<&str> = ::core::option_env!(#marks);)*
        }
    }
}

static ENGINE: Mutex<Option<FingerprintEngine>> = Mutex::new(None);

fn with_engine<T>(ask: impl FnOnce(&mut FingerprintEngine) -> T) -> T {
    let mut engine = ENGINE.lock().unwrap_or_else(PoisonError::into_inner);
    ask(engine.get_or_insert_with(|| FingerprintEngine::new(Compilation::current())))
}

/// Calls `ask` with the position of the name of a function.
fn with_position<T>(
    name: &Ident,
    ask: impl FnOnce(&mut FingerprintEngine, Option<Position<'_>>) -> T,
) -> T {
    let name = name.span();
    let path = name.local_file();
    let start = name.start();
    let position = path.as_deref().map(|file| Position {
        file,
        line: start.line,
        column: start.column,
    });
    with_engine(|engine| ask(engine, position))
}

/// Computes the fingerprint of `function` in the crate that is being compiled.
/// `settings` are the annotation options that decide which calls share results.
pub(crate) fn reach(
    function: &AnnotatedFn,
    settings: &TokenStream,
    scope: FingerprintScope,
) -> Reach {
    let name = function.sig.ident.span();
    let tokens = &function.tokens;
    let text = format!("#[memoize({settings})] {tokens}");
    let ident = Name::new(&function.sig.ident.to_string());
    let ((summary, owner), meaning) = with_position(&function.sig.ident, |engine, position| {
        let meaning = engine.type_name(ident, position, &text);
        (engine.reach(&text, position, scope), meaning)
    });
    // The contents of a file may be part of the key.
    let has_contents = text.contains("FileContents");
    let mut warnings = impure_calls::find(&function.body, has_contents);
    let of_summary = messages(&summary).into_iter();
    warnings.extend(of_summary.map(|message| (name, message)));
    let helper = summary.impure_helper.iter();
    let helper = helper.filter(|it| !(has_contents && it.call.reads_file()));
    warnings.extend(helper.map(|helper| (name, helper.message())));
    Reach {
        digest: summary.digest,
        unknown_cfgs: summary
            .unknown_cfgs
            .iter()
            .filter_map(|text| text.parse().ok())
            .collect(),
        envs: summary.envs.clone(),
        files: summary.files.clone(),
        owner,
        meaning,
        warnings,
        summary,
        listing: OnceCell::new(),
    }
}

/// Returns whether the function `name` is the function where the program starts.
pub(crate) fn is_program_entry(name: &Ident) -> bool {
    name == "main" && with_position(name, |engine, position| engine.is_in_program_root(position))
}

/// Returns the crates that fingerprints of this crate cover.
pub(crate) fn origins() -> Arc<CoveredCrates> {
    with_engine(FingerprintEngine::origins)
}

/// Returns cargo's target directory, if the compiler writes below it.
pub(crate) fn target_dir() -> Option<PathBuf> {
    with_engine(|engine| engine.target_dir())
}

/// Returns the warnings of a fingerprint for the user.
fn messages(summary: &ReachDigest) -> Vec<String> {
    let missing = summary.missing.iter().map(|text| missing_message(text));
    let mut messages: Vec<String> = missing.collect();
    if let Some(file) = summary.newer.first() {
        messages.push(format!(
            "`{}` changed after the compilation of its crate started, so the compiled text may be \
             different and the fingerprint holds for this build only; build again to keep results",
            file.display()
        ));
    }
    if let Some(unseen) = summary.unknown_inputs.first() {
        messages.push(format!(
            "a procedural macro that this function reaches reads {unseen}; the values are not \
             known, so the fingerprint holds for this build only; emit `option_env!` of the \
             variable from the macro, so that rustc tracks it"
        ));
    }
    if summary.has_too_many_files {
        messages.push(
            "a procedural macro that this function reaches may read any file of the package, and \
             the package has too many files, so the fingerprint holds for this build only; move \
             files that no macro reads to a hidden directory or to one with a `CACHEDIR.TAG`"
                .to_owned(),
        );
    }
    if summary.is_unread {
        messages.push(
            "the source of this crate cannot be read, so the dependencies of the function are not \
             known and the fingerprint holds for this build only; with `scope = \"function\"` \
             results are valid while the function itself is unchanged"
                .to_owned(),
        );
    }
    if summary.is_whole_crate {
        messages.push(
            "this function reaches the whole crate, because a macro that it reaches builds names \
             from unknown parts, so every edit of the crate invalidates its results; `reaches()` \
             names the macro"
                .to_owned(),
        );
    }
    messages
}

fn missing_message(text: &str) -> String {
    format!(
        "what `{text}` refers to cannot be determined during compilation, so the fingerprint holds \
         for this build only; use a literal"
    )
}

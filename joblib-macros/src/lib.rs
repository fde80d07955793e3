//! The procedural macros of joblib: `#[memoize]`, `#[parallel]`, `#[track]`,
//! `#[derive(Key)]`, `#[derive(Persist)]`, `#[main]` and `task!`.
//!
//! Use them through the crate `joblib`, which documents and re-exports them.
//! The generated code calls the runtime of that crate.

// docs.rs shows which feature each item needs.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod annotation;
mod bounds;
mod conditional;
mod crate_path;
mod elision;
mod entry;
mod errors;
mod fn_context;
mod function;
mod key;
mod lints;
mod memoize;
mod option;
mod option_slot;
mod packed;
mod parallel;
mod persist;
mod self_type;
mod source;
mod spelling;
mod task;
mod track;
mod type_name;
mod type_syntax;
mod warning;

use proc_macro::TokenStream;

#[allow(missing_docs, reason = "documented at the re-export in `joblib`")]
#[proc_macro_attribute]
pub fn memoize(args: TokenStream, item: TokenStream) -> TokenStream {
    annotation::expand_memoize(args.into(), item.into()).into()
}

#[allow(missing_docs, reason = "documented at the re-export in `joblib`")]
#[proc_macro_attribute]
pub fn main(args: TokenStream, item: TokenStream) -> TokenStream {
    entry::expand(args.into(), item.into()).into()
}

#[allow(missing_docs, reason = "documented at the re-export in `joblib`")]
#[proc_macro_attribute]
pub fn parallel(args: TokenStream, item: TokenStream) -> TokenStream {
    annotation::expand_parallel(args.into(), item.into()).into()
}

#[allow(missing_docs, reason = "documented at the re-export in `joblib`")]
#[proc_macro]
pub fn task(tokens: TokenStream) -> TokenStream {
    task::expand(tokens.into()).into()
}

#[allow(missing_docs, reason = "documented at the re-export in `joblib`")]
#[proc_macro_attribute]
pub fn track(args: TokenStream, item: TokenStream) -> TokenStream {
    annotation::expand_track(args.into(), item.into()).into()
}

#[allow(missing_docs, reason = "documented at the re-export in `joblib`")]
#[proc_macro_derive(Key, attributes(key))]
pub fn derive_key(item: TokenStream) -> TokenStream {
    key::expand(item.into()).into()
}

#[allow(missing_docs, reason = "documented at the re-export in `joblib`")]
#[proc_macro_derive(Persist, attributes(persist))]
pub fn derive_persist(item: TokenStream) -> TokenStream {
    persist::expand(item.into()).into()
}

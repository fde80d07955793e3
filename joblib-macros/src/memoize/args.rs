//! Parses the options of `#[memoize(…)]`. The module `rules` checks them against
//! the function.

mod value;

use std::time::Duration;

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::{Expr, ExprPath, LitStr, Path, Token};

use crate::errors::ErrorList;
use crate::option::{self, RawOption};
use crate::option_slot::OptionSlot;
use crate::source::FingerprintScope;

/// The parsed options of `#[memoize]`.
#[derive(Clone)]
pub(crate) struct Args {
    pub(crate) dir: OptionSlot<CacheDir>,
    /// An expression of type `Memory` or a reference to one, without `&` before it.
    pub(crate) memory: OptionSlot<Expr>,
    pub(crate) ignore: OptionSlot<Vec<Ident>>,
    pub(crate) key: OptionSlot<Vec<KeyExpr>>,
    pub(crate) version: OptionSlot<u64>,
    pub(crate) scope: OptionSlot<Coverage>,
    pub(crate) depends: OptionSlot<Vec<Path>>,
    pub(crate) pin: OptionSlot<Pin>,
    pub(crate) name: OptionSlot<String>,
    pub(crate) expires: OptionSlot<Duration>,
    pub(crate) validate: OptionSlot<Path>,
    pub(crate) cache_if: OptionSlot<Path>,
    pub(crate) store: OptionSlot<Conversion>,
    /// The level of zstd, or `None` for no compression.
    pub(crate) compress: OptionSlot<Option<i32>>,
    pub(crate) mmap: OptionSlot<()>,
    pub(crate) memory_tier: OptionSlot<MemoryTier>,
    pub(crate) krate: OptionSlot<Path>,
}

/// One `argument = expression` of `key(…)`.
#[derive(Clone)]
pub(crate) struct KeyExpr {
    pub(crate) argument: Ident,
    pub(crate) expr: Expr,
}

/// The functions that convert a result to and from what is stored.
#[derive(Clone)]
pub(crate) struct Conversion {
    pub(crate) to: ExprPath,
    pub(crate) from: ExprPath,
    /// The option as it was written, which is part of the fingerprint.
    written: TokenStream,
}

/// The scope of the fingerprint: what results depend on in addition to the
/// arguments.
#[derive(Clone, Copy, Default)]
pub(crate) struct Coverage {
    /// The source code in the fingerprint.
    pub(crate) source: FingerprintScope,
    /// Whether results also depend on the running executable.
    pub(crate) binary: bool,
}

/// The fingerprint that the function must have.
#[derive(Clone)]
pub(crate) struct Pin {
    pub(crate) fingerprint: u128,
    pub(crate) literal: LitStr,
}

/// The cache directory.
#[derive(Clone)]
pub(crate) struct CacheDir {
    pub(crate) anchor: DirAnchor,
    /// The path below the anchor.
    pub(crate) path: LitStr,
}

/// The directory that a cache directory is relative to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum DirAnchor {
    /// The working directory of the process at the first call.
    WorkingDirectory,
    /// The directory of the package.
    Package,
    /// The root of the workspace.
    Workspace,
    /// The directory for caches of the user who runs the program.
    UserCache,
}

/// The size of the memory tier.
#[derive(Clone, Copy)]
pub(crate) enum MemoryTier {
    Off,
    Bytes(u64),
}

const OPTIONS: [&str; 17] = [
    "dir",
    "memory",
    "ignore",
    "key",
    "version",
    "scope",
    "depends",
    "pin",
    "name",
    "expires",
    "validate",
    "cache_if",
    "store",
    "compress",
    "mmap",
    "memory_tier",
    "crate",
];

impl Args {
    /// Returns the options that decide which calls share a result, and what a stored
    /// result is.
    pub(crate) fn meaning(&self) -> TokenStream {
        let ignore = self.ignore.get().map(|names| quote!(ignore(#(#names),*),));
        let key = self.key.get().map(|keys| {
            let keys = keys
                .iter()
                .map(|KeyExpr { argument, expr }| quote!(#argument = #expr));
            quote!(key(#(#keys),*),)
        });
        let store = self.store.get().map(|store| &store.written);
        quote!(#ignore #key #store)
    }

    /// Parses the options. Errors are added to `errors` and do not prevent the
    /// other options from being parsed.
    pub(crate) fn parse(tokens: TokenStream, errors: &mut ErrorList) -> Args {
        let mut args = Args {
            dir: OptionSlot::new("dir"),
            memory: OptionSlot::new("memory"),
            ignore: OptionSlot::new("ignore"),
            key: OptionSlot::new("key"),
            version: OptionSlot::new("version"),
            scope: OptionSlot::new("scope"),
            depends: OptionSlot::new("depends"),
            pin: OptionSlot::new("pin"),
            name: OptionSlot::new("name"),
            expires: OptionSlot::new("expires"),
            validate: OptionSlot::new("validate"),
            cache_if: OptionSlot::new("cache_if"),
            store: OptionSlot::new("store"),
            compress: OptionSlot::new("compress"),
            mmap: OptionSlot::new("mmap"),
            memory_tier: OptionSlot::new("memory_tier"),
            krate: OptionSlot::new("crate"),
        };
        for option in option::options(tokens, &OPTIONS, errors) {
            args.take(option, errors);
        }
        args
    }

    fn take(&mut self, option: RawOption, errors: &mut ErrorList) {
        let name = &option.name;
        match name.unraw().to_string().as_str() {
            "dir" => self
                .dir
                .put(name, option.text().and_then(value::dir), errors),
            "memory" => {
                self.memory.put(name, value::memory(&option), errors);
            }
            "ignore" => {
                let expected = "argument names, as in `ignore(verbose)`";
                let names = option.list(expected, Ident::parse_any);
                self.ignore.put(name, names, errors);
            }
            "key" => {
                let expected = "`argument = expression`, as in `key(data = data.len())`";
                let exprs = option.list(expected, KeyExpr::parse);
                self.key.put(name, exprs, errors);
            }
            "version" => self.version.put(name, value::version(&option), errors),
            "scope" => self
                .scope
                .put(name, option.text().and_then(value::scope), errors),
            "depends" => {
                let expected = "paths of functions, as in `depends(other::step)`";
                let paths = option.list(expected, Path::parse_mod_style);
                self.depends.put(name, paths, errors);
            }
            "pin" => self
                .pin
                .put(name, option.text().and_then(value::pin), errors),
            "name" => self
                .name
                .put(name, option.text().and_then(value::name), errors),
            "expires" => self
                .expires
                .put(name, option.text().and_then(value::expires), errors),
            "validate" => {
                let expected =
                    "a function `fn(&joblib::Entry) -> bool`, as in `validate = is_fresh`";
                self.validate.put(name, option.path(expected), errors);
            }
            "cache_if" => {
                let expected = "a function `fn(&Result) -> bool`, as in `cache_if = converged`";
                self.cache_if.put(name, option.path(expected), errors);
            }
            "store" => self.store.put(name, value::store(&option), errors),
            "compress" => self
                .compress
                .put(name, option.text().and_then(value::compress), errors),
            "mmap" => self.mmap.put(name, option.flag(), errors),
            "memory_tier" => self.memory_tier.put(name, value::tier(&option), errors),
            "crate" => self.krate.put(name, option.krate(), errors),
            _ => option.unknown("memoize", &OPTIONS, errors),
        }
    }
}

impl Parse for KeyExpr {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let argument = Ident::parse_any(input)?;
        input.parse::<Token![=]>()?;
        Ok(KeyExpr {
            argument,
            expr: input.parse()?,
        })
    }
}

//! Parses the options of `#[memoize(…)]`. The module `rules` checks them against
//! the function.

mod value;

use std::time::Duration;

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::{Expr, LitStr, Path, Token};

use crate::errors::ErrorList;
use crate::option::{self, RawOption};
use crate::option_slot::OptionSlot;
use crate::source::FingerprintScope;

/// The parsed options of `#[memoize]`.
#[derive(Clone)]
pub(crate) struct Args {
    pub(crate) dir: OptionSlot<LitStr>,
    pub(crate) memory: OptionSlot<Path>,
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
    pub(crate) compress: OptionSlot<ResultCompression>,
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

/// The compression of stored results.
#[derive(Clone, Copy)]
pub(crate) enum ResultCompression {
    None,
    Zstd(i32),
}

/// The size of the memory tier.
#[derive(Clone, Copy)]
pub(crate) enum MemoryTier {
    Off,
    Bytes(u64),
}

const OPTIONS: &str = "`dir`, `memory`, `ignore`, `key`, `version`, `scope`, `depends`, `pin`, \
     `name`, `expires`, `validate`, `cache_if`, `compress`, `mmap`, `memory_tier` or `crate`";

impl Args {
    /// Returns the options that decide which calls share a result.
    pub(crate) fn meaning(&self) -> TokenStream {
        let ignore = self.ignore.get().map(|names| quote!(ignore(#(#names),*),));
        let key = self.key.get().map(|keys| {
            let keys = keys
                .iter()
                .map(|KeyExpr { argument, expr }| quote!(#argument = #expr));
            quote!(key(#(#keys),*))
        });
        quote!(#ignore #key)
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
            compress: OptionSlot::new("compress"),
            mmap: OptionSlot::new("mmap"),
            memory_tier: OptionSlot::new("memory_tier"),
            krate: OptionSlot::new("crate"),
        };
        for option in option::options(tokens, OPTIONS, errors) {
            args.take(option, errors);
        }
        args
    }

    fn take(&mut self, option: RawOption, errors: &mut ErrorList) {
        let name = option.name.clone();
        let taken = match name.unraw().to_string().as_str() {
            "dir" => option.text().map(|dir| self.dir.set(&name, dir, errors)),
            "memory" => option
                .path("a `static` of type `Memory`, as in `memory = CACHE`")
                .map(|path| self.memory.set(&name, path, errors)),
            "ignore" => option
                .list("argument names, as in `ignore(verbose)`", Ident::parse_any)
                .map(|names| self.ignore.set(&name, names, errors)),
            "key" => option
                .list(
                    "`argument = expression`, as in `key(data = data.len())`",
                    KeyExpr::parse,
                )
                .map(|exprs| self.key.set(&name, exprs, errors)),
            "version" => {
                value::version(&option).map(|version| self.version.set(&name, version, errors))
            }
            "scope" => option
                .text()
                .and_then(|text| value::scope(&text))
                .map(|scope| self.scope.set(&name, scope, errors)),
            "depends" => option
                .list(
                    "paths of functions, as in `depends(other::step)`",
                    Path::parse_mod_style,
                )
                .map(|paths| self.depends.set(&name, paths, errors)),
            "pin" => option
                .text()
                .and_then(value::pin)
                .map(|pin| self.pin.set(&name, pin, errors)),
            "name" => option
                .text()
                .and_then(|text| value::name(&text))
                .map(|text| self.name.set(&name, text, errors)),
            "expires" => option
                .text()
                .and_then(|text| value::expires(&text))
                .map(|age| self.expires.set(&name, age, errors)),
            "validate" => option
                .path("a function `fn(&joblib::Entry) -> bool`, as in `validate = is_fresh`")
                .map(|path| self.validate.set(&name, path, errors)),
            "cache_if" => option
                .path("a function `fn(&Result) -> bool`, as in `cache_if = converged`")
                .map(|path| self.cache_if.set(&name, path, errors)),
            "compress" => option
                .text()
                .and_then(|text| value::compress(&text))
                .map(|compress| self.compress.set(&name, compress, errors)),
            "mmap" => option.flag().map(|()| self.mmap.set(&name, (), errors)),
            "memory_tier" => {
                value::tier(&option).map(|tier| self.memory_tier.set(&name, tier, errors))
            }
            "crate" => option
                .path("the path of the joblib crate, as in `crate = ::my_joblib`")
                .map(|path| self.krate.set(&name, path, errors)),
            other => Err(syn::Error::new(
                name.span(),
                format!("`{other}` is not an option of `#[memoize]`; expected {OPTIONS}"),
            )),
        };
        if let Err(error) = taken {
            errors.push(error);
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

//! Parses the option values that are numbers or strings.

use std::time::Duration;

use proc_macro2::{Ident, Span};
use quote::quote;
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Expr, ExprPath, Lit, LitStr, Token, parse_quote};

use super::{CacheDir, Conversion, Coverage, DirAnchor, MemoryTier, Pin};
use crate::option::{self, RawOption};
use crate::source::FingerprintScope;

/// Parses the value of `dir`.
pub(super) fn dir(text: LitStr) -> syn::Result<CacheDir> {
    let value = text.value();
    let Some(anchored) = value.strip_prefix('$') else {
        return Ok(CacheDir {
            anchor: DirAnchor::WorkingDirectory,
            path: text,
        });
    };
    let (name, path) = anchored.split_once('/').unwrap_or((anchored, ""));
    let anchor = match name {
        "CARGO_MANIFEST_DIR" => DirAnchor::Package,
        "WORKSPACE" => DirAnchor::Workspace,
        "USER_CACHE" => DirAnchor::UserCache,
        _ => {
            let message = format!(
                "unknown start `${name}` of a directory; expected `$CARGO_MANIFEST_DIR`, \
                 `$WORKSPACE` or `$USER_CACHE`, or `./` before a name that starts with `$`"
            );
            return Err(syn::Error::new(text.span(), message));
        }
    };
    if path.trim_matches('/').is_empty() {
        let message = format!(
            "`dir` is the directory `${name}` itself; name a directory in it, as in \
             `dir = \"${name}/.cache\"`"
        );
        return Err(syn::Error::new(text.span(), message));
    }
    Ok(CacheDir {
        anchor,
        path: LitStr::new(path, text.span()),
    })
}

/// Parses the value of `memory`. Generated code borrows the expression, so a `&` before
/// it is removed.
pub(super) fn memory(option: &RawOption) -> syn::Result<Expr> {
    let expected = "an expression of type `Memory`, as in `memory = CACHE`, `memory = cache()` or \
                    `memory = self.memory`; for a directory, use `dir`";
    match option.expr() {
        Some(Expr::Reference(reference)) if reference.mutability.is_none() => {
            Ok((*reference.expr).clone())
        }
        Some(Expr::Lit(_)) | None => Err(option.wrong(expected)),
        Some(expr) => Ok(expr.clone()),
    }
}

/// Parses the value of `store`: two functions, or the module that contains them.
pub(super) fn store(option: &RawOption) -> syn::Result<Conversion> {
    let expected = "two functions, as in `store(to = encode, from = decode)`, or a module that \
                    contains `to` and `from`, as in `store = pixels`";
    if option.expr().is_some() {
        let module = option.path(expected)?;
        let [to, from] = ["to", "from"].map(|name| -> ExprPath {
            let name = Ident::new(name, module.span());
            parse_quote!(#module::#name)
        });
        return Ok(Conversion {
            to,
            from,
            written: quote!(store = #module),
        });
    }
    let parts = option.list(expected, |input| {
        let name = Ident::parse_any(input)?;
        input.parse::<Token![=]>()?;
        match option::bare(input.parse()?) {
            Expr::Path(path) => Ok((name, path)),
            other => Err(syn::Error::new_spanned(other, "not a path")),
        }
    })?;
    let function = |name: &str| parts.iter().find(|(it, _)| it == name);
    match (function("to"), function("from")) {
        (Some((_, to)), Some((_, from))) if parts.len() == 2 => Ok(Conversion {
            to: to.clone(),
            from: from.clone(),
            written: quote!(store(to = #to, from = #from)),
        }),
        _ => Err(option.wrong(expected)),
    }
}

/// Parses the value of `version`.
pub(super) fn version(option: &RawOption) -> syn::Result<u64> {
    let expected = "a whole number from 0 to 2^64 - 1, as in `version = 2`";
    match option.literal() {
        Some(Lit::Int(number)) => number.base10_parse().map_err(|_| option.wrong(expected)),
        _ => Err(option.wrong(expected)),
    }
}

/// Parses the value of `memory_tier`.
pub(super) fn tier(option: &RawOption) -> syn::Result<MemoryTier> {
    let expected = "a size, as in `memory_tier = \"64MiB\"`, or `false`";
    match option.literal() {
        Some(Lit::Bool(off)) if !off.value => Ok(MemoryTier::Off),
        Some(Lit::Str(text)) => size(text).map(MemoryTier::Bytes),
        _ => Err(option.wrong(expected)),
    }
}

/// Parses the value of `scope`.
pub(super) fn scope(text: LitStr) -> syn::Result<Coverage> {
    let (source, binary) = match text.value().as_str() {
        "reach" => (FingerprintScope::Reach, false),
        "function" => (FingerprintScope::Function, false),
        "crate" => (FingerprintScope::Crate, false),
        "binary" => (FingerprintScope::Reach, true),
        other => {
            let message = format!(
                "unknown scope `{other}`; expected \"reach\", \"function\", \"crate\" or \"binary\""
            );
            return Err(syn::Error::new(text.span(), message));
        }
    };
    Ok(Coverage { source, binary })
}

/// Parses the value of `pin`, a fingerprint in hexadecimal digits.
pub(super) fn pin(literal: LitStr) -> syn::Result<Pin> {
    let text = literal.value();
    let digits = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    match u128::from_str_radix(&text, 16) {
        Ok(fingerprint) if digits => Ok(Pin {
            fingerprint,
            literal,
        }),
        _ => Err(syn::Error::new(
            literal.span(),
            format!(
                "invalid fingerprint `{text}`; write the 32 hexadecimal digits that `FINGERPRINT` prints"
            ),
        )),
    }
}

/// Parses the value of `expires`, a positive age.
pub(super) fn expires(text: LitStr) -> syn::Result<Duration> {
    let age = humantime::parse_duration(text.value().trim()).unwrap_or_default();
    if age.is_zero() {
        return Err(syn::Error::new(
            text.span(),
            format!(
                "invalid age `{}`; write a positive number and a unit, as in \"7d\", \"12h\" or \"90s\"",
                text.value()
            ),
        ));
    }
    Ok(age)
}

/// Parses a positive number of bytes. The parser saturates, so `u64::MAX` is invalid
/// too.
fn size(text: &LitStr) -> syn::Result<u64> {
    let value = text.value();
    let size = value.trim().parse::<bytesize::ByteSize>();
    let has_unit = value.trim().ends_with(|last: char| last.is_alphabetic());
    match size
        .ok()
        .filter(|_| has_unit)
        .map_or(0, |size| size.as_u64())
    {
        0 | u64::MAX => Err(syn::Error::new(
            text.span(),
            format!(
                "invalid memory size `{}`; write a positive number and a unit, as in \"64MiB\", or `false` for no memory tier",
                text.value()
            ),
        )),
        bytes => Ok(bytes),
    }
}

/// Parses the value of `name`. It has no control characters, because listings of a
/// cache print one name per line.
pub(super) fn name(text: LitStr) -> syn::Result<String> {
    let name = text.value();
    match name.chars().any(char::is_control) {
        true => Err(syn::Error::new(
            text.span(),
            format!("invalid name {name:?}; remove the control characters"),
        )),
        false => Ok(name),
    }
}

/// Parses the value of `compress`, a method and its level.
pub(super) fn compress(text: LitStr) -> syn::Result<Option<i32>> {
    let value = text.value();
    let (method, level) = value
        .split_once(':')
        .map_or((value.as_str(), None), |(m, l)| (m, Some(l)));
    match (method, level) {
        ("none", None) => Ok(None),
        ("zstd", level) => zstd(level.unwrap_or("3"), text.span()).map(Some),
        _ => Err(syn::Error::new(
            text.span(),
            format!(
                "unknown compression `{value}`; expected \"none\", \"zstd\" or \"zstd:1\" to \"zstd:22\""
            ),
        )),
    }
}

fn zstd(level: &str, span: Span) -> syn::Result<i32> {
    if !cfg!(feature = "zstd") {
        return Err(syn::Error::new(
            span,
            "compressing with zstd needs the feature `zstd` of the crate `joblib`",
        ));
    }
    match level.parse::<i32>() {
        Ok(level) if (1..=22).contains(&level) => Ok(level),
        _ => Err(syn::Error::new(
            span,
            format!(
                "invalid zstd level `{level}`; write a whole number from 1 to 22, as in \"zstd:3\""
            ),
        )),
    }
}

//! Parses `compress = ".."` of a field, the compression of its arrays.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::LitStr;

/// The compression of the arrays of a field.
pub(super) struct FieldCompression {
    variant: Ident,
    level: Option<i64>,
}

/// A compression method.
struct Compression {
    name: &'static str,
    variant: &'static str,
    feature: &'static str,
    is_there: bool,
    usual: i64,
    levels: std::ops::RangeInclusive<i64>,
}

macro_rules! compressions {
    ($($name:literal = $variant:literal, $feature:literal, $usual:literal of $levels:expr;)*) => {
        [$(Compression {
            name: $name,
            variant: $variant,
            feature: $feature,
            is_there: cfg!(feature = $feature),
            usual: $usual,
            levels: $levels,
        }),*]
    };
}

/// The compression methods, which match the variants of joblib's `Compress`.
const COMPRESSIONS: [Compression; 6] = compressions! {
    "zstd" = "Zstd", "zstd", 3 of 1..=22;
    "lz4" = "Lz4", "lz4", 0 of 0..=0;
    "zlib" = "Zlib", "zlib", 3 of 1..=9;
    "gzip" = "Gzip", "zlib", 3 of 1..=9;
    "bz2" = "Bz2", "bz2", 9 of 1..=9;
    "xz" = "Xz", "xz", 6 of 0..=9;
};

impl FieldCompression {
    pub(super) fn new(text: &LitStr) -> syn::Result<Self> {
        let value = text.value();
        let refuse = |message: String| Err(syn::Error::new(text.span(), message));
        if value == "none" {
            let variant = Ident::new("None", text.span());
            return Ok(FieldCompression {
                variant,
                level: None,
            });
        }
        let (name, level) = match value.split_once(':') {
            Some((name, level)) => (name, Some(level)),
            None => (&*value, None),
        };
        let Some(known) = COMPRESSIONS.iter().find(|it| it.name == name) else {
            return refuse(format!(
                "unknown compression `{value}`; expected \"none\", \"zstd\", \"lz4\", \"zlib\", \
                 \"gzip\", \"bz2\" or \"xz\", with an optional level, as in \"zstd:3\""
            ));
        };
        let Compression { usual, levels, .. } = known;
        let variant = Ident::new(known.variant, text.span());
        // An error that does not depend on features takes precedence.
        if !known.is_there && (level.is_none() || *levels != (0..=0)) {
            return refuse(format!(
                "compressing with {name} needs the feature `{}` of the crate `joblib`",
                known.feature
            ));
        }
        if *levels == (0..=0) {
            return match level {
                None => Ok(FieldCompression {
                    variant,
                    level: None,
                }),
                Some(_) => refuse(format!("`{name}` has no levels; write \"{name}\"")),
            };
        }
        let number = level.map_or(Ok(*usual), str::parse);
        match number {
            Ok(number) if levels.contains(&number) => Ok(FieldCompression {
                variant,
                level: Some(number),
            }),
            _ => {
                let (least, most) = (levels.start(), levels.end());
                refuse(format!(
                    "invalid level in `{value}`; the levels of {name} are {least} to {most}, as in \
                     \"{name}:{usual}\""
                ))
            }
        }
    }
}

impl ToTokens for FieldCompression {
    fn to_tokens(&self, out: &mut TokenStream) {
        let variant = &self.variant;
        let level = self.level.map(proc_macro2::Literal::i64_unsuffixed);
        out.extend(match level {
            Some(level) => quote!(#variant(#level)),
            None => quote!(#variant),
        });
    }
}

//! The digest of a type's definition. It depends on the names, the order and
//! the types of variants and fields, but not on comments, attributes or
//! visibility.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::ToTokens;
use xxhash_rust::xxh3::xxh3_64;

use super::render::Shape;

/// Returns the digest of the tokens of all variants and of the fields that are
/// part of the key.
pub(super) fn digest(shapes: &[Shape<'_>]) -> u64 {
    let mut text = String::new();
    for shape in shapes {
        text.push_str("| ");
        if let Some(variant) = shape.variant {
            write(variant.to_token_stream(), &mut text);
        }
        for part in shape.fields.iter().filter(|part| !part.skipped) {
            text.push_str("; ");
            write(part.member.to_token_stream(), &mut text);
            text.push_str(": ");
            write(part.field.ty.to_token_stream(), &mut text);
        }
    }
    xxh3_64(text.as_bytes())
}

/// Appends the tokens with one space after each, independent of the spacing in
/// the source.
fn write(tokens: TokenStream, text: &mut String) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("( ", ") "),
                    Delimiter::Brace => ("{ ", "} "),
                    Delimiter::Bracket => ("[ ", "] "),
                    Delimiter::None => ("", ""),
                };
                text.push_str(open);
                write(group.stream(), text);
                text.push_str(close);
            }
            other => {
                text.push_str(&other.to_string());
                text.push(' ');
            }
        }
    }
}

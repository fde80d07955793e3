//! Splits the code that reads many fields into chunks, each in a separate closure. The
//! compile time of a function grows with the cube of its fallible expressions.

use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};

/// The maximum number of fields that are read without chunks.
const MAX_UNSPLIT: usize = 32;

/// The number of fields in a chunk.
const CHUNK: usize = 16;

/// Expressions of values, and the statements that must precede them.
pub(super) struct ReadPieces {
    pub(super) before: TokenStream,
    pub(super) values: Vec<TokenStream>,
}

impl ReadPieces {
    /// Splits `values`, whose expressions may use `?`. `within` wraps a tuple of some of
    /// them in a closure.
    pub(super) fn new(
        values: Vec<TokenStream>,
        within: impl Fn(TokenStream) -> TokenStream,
    ) -> Self {
        let mut before = TokenStream::new();
        if values.len() <= MAX_UNSPLIT {
            return ReadPieces { before, values };
        }
        let mut elements = Vec::with_capacity(values.len());
        for (number, piece) in values.chunks(CHUNK).enumerate() {
            let name = format_ident!("__joblib_piece_{number}");
            let made = within(quote!((#(#piece,)*)));
            before.extend(quote!(let #name = #made;));
            let places = (0..piece.len()).map(Literal::usize_unsuffixed);
            elements.extend(places.map(|place| quote!(#name.#place)));
        }
        ReadPieces {
            before,
            values: elements,
        }
    }
}

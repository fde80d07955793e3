//! Many fields, read in pieces: each is a function of its own, as the compiler
//! takes a time for one that grows with the cube of what may fail in it.

use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};

/// So many fields are read at once.
const MOST: usize = 32;

/// Those of more are read by so many.
const PIECE: usize = 16;

/// Values, and what comes before they can be had.
pub(super) struct ReadPieces {
    pub(super) before: TokenStream,
    pub(super) values: Vec<TokenStream>,
}

impl ReadPieces {
    /// Of `values`, which may return; `within` is a function that makes a tuple
    /// of some of them.
    pub(super) fn new(
        values: Vec<TokenStream>,
        within: impl Fn(TokenStream) -> TokenStream,
    ) -> Self {
        let mut before = TokenStream::new();
        if values.len() <= MOST {
            return ReadPieces { before, values };
        }
        let mut taken = Vec::with_capacity(values.len());
        for (number, piece) in values.chunks(PIECE).enumerate() {
            let name = format_ident!("__joblib_piece_{number}");
            let made = within(quote!((#(#piece,)*)));
            before.extend(quote!(let #name = #made;));
            let places = (0..piece.len()).map(Literal::usize_unsuffixed);
            taken.extend(places.map(|place| quote!(#name.#place)));
        }
        ReadPieces {
            before,
            values: taken,
        }
    }
}

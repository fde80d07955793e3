//! Warnings from a macro: stable Rust has only errors for them, so a warning
//! is the use of an item marked deprecated, at the word it is about.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;

/// A statement that makes the compiler warn with `message` at `span`, under
/// the lint levels of the function it stands in.
pub(crate) fn warning(span: Span, message: &str) -> TokenStream {
    quote_spanned! {span=>
        {
            #[deprecated(note = #message)]
            #[allow(non_upper_case_globals)]
            const this_result_may_not_be_repeatable: () = ();
            this_result_may_not_be_repeatable
        }
    }
}

//! Compiler warnings from a macro. Stable Rust lets macros emit only errors, so a
//! warning is the use of a deprecated item at the span of the warning.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote_spanned;

/// Returns a statement that makes the compiler warn with `message` at `span`, after the
/// words of `summary`, an identifier. The lint levels of the enclosing function apply.
pub(crate) fn warning(span: Span, summary: &str, message: &str) -> TokenStream {
    let summary = Ident::new(summary, span);
    quote_spanned! {span=>
        {
            #[deprecated(note = #message)]
            #[allow(non_upper_case_globals)]
            const #summary: () = ();
            #summary
        }
    }
}

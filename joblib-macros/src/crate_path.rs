//! The path of the crate that generated code calls.

use proc_macro2::{Ident, Punct, Spacing, Span, TokenStream};
use quote::{ToTokens, TokenStreamExt};
use syn::Path;

use crate::errors::ErrorList;

/// The path of the crate that generated code calls, with `span` as the location
/// of errors. It appends its tokens one by one, because nested token streams are
/// many times as slow in the compiler's proc-macro bridge.
#[derive(Clone, Copy)]
pub(crate) struct Krate<'a> {
    path: Option<&'a Path>,
    span: Span,
}

impl<'a> Krate<'a> {
    /// Returns the crate at `path`, by default `::joblib`.
    pub(crate) fn new(path: Option<&'a Path>, span: Span) -> Self {
        Krate { path, span }
    }
}

impl ToTokens for Krate<'_> {
    fn to_tokens(&self, out: &mut TokenStream) {
        let Some(path) = self.path else {
            for spacing in [Spacing::Joint, Spacing::Alone] {
                let mut colon = Punct::new(':', spacing);
                colon.set_span(self.span);
                out.append(colon);
            }
            out.append(Ident::new("joblib", self.span));
            return;
        };
        for mut token in path.to_token_stream() {
            token.set_span(self.span.resolved_at(token.span()));
            out.append(token);
        }
    }
}

/// Returns the path of `crate = path`, for macros with no other option.
pub(crate) fn only_option(
    args: TokenStream,
    annotation: &str,
    errors: &mut ErrorList,
) -> Option<Path> {
    if args.is_empty() {
        return None;
    }
    let parser = |input: syn::parse::ParseStream<'_>| {
        input.parse::<syn::Token![crate]>()?;
        input.parse::<syn::Token![=]>()?;
        input.call(Path::parse_mod_style)
    };
    match syn::parse::Parser::parse2(parser, args.clone()) {
        Ok(path) => Some(path),
        Err(_) => {
            let message = format!(
                "`#[{annotation}]` takes no option except `crate = path`, for a renamed `joblib`"
            );
            errors.push(syn::Error::new_spanned(args, message));
            None
        }
    }
}

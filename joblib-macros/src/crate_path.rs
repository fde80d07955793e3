//! The crate that generated code calls.

use proc_macro2::{Ident, Punct, Spacing, Span, TokenStream};
use quote::{ToTokens, TokenStreamExt};
use syn::Path;

use crate::errors::ErrorList;

/// The path of the crate that generated code calls, to be blamed on the words
/// at `span`. It writes its tokens one by one: a stream in a stream costs the
/// compiler's bridge many times as much.
#[derive(Clone, Copy)]
pub(crate) struct Krate<'a> {
    path: Option<&'a Path>,
    span: Span,
}

impl<'a> Krate<'a> {
    /// The crate at `path`, or where it is by default.
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

/// The path in `crate = path`, the only option of an annotation.
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
                "`#[{annotation}]` takes nothing, or `crate = path` where joblib has another name"
            );
            errors.push(syn::Error::new_spanned(args, message));
            None
        }
    }
}

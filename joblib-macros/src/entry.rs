//! `#[joblib::main]`: runs the worker instead of the program in worker
//! processes.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::Path;

use crate::crate_path::{self, Krate};
use crate::errors::ErrorList;
use crate::function::{self, AnnotatedFn};

/// Returns the function with a call of `init` as its first statement.
pub(crate) fn expand(args: TokenStream, item: TokenStream) -> TokenStream {
    match try_expand(args, &item) {
        Ok(main) => main,
        Err(errors) => match function::parse(&item, "main") {
            // An invalid `main` would make the compiler report the same error again.
            Ok(function) if function.sig.ident == "main" => quote!(#errors fn main() {}),
            _ => quote!(#errors #item),
        },
    }
}

fn try_expand(args: TokenStream, item: &TokenStream) -> Result<TokenStream, TokenStream> {
    let mut errors = ErrorList::default();
    let krate = crate_path::only_option(args, "main", &mut errors);
    let function = errors.ok(function::parse(item, "main"));
    if let Some(function) = &function {
        check(function, &mut errors);
    }
    let function = errors.or(function)?;
    Ok(function.map_or_else(TokenStream::new, |it| render(&it, krate.as_ref())))
}

fn check(function: &AnnotatedFn, errors: &mut ErrorList) {
    let sig = &function.sig;
    if sig.ident != "main" {
        errors.on(
            &sig.ident,
            format!(
                "`#[main]` belongs on the function `main`, where worker processes start; \
                 in `{}`, call `joblib::init()` first instead",
                sig.ident
            ),
        );
    }
    if let Some(token) = &sig.asyncness {
        errors.on(
            token,
            "`#[main]` does not support `async`, because worker processes must not start the \
             async runtime; write a plain `main` that starts the runtime, or call \
             `joblib::init()` before it",
        );
    }
    if !sig.inputs.is_empty() {
        errors.on(&sig.inputs, "`main` takes no arguments");
    }
}

fn render(function: &AnnotatedFn, krate: Option<&Path>) -> TokenStream {
    let AnnotatedFn {
        attrs,
        vis,
        sig,
        body,
        ..
    } = function;
    let span = body.span();
    let (outer, inner): (Vec<_>, Vec<_>) = attrs
        .iter()
        .partition(|attr| matches!(attr.style, syn::AttrStyle::Outer));
    let krate = Krate::new(krate, sig.ident.span());
    let statements = body.stream();
    let body = quote_spanned!(span=> {
        #(#inner)*
        #krate::__private::init();
        #statements
    });
    quote!(#(#outer)* #vis #sig #body)
}

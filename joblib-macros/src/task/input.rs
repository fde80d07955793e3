//! Parses and checks the input of `task!(…)`.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote};
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Expr, ExprClosure, Pat, PatType, Path, ReturnType, Token, Type, bracketed};

use crate::errors::ErrorList;
use crate::parallel::model::{Argument, Model};

/// A closure and its declared captures.
pub(super) struct TaskInput {
    pub(super) krate: Option<Path>,
    pub(super) captures: Vec<Capture>,
    pub(super) closure: ExprClosure,
}

/// `name: Type`, or `name: Type = value`.
pub(crate) struct Capture {
    pub(crate) name: Ident,
    pub(crate) ty: Type,
    pub(crate) value: Option<Expr>,
}

const SHAPE: &str = "`task!` takes a closure, as in `task!(|x: u64| x * x)`, with any captures \
     listed before it, as in `task!([scale: f64] |x: f64| x * scale)`";

impl Parse for TaskInput {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let krate = krate(input)?;
        let captures = match input.peek(syn::token::Bracket) {
            true => {
                let content;
                bracketed!(content in input);
                let captures: Punctuated<Capture, Token![,]> =
                    content.parse_terminated(Capture::parse, Token![,])?;
                captures.into_iter().collect()
            }
            false => Vec::new(),
        };
        let start = input.span();
        let closure = match input.parse::<Expr>() {
            Ok(Expr::Closure(closure)) => closure,
            Ok(other) => return Err(syn::Error::new_spanned(other, SHAPE)),
            Err(_) if input.is_empty() => return Err(syn::Error::new(start, SHAPE)),
            Err(error) => return Err(error),
        };
        input.parse::<Option<Token![,]>>()?;
        match input.is_empty() {
            true => Ok(TaskInput {
                krate,
                captures,
                closure,
            }),
            false => Err(syn::Error::new(input.span(), SHAPE)),
        }
    }
}

/// Parses `crate = path,`, which sets the path of a renamed joblib crate.
fn krate(input: ParseStream<'_>) -> syn::Result<Option<Path>> {
    if !input.peek(Token![crate]) {
        return Ok(None);
    }
    input.parse::<Token![crate]>()?;
    input.parse::<Token![=]>()?;
    let path = input.call(Path::parse_mod_style)?;
    input.parse::<Token![,]>()?;
    Ok(Some(path))
}

impl Parse for Capture {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let name: Ident = input.parse()?;
        if !input.peek(Token![:]) {
            let message = format!(
                "capture `{name}` needs a type, because other processes decode it; write it as \
                 in `[{name}: f64]`"
            );
            return Err(syn::Error::new(name.span(), message));
        }
        input.parse::<Token![:]>()?;
        let ty = input.parse()?;
        let value = match input.parse::<Option<Token![=]>>()? {
            Some(_) => Some(input.parse()?),
            None => None,
        };
        Ok(Capture { name, ty, value })
    }
}

impl TaskInput {
    /// Returns the argument, if it has a type.
    pub(super) fn argument(&self) -> Option<&PatType> {
        match self.closure.inputs.first() {
            Some(Pat::Type(typed)) => Some(typed),
            _ => None,
        }
    }

    /// Returns the type of the result, if the closure declares it.
    pub(super) fn output(&self) -> Option<&Type> {
        match &self.closure.output {
            ReturnType::Default => None,
            ReturnType::Type(_, ty) => match &**ty {
                Type::Infer(_) => None,
                ty => Some(ty),
            },
        }
    }

    /// Returns the body of the closure without its braces.
    pub(super) fn body(&self) -> TokenStream {
        match &*self.closure.body {
            Expr::Block(block) if block.attrs.is_empty() && block.label.is_none() => {
                let statements = &block.block.stmts;
                quote!(#(#statements)*)
            }
            body => quote!(#body),
        }
    }

    /// Checks what is visible in the syntax of the closure and its captures.
    pub(super) fn check(&self, errors: &mut ErrorList) {
        let closure = &self.closure;
        if let Some(token) = &closure.asyncness {
            errors.on(
                token,
                "an `async` closure cannot be a task; annotate an `async fn` with `#[parallel]`",
            );
        }
        match closure.inputs.len() {
            0 => errors.at(
                closure.inputs_end.span(),
                "a task takes one argument, the input; write `|_: ()|` if it needs none",
            ),
            1 => self.check_argument(errors),
            _ => errors.on(
                &closure.inputs,
                "a task takes one argument, the input; write a tuple for several values, as in \
                 `|(a, b): (u64, u64)|`",
            ),
        }
        for (index, capture) in self.captures.iter().enumerate() {
            let before = &self.captures[..index];
            if before.iter().any(|it| it.name == capture.name) {
                let message = format!("`{}` is captured twice; name it once", capture.name);
                errors.at(capture.name.span(), message);
            }
        }
    }

    fn check_argument(&self, errors: &mut ErrorList) {
        if let Some(pat) = self.closure.inputs.first()
            && self.argument().is_none()
        {
            let text = pat.to_token_stream();
            errors.on(
                pat,
                format!(
                    "argument `{text}` needs a type, because other processes decode it; write \
                     it as in `|{text}: u64|`"
                ),
            );
        }
    }

    /// Checks that the argument, the captures and the result do not borrow, since
    /// they are sent to other processes.
    pub(super) fn check_types(&self, model: &Model, errors: &mut ErrorList) {
        let written: Vec<Span> = self.argument().map(|it| it.ty.span()).into_iter().collect();
        let captures = self.captures.iter().map(|it| it.ty.span());
        let is_borrowed = |argument: &&Argument| argument.is_borrowed_within();
        for (argument, span) in model.arguments().zip(written.into_iter().chain(captures)) {
            if is_borrowed(&argument) {
                let message = format!(
                    "`{}` borrows, so it cannot be sent to another process; take an owned value, \
                     or a plain reference to one, such as `&[T]` or `&str`",
                    argument.label
                );
                errors.at(span, message);
            }
        }
        if let Some(output) = self.output()
            && model.is_result_borrowed()
        {
            errors.on(
                output,
                "a borrowed result cannot be sent back from another process; return an owned \
                 value, such as `String` for `&str` or `Vec<T>` for `&[T]`",
            );
        }
    }
}

//! Parses the syntax of macro options: `name`, `name = value` or `name(…)`.
//! The macros interpret the names. The parser skips a malformed option up to
//! the next comma, so that it still reports errors in later options.

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Expr, ExprLit, Lit, LitStr, Path, Token, parenthesized};

use crate::errors::ErrorList;
use crate::spelling;

/// An option with its unparsed value.
pub(crate) struct RawOption {
    pub(crate) name: Ident,
    value: RawValue,
}

enum RawValue {
    None,
    Equals(Expr),
    /// The tokens after `=`, which are not an expression.
    Malformed(TokenStream),
    List(TokenStream),
}

/// Parses the name of an option of the attribute `attribute`, such as `example`.
pub(crate) fn name(input: ParseStream<'_>, attribute: &str, example: &str) -> syn::Result<Ident> {
    Ident::parse_any(input).map_err(|error| {
        let message = format!("expected an option, as in `#[{attribute}({example})]`");
        syn::Error::new(error.span(), message)
    })
}

/// Parses all options. Syntax errors, which list the `known` options, are
/// added to `errors`.
pub(crate) fn options(
    tokens: TokenStream,
    known: &[&str],
    errors: &mut ErrorList,
) -> Vec<RawOption> {
    let parser = |input: ParseStream<'_>| {
        let mut options = Vec::new();
        while !input.is_empty() {
            match RawOption::parse(input, known) {
                Ok(option) => options.push(option),
                Err(error) => errors.push(error),
            }
            separator(input, errors)?;
        }
        Ok(options)
    };
    parser.parse2(tokens).unwrap_or_default()
}

/// Parses the comma between options. A name without a comma before it is
/// reported and then parsed as the next option.
fn separator(input: ParseStream<'_>, errors: &mut ErrorList) -> syn::Result<()> {
    if input.peek(Ident::peek_any) {
        let name = Ident::parse_any(&input.fork())?;
        let message = format!("missing comma before `{name}`; separate options with `,`");
        errors.at(name.span(), message);
        return Ok(());
    }
    let rest = skip_to_comma(input);
    if !rest.is_empty() {
        let message = format!("unexpected `{rest}`; separate options with `,`");
        errors.on(&rest, message);
    }
    input.parse::<Option<Token![,]>>().map(drop)
}

/// Removes the invisible group that `macro_rules!` puts around a fragment such
/// as `$value:literal`.
pub(crate) fn bare(mut expr: Expr) -> Expr {
    while let Expr::Group(group) = expr {
        expr = *group.expr;
    }
    expr
}

/// Consumes and returns the tokens up to the next comma.
fn skip_to_comma(input: ParseStream<'_>) -> TokenStream {
    let mut skipped = TokenStream::new();
    while !input.is_empty() && !input.peek(Token![,]) {
        match input.parse::<TokenTree>() {
            Ok(token) => skipped.extend([token]),
            Err(_) => break,
        }
    }
    skipped
}

impl RawOption {
    fn parse(input: ParseStream<'_>, known: &[&str]) -> syn::Result<Self> {
        if !input.peek(Ident::peek_any) {
            let found = skip_to_comma(input);
            let known = spelling::one_of(known);
            let message = format!("`{found}` is not an option; expected {known}");
            return Err(syn::Error::new_spanned(found, message));
        }
        let name = Ident::parse_any(input)?;
        let value = if input.peek(Token![=]) {
            input.parse::<Token![=]>()?;
            match input.fork().parse::<Expr>() {
                Ok(_) => RawValue::Equals(bare(input.parse()?)),
                Err(_) => RawValue::Malformed(skip_to_comma(input)),
            }
        } else if input.peek(syn::token::Paren) {
            let content;
            parenthesized!(content in input);
            RawValue::List(content.parse()?)
        } else {
            RawValue::None
        };
        Ok(RawOption { name, value })
    }

    fn word(&self) -> String {
        self.name.unraw().to_string()
    }

    /// Reports an unknown option of the attribute `attribute`, whose options are `known`.
    pub(crate) fn unknown(&self, attribute: &str, known: &[&str], errors: &mut ErrorList) {
        let word = self.word();
        let (hint, known) = (spelling::hint(&word, known), spelling::one_of(known));
        let message =
            format!("`{word}` is not an option of `#[{attribute}]`{hint}; expected {known}");
        errors.at(self.name.span(), message);
    }

    /// Returns the error that the option takes a value as `expected`. Its span
    /// is the actual value, or the name if there is no value.
    pub(crate) fn wrong(&self, expected: &str) -> syn::Error {
        let message = format!("`{}` takes {expected}", self.word());
        match &self.value {
            RawValue::Equals(expr) => syn::Error::new_spanned(expr, message),
            RawValue::List(tokens) | RawValue::Malformed(tokens) if !tokens.is_empty() => {
                syn::Error::new_spanned(tokens, message)
            }
            _ => syn::Error::new(self.name.span(), message),
        }
    }

    /// Returns the expression of `name = expression`.
    pub(crate) fn expr(&self) -> Option<&Expr> {
        match &self.value {
            RawValue::Equals(expr) => Some(expr),
            _ => None,
        }
    }

    /// Returns the literal of `name = literal`.
    pub(crate) fn literal(&self) -> Option<&Lit> {
        match &self.value {
            RawValue::Equals(Expr::Lit(ExprLit { lit, .. })) => Some(lit),
            _ => None,
        }
    }

    /// Returns the non-empty string of `name = "…"`.
    pub(crate) fn text(&self) -> syn::Result<LitStr> {
        let word = self.word();
        let example = format!("`{word} = {}`", text_example(&word));
        match self.literal() {
            Some(Lit::Str(text)) if text.value().trim().is_empty() => Err(syn::Error::new(
                text.span(),
                format!("`{word}` is empty; write a non-empty string, as in {example}"),
            )),
            Some(Lit::Str(text)) => Ok(text.clone()),
            _ => Err(self.wrong(&format!("a string, as in {example}"))),
        }
    }

    /// Returns the path of `name = path`.
    pub(crate) fn path(&self, expected: &str) -> syn::Result<Path> {
        match &self.value {
            RawValue::Equals(Expr::Path(path)) if path.qself.is_none() => Ok(path.path.clone()),
            _ => Err(self.wrong(expected)),
        }
    }

    /// Returns the path of `crate = path`.
    pub(crate) fn krate(&self) -> syn::Result<Path> {
        self.path("the path of the joblib crate, as in `crate = ::my_joblib`")
    }

    /// Checks that the option is `name` without a value.
    pub(crate) fn flag(&self) -> syn::Result<()> {
        match self.value {
            RawValue::None => Ok(()),
            _ => Err(self.wrong(&format!("no value; write `{}` alone", self.word()))),
        }
    }

    /// Returns the items of `name(item, …)`, of which there is at least one.
    pub(crate) fn list<T>(
        &self,
        expected: &str,
        item: fn(ParseStream<'_>) -> syn::Result<T>,
    ) -> syn::Result<Vec<T>> {
        let RawValue::List(tokens) = &self.value else {
            return Err(self.wrong(expected));
        };
        if tokens.is_empty() {
            return Err(self.wrong(expected));
        }
        let parser = |input: ParseStream<'_>| {
            let mut items = Vec::new();
            while !input.is_empty() {
                items.push(self.item(input, expected, item)?);
                input.parse::<Option<Token![,]>>()?;
            }
            Ok(items)
        };
        parser.parse2(tokens.clone())
    }

    fn item<T>(
        &self,
        input: ParseStream<'_>,
        expected: &str,
        item: fn(ParseStream<'_>) -> syn::Result<T>,
    ) -> syn::Result<T> {
        let start = input.fork();
        match item(input) {
            Ok(value) if input.is_empty() || input.peek(Token![,]) => Ok(value),
            _ => {
                let written = skip_to_comma(&start);
                skip_to_comma(input);
                let message = format!("`{}` takes {expected}", self.word());
                match written.is_empty() {
                    true => Err(self.wrong(expected)),
                    false => Err(syn::Error::new_spanned(written, message)),
                }
            }
        }
    }
}

fn text_example(option: &str) -> &'static str {
    match option {
        "dir" => "\".cache\"",
        "scope" => "\"reach\"",
        "pin" => "\"0123456789abcdef0123456789abcdef\"",
        "name" => "\"simulate\"",
        "expires" => "\"7d\"",
        _ => "\"zstd:3\"",
    }
}

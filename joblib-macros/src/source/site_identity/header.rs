//! Parses the header of an item: its keyword and, for an impl or trait, its self type
//! and generic parameters.

use proc_macro2::{Ident, Span as TokenSpan};
use quote::ToTokens;
use syn::{Generics, ItemImpl, ItemTrait, Type};

use super::enclosing::GroupKind;
use crate::source::token::{LexedFile, Span, TokenKind};

/// What a function is generic over in addition to its own signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum GenericContext {
    /// Nothing.
    Plain,
    /// `Self`, and those type and const parameters of the impl or trait that `Self`
    /// does not contain.
    Generic {
        types: Vec<Ident>,
        constants: Vec<Ident>,
    },
    /// Depends on a macro.
    Unknown,
}

/// Returns the first keyword of an item in `span`, after attributes, visibility and
/// modifiers. Returns the end of `span` if there is none.
pub(super) fn keyword(file: &LexedFile, span: Span) -> usize {
    let mut at = span.start;
    while at < span.end {
        let next = file.after(at);
        let is_attribute = file.is(at, b'#') && file.opens(next);
        let is_inner = file.is(at, b'#') && file.is(next, b'!');
        let is_repeated = file.is(at, b'$') && file.opens(next);
        at = match file.text(at) {
            _ if is_attribute => file.after(next),
            _ if is_inner => file.after(next + 1),
            // `$(…)*`, with or without a separator.
            _ if is_repeated => after_repetition(file, file.after(next), span.end),
            "$" => next + 1,
            "pub" if file.is(next, b'(') => file.after(next),
            "pub" | "unsafe" | "async" | "const" | "extern" | "default" | "safe" | "auto" => next,
            _ if file
                .get(at)
                .is_some_and(|token| token.kind == TokenKind::Literal) =>
            {
                next
            }
            _ => return at,
        };
    }
    span.end
}

fn after_repetition(file: &LexedFile, at: usize, end: usize) -> usize {
    let is_sign = |at: usize| [b'*', b'+', b'?'].iter().any(|&byte| file.is(at, byte));
    match (is_sign(at), is_sign(at + 1)) {
        (true, _) => at + 1,
        (false, true) => at + 2,
        (false, false) => at.min(end),
    }
}

/// Parses the impl whose header is in `span`. The header of an impl in a macro may be
/// incomplete.
pub(super) fn of_impl(file: &LexedFile, span: Span) -> GroupKind {
    let text = text(file, span.clone());
    let Ok(item) = syn::parse_str::<ItemImpl>(&format!("{text} {{}}")) else {
        return GroupKind::Impl {
            of: is_of_a_trait(file, span).then(String::new),
            subject: String::new(),
            surroundings: GenericContext::Unknown,
        };
    };
    let shown = |tokens: &dyn Fn() -> proc_macro2::TokenStream| compact(&tokens().to_string());
    GroupKind::Impl {
        of: item
            .trait_
            .as_ref()
            .map(|of| shown(&|| of.0.to_token_stream())),
        subject: shown(&|| item.self_ty.to_token_stream()),
        surroundings: surroundings(&item.generics, Some(&item.self_ty)),
    }
}

/// Returns what the trait whose header is in `span` is generic over.
pub(super) fn of_trait(file: &LexedFile, span: Span) -> GenericContext {
    let text = text(file, span);
    match syn::parse_str::<ItemTrait>(&format!("{text} {{}}")) {
        Ok(item) => match surroundings(&item.generics, None) {
            GenericContext::Plain => GenericContext::Generic {
                types: Vec::new(),
                constants: Vec::new(),
            },
            generic => generic,
        },
        Err(_) => GenericContext::Unknown,
    }
}

fn surroundings(generics: &Generics, subject: Option<&Type>) -> GenericContext {
    let words = subject.map(|subject| words(&subject.to_token_stream().to_string()));
    let is_named = |name: &Ident| words.iter().flatten().any(|word| name == word);
    let unnamed = |names: Vec<&Ident>| {
        let names = names.into_iter().filter(|name| !is_named(name));
        names
            .map(|name| Ident::new(&name.to_string(), TokenSpan::call_site()))
            .collect()
    };
    let types: Vec<_> = generics.type_params().map(|param| &param.ident).collect();
    let constants: Vec<_> = generics.const_params().map(|param| &param.ident).collect();
    if types.is_empty() && constants.is_empty() {
        return GenericContext::Plain;
    }
    GenericContext::Generic {
        types: unnamed(types),
        constants: unnamed(constants),
    }
}

fn words(text: &str) -> Vec<String> {
    let ends = |c: char| c != '_' && !c.is_alphanumeric();
    text.split(ends).map(str::to_owned).collect()
}

/// Returns whether `for` marks a trait impl: a type follows it, and not a list of
/// lifetimes.
fn is_of_a_trait(file: &LexedFile, span: Span) -> bool {
    let mut at = span.start;
    while at < span.end {
        if file.is_word(at, "for") && !file.is(at + 1, b'<') {
            return true;
        }
        at = file.after(at);
    }
    false
}

fn text(file: &LexedFile, span: Span) -> String {
    let mut text = String::new();
    for at in span {
        text.push_str(file.text(at));
        if !file.is_joint(at) || file.is_word_kind(at) {
            text.push(' ');
        }
    }
    text
}

/// Removes the spaces from printed tokens, except between two words.
fn compact(tokens: &str) -> String {
    let is_part = |c: char| c == '_' || c.is_alphanumeric();
    let mut text = String::new();
    let mut rest = tokens.chars().peekable();
    while let Some(c) = rest.next() {
        let is_between =
            |next: &char| text.chars().next_back().is_some_and(is_part) && is_part(*next);
        if !c.is_whitespace() || rest.peek().is_some_and(is_between) {
            text.push(if c.is_whitespace() { ' ' } else { c });
        }
    }
    text
}

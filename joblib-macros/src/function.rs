//! The item an annotation stands on, which must be a function with a body.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use syn::parse::{Parse, ParseStream};
use syn::spanned::Spanned;
use syn::{Attribute, Item, Meta, Path, Signature, TraitItemFn, Visibility};

use crate::errors::ErrorList;

/// A function whose body is taken as it stands: what is wrong in it is for the
/// compiler to say.
#[derive(Clone)]
pub(crate) struct AnnotatedFn {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) sig: Signature,
    /// The body in its braces.
    pub(crate) body: Group,
    /// All tokens of the function, as given.
    pub(crate) tokens: TokenStream,
    /// The names of arguments that a `cfg` takes away.
    pub(crate) absent: Vec<Ident>,
}

impl Parse for AnnotatedFn {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut attrs = input.call(Attribute::parse_outer)?;
        let vis = input.parse()?;
        let sig = input.parse()?;
        let body = body(input.parse()?)?;
        let inner = |input: ParseStream<'_>| {
            attrs.extend(input.call(Attribute::parse_inner)?);
            input.parse()
        };
        let rest: TokenStream = syn::parse::Parser::parse2(inner, body.stream())?;
        let mut bare = Group::new(Delimiter::Brace, rest);
        bare.set_span(body.span());
        Ok(AnnotatedFn {
            attrs,
            vis,
            sig,
            body: bare,
            tokens: TokenStream::new(),
            absent: Vec::new(),
        })
    }
}

/// The braces of a body, which a macro by example hands over as a fragment
/// (`$body:block`) in a group without delimiters.
fn body(token: TokenTree) -> syn::Result<Group> {
    let missing = syn::Error::new(token.span(), "expected the body");
    let TokenTree::Group(group) = token else {
        return Err(missing);
    };
    match group.delimiter() {
        Delimiter::Brace => Ok(group),
        Delimiter::None => group.stream().into_iter().next().map_or(Err(missing), body),
        _ => Err(missing),
    }
}

/// The function that `item` is.
///
/// # Errors
///
/// It is none: the error says what it is, at the word that says so.
pub(crate) fn parse(item: &TokenStream, annotation: &str) -> syn::Result<AnnotatedFn> {
    match syn::parse2::<AnnotatedFn>(item.clone()) {
        Ok(function) => Ok(AnnotatedFn {
            tokens: item.clone(),
            ..function
        }),
        Err(_) => {
            let (span, found) = found(item);
            let message = format!("`#[{annotation}]` belongs on a function with a body{found}");
            Err(syn::Error::new(span, message))
        }
    }
}

/// What stands in a body may be given to a macro, but for modules in files of their
/// own.
pub(crate) fn has_no_file_module(body: &Group, errors: &mut ErrorList) {
    let tokens: Vec<TokenTree> = body.stream().into_iter().collect();
    for (at, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Group(group) if !is_of_macro(&tokens[..at]) => {
                has_no_file_module(group, errors);
            }
            TokenTree::Ident(word) if word == "mod" => {
                if let [TokenTree::Ident(name), TokenTree::Punct(end), ..] = &tokens[at + 1..]
                    && end.as_char() == ';'
                {
                    errors.at(
                        name.span(),
                        format!(
                            "the compiler gives no module in a file of its own to an annotation; \
                             declare `mod {name}` outside of the function, or write what is in \
                             the file between braces here"
                        ),
                    );
                }
            }
            _ => {}
        }
    }
}

/// Whether a group after these tokens is what a macro is given.
fn is_of_macro(before: &[TokenTree]) -> bool {
    let is_bang = |token: &TokenTree| matches!(token, TokenTree::Punct(it) if it.as_char() == '!');
    match before {
        [.., bang] if is_bang(bang) => true,
        [.., bang, TokenTree::Ident(_)] => is_bang(bang),
        _ => false,
    }
}

/// An attribute that another one expands with itself.
pub(crate) struct SiblingAttribute {
    /// Its path, to be named once: the compiler would find its `use` unused.
    pub(crate) path: Path,
    pub(crate) arguments: TokenStream,
}

/// The first attribute of `item` whose name is `name`, however its path
/// begins, and the item without it.
pub(crate) fn take_attribute(
    item: TokenStream,
    name: &str,
) -> (Option<SiblingAttribute>, TokenStream) {
    let mut rest = TokenStream::new();
    let mut tokens = item.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let is_hash = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == '#');
        match tokens.peek() {
            Some(TokenTree::Group(group)) if is_hash => {
                if let Some(taken) = taken(group.stream(), name) {
                    tokens.next();
                    rest.extend(tokens);
                    return (Some(taken), rest);
                }
                rest.extend([token]);
                rest.extend(tokens.next());
            }
            // Attributes come first.
            _ => {
                rest.extend([token]);
                rest.extend(tokens);
                break;
            }
        }
    }
    (None, rest)
}

/// The attribute with these contents, if `name` is its name.
fn taken(attribute: TokenStream, name: &str) -> Option<SiblingAttribute> {
    let (path, arguments) = match syn::parse2(attribute).ok()? {
        Meta::Path(path) => (path, TokenStream::new()),
        Meta::List(list) => (list.path, list.tokens),
        _ => return None,
    };
    let is_named = path.segments.last().is_some_and(|it| it.ident == name);
    is_named.then_some(SiblingAttribute { path, arguments })
}

fn found(item: &TokenStream) -> (Span, &'static str) {
    if let Ok(declared) = syn::parse2::<TraitItemFn>(item.clone()) {
        let out = "; this one has none, so annotate what implements it or a function that calls it";
        return (declared.sig.ident.span(), out);
    }
    match syn::parse2::<Item>(item.clone()) {
        Ok(Item::Struct(item)) => (item.struct_token.span, ", not on a struct"),
        Ok(Item::Enum(item)) => (item.enum_token.span, ", not on an enum"),
        Ok(Item::Impl(item)) => (
            item.impl_token.span,
            "; annotate the functions inside this `impl` one by one",
        ),
        Ok(Item::Trait(item)) => (
            item.trait_token.span,
            "; annotate the functions inside this trait or its `impl`s one by one",
        ),
        Ok(Item::Mod(item)) => (
            item.mod_token.span,
            "; annotate the functions inside this module one by one",
        ),
        Ok(Item::Const(item)) => (
            item.const_token.span,
            "; a constant is computed once, while compiling",
        ),
        _ => (item.span(), ""),
    }
}

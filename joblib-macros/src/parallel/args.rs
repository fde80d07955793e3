//! Parses the options of `#[parallel(…)]`. The module `rules` checks them against
//! the function.

use proc_macro2::{Ident, TokenStream};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::spanned::Spanned;
use syn::{Expr, Path, Token, Type};

use crate::errors::ErrorList;
use crate::option::{self, RawOption};
use crate::option_slot::OptionSlot;

/// The parsed options of `#[parallel]`.
#[derive(Clone)]
pub(crate) struct Args {
    pub(crate) shared: OptionSlot<Vec<Ident>>,
    pub(crate) instantiate: OptionSlot<Vec<GenericInstance>>,
    pub(crate) name: OptionSlot<String>,
    pub(crate) krate: OptionSlot<Path>,
    /// The line of a closure, which has no name of its own.
    pub(crate) line: Option<usize>,
}

/// One instance of a generic function: an argument for each of its parameters.
#[derive(Clone)]
pub(crate) struct GenericInstance {
    pub(crate) parameters: Vec<InstanceArgument>,
    pub(crate) span: proc_macro2::Span,
}

/// The argument of a generic parameter: a type, or the value of a const parameter.
#[derive(Clone)]
pub(crate) enum InstanceArgument {
    Type(Type),
    Value(Expr),
}

const OPTIONS: [&str; 4] = ["shared", "instantiate", "name", "crate"];

impl Args {
    /// Parses the options. Errors are added to `errors` and do not prevent the
    /// other options from being parsed.
    pub(crate) fn parse(tokens: TokenStream, errors: &mut ErrorList) -> Args {
        let mut args = Args {
            shared: OptionSlot::new("shared"),
            instantiate: OptionSlot::new("instantiate"),
            name: OptionSlot::new("name"),
            krate: OptionSlot::new("crate"),
            line: None,
        };
        for option in option::options(tokens, &OPTIONS, errors) {
            args.take(option, errors);
        }
        args
    }

    /// Returns the options of a closure, whose captures are the shared arguments.
    pub(crate) fn of_task(
        captures: Vec<Ident>,
        krate: Option<Path>,
        line: usize,
        errors: &mut ErrorList,
    ) -> Args {
        let mut args = Args::parse(TokenStream::new(), errors);
        args.line = Some(line);
        if let Some(first) = captures.first().cloned() {
            args.shared.set(&first, captures, errors);
        }
        if let Some(path) = krate {
            let word = Ident::new("krate", path.span());
            args.krate.set(&word, path, errors);
        }
        args
    }

    fn take(&mut self, option: RawOption, errors: &mut ErrorList) {
        let name = &option.name;
        match name.unraw().to_string().as_str() {
            "shared" => {
                let expected = "argument names, as in `shared(data)`";
                let names = option.list(expected, Ident::parse_any);
                self.shared.put(name, names, errors);
            }
            "instantiate" => {
                let expected = "types, as in `instantiate(f32, f64)`, or tuples of types if the \
                                function has several parameters";
                let instances = option.list(expected, GenericInstance::parse);
                self.instantiate.put(name, instances, errors);
            }
            "name" => {
                let text = option.text().map(|text| text.value());
                self.name.put(name, text, errors);
            }
            "crate" => self.krate.put(name, option.krate(), errors),
            _ => option.unknown("parallel", &OPTIONS, errors),
        }
    }
}

impl Parse for GenericInstance {
    /// Parses one argument, which [`GenericInstance::of`] splits if the function has
    /// several parameters.
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let parameter = InstanceArgument::parse(input)?;
        Ok(GenericInstance {
            span: parameter.span(),
            parameters: vec![parameter],
        })
    }
}

impl GenericInstance {
    /// Returns the instance of a function with `count` parameters. Unless `count` is 1,
    /// a tuple has one argument for each.
    pub(crate) fn of(self, count: usize) -> GenericInstance {
        let span = self.span;
        let parameters = match self.parameters.into_iter().next() {
            Some(InstanceArgument::Type(Type::Tuple(tuple))) if count != 1 => tuple
                .elems
                .into_iter()
                .map(InstanceArgument::Type)
                .collect(),
            Some(InstanceArgument::Value(Expr::Tuple(tuple))) if count != 1 => tuple
                .elems
                .into_iter()
                .map(InstanceArgument::of_expr)
                .collect(),
            one => one.into_iter().collect(),
        };
        GenericInstance { parameters, span }
    }

    /// Returns the arguments as text.
    pub(crate) fn text(&self) -> String {
        let texts = self
            .parameters
            .iter()
            .map(|it| it.to_token_stream().to_string());
        texts.collect::<Vec<_>>().join(", ")
    }
}

impl InstanceArgument {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let ends = |input: ParseStream<'_>| input.is_empty() || input.peek(Token![,]);
        let fork = input.fork();
        if fork.parse::<Type>().is_ok() && ends(&fork) {
            return input.parse().map(InstanceArgument::Type);
        }
        input.parse().map(InstanceArgument::Value)
    }

    /// Returns an element of a tuple expression. A tuple that contains a value parses as
    /// an expression, its types included.
    fn of_expr(expr: Expr) -> InstanceArgument {
        match syn::parse2(expr.to_token_stream()) {
            Ok(ty) => InstanceArgument::Type(ty),
            Err(_) => InstanceArgument::Value(expr),
        }
    }
}

impl ToTokens for InstanceArgument {
    fn to_tokens(&self, out: &mut TokenStream) {
        match self {
            InstanceArgument::Type(ty) => ty.to_tokens(out),
            InstanceArgument::Value(value) => value.to_tokens(out),
        }
    }
}

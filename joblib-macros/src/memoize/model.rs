//! The annotated function with everything decided: which arguments make the
//! key, where the function stands, what the generated items are called.

use proc_macro2::{Group, Ident, Punct, Spacing, Span, TokenStream};
use quote::{ToTokens, TokenStreamExt, format_ident, quote};
use syn::spanned::Spanned;
use syn::{
    AttrStyle, Attribute, Expr, FnArg, Meta, Pat, Path, Receiver, ReturnType, Signature, Type,
    Visibility, parse_quote,
};

use super::args::{Args, KeyExpr};
use crate::function::Function;
use crate::source::Owner;

/// A function to memoize.
pub(crate) struct Model {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) sig: Signature,
    /// In its braces.
    pub(crate) body: Group,
    pub(crate) receiver: Option<Keyed<Receiver>>,
    pub(crate) arguments: Vec<Keyed<Argument>>,
    pub(crate) place: Place,
    pub(crate) args: Args,
}

/// Where the function stands, which decides what may stand beside it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// A function of its own: a struct of the same name carries the rest.
    Free,
    /// A function of an inherent `impl`: the rest hangs on `name_memo()`.
    Inherent,
    /// A function of a trait or of an `impl` of one, where nothing can be
    /// added.
    Trait,
}

/// An argument and what stands for it in the key.
pub(crate) struct Keyed<T> {
    pub(crate) argument: T,
    pub(crate) key: KeyPart,
}

/// What stands for an argument in the key.
pub(crate) enum KeyPart {
    Value,
    Ignored,
    Expr(Box<Expr>),
}

/// An argument other than the receiver.
pub(crate) struct Argument {
    /// What generated code calls it: the user's name, or one of ours where
    /// the user wrote a pattern.
    pub(crate) binding: Ident,
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) pat: Pat,
    pub(crate) ty: Type,
}

impl Model {
    pub(crate) fn new(mut function: Function, args: Args, owner: &Owner) -> Model {
        let mut receiver = None;
        let mut arguments = Vec::new();
        for (index, input) in function.sig.inputs.iter().enumerate() {
            match input {
                FnArg::Receiver(argument) => {
                    let key = key_part("self", &args);
                    receiver = Some(Keyed {
                        argument: argument.clone(),
                        key,
                    });
                }
                FnArg::Typed(typed) => {
                    let argument = Argument {
                        binding: binding(&typed.pat, index),
                        attrs: typed.attrs.clone(),
                        pat: (*typed.pat).clone(),
                        ty: (*typed.ty).clone(),
                    };
                    let key = key_part(&argument.binding.to_string(), &args);
                    arguments.push(Keyed { argument, key });
                }
            }
        }
        function.attrs.iter_mut().for_each(make_portable);
        let place = place(owner, &function.sig, &function.body);
        Model {
            attrs: function.attrs,
            vis: function.vis,
            sig: function.sig,
            body: function.body,
            receiver,
            arguments,
            place,
            args,
        }
    }

    /// The crate that generated code calls.
    pub(crate) fn krate(&self) -> Krate<'_> {
        self.krate_at(Span::call_site())
    }

    /// As [`Model::krate`], to be blamed on the words at `span`.
    pub(crate) fn krate_at(&self, span: Span) -> Krate<'_> {
        Krate {
            path: self.args.krate.get(),
            span,
        }
    }

    pub(crate) fn name(&self) -> &Ident {
        &self.sig.ident
    }

    pub(crate) fn is_async(&self) -> bool {
        self.sig.asyncness.is_some()
    }

    /// The type the function returns, `()` where none is written.
    pub(crate) fn output(&self) -> TokenStream {
        match &self.sig.output {
            ReturnType::Default => quote!(()),
            ReturnType::Type(_, ty) => quote!(#ty),
        }
    }

    /// The names an `ignore(…)` or `key(…)` may use.
    pub(crate) fn argument_names(&self) -> Vec<String> {
        let receiver = self.receiver.iter().map(|_| "self".to_owned());
        let named = self
            .arguments
            .iter()
            .filter(|keyed| keyed.argument.is_named());
        receiver
            .chain(named.map(|keyed| keyed.argument.binding.to_string()))
            .collect()
    }
}

impl Argument {
    /// Whether the user gave it a plain name.
    pub(crate) fn is_named(&self) -> bool {
        matches!(&self.pat, Pat::Ident(pat) if pat.subpat.is_none())
    }
}

fn binding(pat: &Pat, index: usize) -> Ident {
    match pat {
        Pat::Ident(pat) if pat.subpat.is_none() => pat.ident.clone(),
        _ => format_ident!("__joblib_{index}", span = Span::call_site()),
    }
}

fn key_part(name: &str, args: &Args) -> KeyPart {
    let ignored = args
        .ignore
        .get()
        .is_some_and(|names| names.iter().any(|n| n == name));
    let expr = args.key.get().and_then(|exprs| {
        let found = exprs
            .iter()
            .find(|KeyExpr { argument, .. }| argument == name);
        found.map(|key| key.expr.clone())
    });
    match expr {
        Some(expr) => KeyPart::Expr(Box::new(expr)),
        None if ignored => KeyPart::Ignored,
        None => KeyPart::Value,
    }
}

/// The index of the crate's sources knows best; where it does not know the
/// function, its own words must do.
fn place(owner: &Owner, sig: &Signature, body: &Group) -> Place {
    match owner {
        Owner::Free => Place::Free,
        Owner::Inherent { .. } => Place::Inherent,
        Owner::Trait { .. } => Place::Trait,
        Owner::Unknown if sig.receiver().is_some() => Place::Inherent,
        Owner::Unknown if mentions_self(&quote!(#sig #body)) => Place::Inherent,
        Owner::Unknown => Place::Free,
    }
}

fn mentions_self(tokens: &TokenStream) -> bool {
    tokens.clone().into_iter().any(|token| match token {
        proc_macro2::TokenTree::Ident(ident) => ident == "Self",
        proc_macro2::TokenTree::Group(group) => mentions_self(&group.stream()),
        _ => false,
    })
}

/// Whether the name is that of a number, `bool` or `char`.
pub(crate) fn is_primitive(name: &Ident) -> bool {
    const PRIMITIVE: [&str; 16] = [
        "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128", "isize",
        "f32", "f64", "bool", "char",
    ];
    PRIMITIVE.iter().any(|primitive| name == primitive)
}

/// Whether `path` ends in one of `names`.
pub(crate) fn ends_in(path: &Path, names: &[&str]) -> bool {
    path.segments
        .last()
        .is_some_and(|segment| names.iter().any(|name| segment.ident == name))
}

/// Makes an attribute fit for every function made of the user's.
fn make_portable(attr: &mut Attribute) {
    // Those written inside the body stand before the function here.
    attr.style = AttrStyle::Outer;
    // What is expected once would be missed in all other places.
    if let Meta::List(list) = &mut attr.meta
        && list.path.is_ident("expect")
    {
        list.path = parse_quote!(allow);
    }
}

/// The path of the crate that generated code calls, to be blamed on the words
/// at `span`. It writes its tokens one by one: a stream in a stream costs the
/// compiler's bridge many times as much.
#[derive(Clone, Copy)]
pub(crate) struct Krate<'a> {
    path: Option<&'a Path>,
    span: Span,
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

/// Where the word of a type stands that says most about it, as an error can
/// underline but one.
pub(crate) fn telling(ty: &Type) -> Span {
    match ty {
        Type::Reference(reference) => telling(&reference.elem),
        Type::Slice(slice) => slice.bracket_token.span.join(),
        Type::Array(array) => array.bracket_token.span.join(),
        Type::Tuple(tuple) => tuple.paren_token.span.join(),
        Type::Paren(inner) => telling(&inner.elem),
        Type::Path(path) => match path.path.segments.last() {
            Some(segment) => segment.ident.span(),
            None => ty.span(),
        },
        _ => ty.span(),
    }
}

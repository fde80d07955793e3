//! The annotated function with everything decided: which arguments make the
//! key, where the function stands, what the generated items are called.

use proc_macro2::{Group, Ident, Span, TokenStream};
use quote::{format_ident, quote};
use syn::{
    AttrStyle, Attribute, Expr, FnArg, Meta, Pat, Receiver, ReturnType, Signature, Type,
    Visibility, parse_quote,
};

use super::args::{Args, KeyExpr};
pub(crate) use crate::crate_path::Krate;
pub(crate) use crate::fn_context::FnContext;
use crate::fn_context::mentions_self;
use crate::function::AnnotatedFn;
use crate::source::{FnSite, NameMeaning};
use crate::type_name;
pub(crate) use crate::type_syntax::{ends_in, is_primitive, telling};

/// A function to memoize.
pub(crate) struct Model {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) sig: Signature,
    /// In its braces.
    pub(crate) body: Group,
    pub(crate) receiver: Option<KeyedArgument<Receiver>>,
    pub(crate) arguments: Vec<KeyedArgument<Argument>>,
    /// The names of arguments that a `cfg` takes away.
    pub(crate) absent: Vec<Ident>,
    pub(crate) place: FnContext,
    /// What the type beside a free function is called.
    pub(crate) companion: Ident,
    pub(crate) standing: FnSite,
    pub(crate) args: Args,
}

/// An argument and what stands for it in the key.
pub(crate) struct KeyedArgument<T> {
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
    /// The function, whose name means `meaning` where types stand.
    pub(crate) fn new(
        mut function: AnnotatedFn,
        args: Args,
        standing: FnSite,
        meaning: NameMeaning,
    ) -> Model {
        let mut receiver = None;
        let mut arguments = Vec::new();
        for (index, input) in function.sig.inputs.iter().enumerate() {
            match input {
                FnArg::Receiver(argument) => {
                    let key = key_part("self", &args);
                    receiver = Some(KeyedArgument {
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
                    arguments.push(KeyedArgument { argument, key });
                }
            }
        }
        function.attrs.iter_mut().for_each(make_portable);
        let place = place(&standing, &function);
        if place == FnContext::Free {
            type_name::settle(&mut function, meaning);
        }
        let companion = type_name::companion(&function.sig.ident, meaning);
        Model {
            attrs: function.attrs,
            vis: function.vis,
            sig: function.sig,
            body: function.body,
            receiver,
            arguments,
            absent: function.absent,
            place,
            companion,
            standing,
            args,
        }
    }

    /// The crate that generated code calls.
    pub(crate) fn krate(&self) -> Krate<'_> {
        self.krate_at(Span::call_site())
    }

    /// As [`Model::krate`], to be blamed on the words at `span`.
    pub(crate) fn krate_at(&self, span: Span) -> Krate<'_> {
        Krate::new(self.args.krate.get(), span)
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

/// Where the function stands. Of one that a macro made that may not be known:
/// then it can stand in an impl of a trait if it says that it stands in any.
fn place(standing: &FnSite, function: &AnnotatedFn) -> FnContext {
    let AnnotatedFn { sig, body, .. } = function;
    let is_member = || sig.receiver().is_some() || mentions_self(&quote!(#sig #body));
    match standing.place() {
        Some(FnContext::Free) | None if !standing.is_shown() && is_member() => FnContext::Trait,
        Some(place) => place,
        None => FnContext::Free,
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

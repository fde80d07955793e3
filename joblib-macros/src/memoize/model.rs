//! The model of a memoized function: the arguments in the key, the context of the
//! function and the names of the generated items.

use proc_macro2::{Group, Ident, Span, TokenStream};
use quote::{format_ident, quote};
use syn::{
    AttrStyle, Attribute, Expr, FnArg, GenericParam, Meta, Pat, Receiver, ReturnType, Signature,
    Type, UnOp, Visibility, parse_quote,
};

use super::args::Args;
pub(crate) use crate::crate_path::Krate;
pub(crate) use crate::fn_context::FnContext;
use crate::fn_context::is_member;
use crate::function::{self, AnnotatedFn};
use crate::source::FnSite;
use crate::type_name::{self, NameMeaning};
use crate::type_syntax::{borrows, is_nameable};
pub(crate) use crate::type_syntax::{ends_in, error_span, is_primitive};

/// The maximum number of arguments of the runtime's `Companion`.
const COMPANION_ARGUMENTS: usize = 8;

/// A function to memoize.
pub(crate) struct Model {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) sig: Signature,
    /// The body with its braces.
    pub(crate) body: Group,
    pub(crate) receiver: Option<KeyedArgument<Receiver>>,
    pub(crate) arguments: Vec<KeyedArgument<Argument>>,
    /// The names of arguments that a `cfg` removes.
    pub(crate) absent: Vec<Ident>,
    pub(crate) context: FnContext,
    /// Whether another macro adds functions to the companion.
    is_extended: bool,
    /// The name of the companion type of a free function.
    pub(crate) companion: Ident,
    pub(crate) fn_site: FnSite,
    pub(crate) args: Args,
}

/// An argument and what represents it in the key.
pub(crate) struct KeyedArgument<T> {
    pub(crate) argument: T,
    pub(crate) key: KeyPart,
}

/// What represents an argument in the key.
pub(crate) enum KeyPart {
    Value,
    Ignored,
    Expr(Box<Expr>),
}

/// An argument other than the receiver.
pub(crate) struct Argument {
    /// Its name in generated code: the user's name, or a generated one for a
    /// pattern.
    pub(crate) binding: Ident,
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) pat: Pat,
    pub(crate) ty: Type,
}

impl Model {
    /// Builds the model of a function whose name has `meaning` in the type
    /// namespace.
    pub(crate) fn new(
        mut function: AnnotatedFn,
        args: Args,
        meaning: NameMeaning,
        is_extended: bool,
    ) -> Model {
        let fn_site = FnSite::of(&function);
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
        let context = context(&fn_site, &function);
        if context == FnContext::Free {
            type_name::import_crate(&mut function, meaning);
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
            context,
            is_extended,
            companion,
            fn_site,
            args,
        }
    }

    /// Returns the crate that generated code calls.
    pub(crate) fn krate(&self) -> Krate<'_> {
        self.krate_at(Span::call_site())
    }

    /// Like [`Model::krate`], with errors at `span`.
    pub(crate) fn krate_at(&self, span: Span) -> Krate<'_> {
        Krate::new(self.args.krate.get(), span)
    }

    pub(crate) fn name(&self) -> &Ident {
        &self.sig.ident
    }

    pub(crate) fn is_async(&self) -> bool {
        self.sig.asyncness.is_some()
    }

    /// Returns the return type of the function, by default `()`.
    pub(crate) fn output(&self) -> TokenStream {
        match &self.sig.output {
            ReturnType::Default => quote!(()),
            ReturnType::Type(_, ty) => quote!(#ty),
        }
    }

    /// Returns the `cfg` attributes of the function, which all generated items need.
    pub(crate) fn conditions(&self) -> TokenStream {
        let attrs = function::conditions(&self.attrs);
        quote!(#(#attrs)*)
    }

    /// Returns whether the companion is an alias of the runtime's `Companion`, which
    /// describes functions whose types are all known.
    pub(crate) fn has_alias(&self) -> bool {
        let generics = &self.sig.generics;
        let is_known = |param: &GenericParam| match param {
            GenericParam::Lifetime(lifetime) => lifetime.bounds.is_empty(),
            GenericParam::Type(_) | GenericParam::Const(_) => false,
        };
        let is_plain = |keyed: &KeyedArgument<Argument>| {
            !matches!(keyed.key, KeyPart::Expr(_)) && is_nameable(&keyed.argument.ty)
        };
        self.context == FnContext::Free
            && !self.is_opened_by_helper()
            && !self.is_async()
            && self.arguments.len() <= COMPANION_ARGUMENTS
            && generics.params.iter().all(is_known)
            && generics.where_clause.is_none()
            && self.arguments.iter().all(is_plain)
            && match &self.sig.output {
                ReturnType::Default => true,
                ReturnType::Type(_, ty) => is_nameable(ty) && !borrows(ty),
            }
    }

    /// Returns the expression of the memory if every call determines it. A path is read
    /// at the first call only, because a `static` does not change, unless it names an
    /// argument or an item of a type that only the function knows.
    pub(crate) fn memory_per_call(&self) -> Option<&Expr> {
        let expr = self.args.memory.get()?;
        let mut place = expr;
        while let Expr::Paren(inner) = place {
            place = &inner.expr;
        }
        if let Expr::Unary(unary) = place
            && matches!(unary.op, UnOp::Deref(_))
        {
            place = &unary.expr;
        }
        let is_static = match place {
            Expr::Path(path) if path.qself.is_none() => match path.path.get_ident() {
                Some(name) => {
                    let mut arguments = self.arguments.iter();
                    name != "self" && arguments.all(|it| it.argument.binding != *name)
                }
                None => path.path.segments[0].ident != "Self",
            },
            _ => false,
        };
        (!is_static).then_some(expr)
    }

    /// Returns whether every call opens the function by a generated function, as calls
    /// of other macros do.
    pub(crate) fn is_opened_by_helper(&self) -> bool {
        self.is_extended || self.memory_per_call().is_some()
    }

    /// Returns the names that `ignore(…)` and `key(…)` may use.
    pub(crate) fn argument_names(&self) -> Vec<String> {
        let receiver = self.receiver.iter().map(|_| "self".to_owned());
        let arguments = self.arguments.iter().map(|it| &it.argument);
        let named = arguments.filter(|it| it.is_named());
        receiver
            .chain(named.map(|it| it.binding.to_string()))
            .collect()
    }
}

impl Argument {
    /// Returns whether the argument is a plain name and not another pattern.
    pub(crate) fn is_named(&self) -> bool {
        matches!(&self.pat, Pat::Ident(pat) if pat.subpat.is_none())
    }
}

/// Returns the context of the function. It may be unknown if a macro generated the
/// function. A function that uses `self` or `Self` may then be in a trait `impl`,
/// where only [`FnContext::Trait`] compiles.
fn context(fn_site: &FnSite, function: &AnnotatedFn) -> FnContext {
    match fn_site.context() {
        Some(FnContext::Free) | None if !fn_site.is_in_source() && is_member(function) => {
            FnContext::Trait
        }
        Some(context) => context,
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
    let mut ignored = args.ignore.get().into_iter().flatten();
    let mut keys = args.key.get().into_iter().flatten();
    match keys.find(|key| key.argument == name) {
        Some(key) => KeyPart::Expr(Box::new(key.expr.clone())),
        None if ignored.any(|it| it == name) => KeyPart::Ignored,
        None => KeyPart::Value,
    }
}

/// Adapts an attribute so that it can be on each generated copy of the function.
fn make_portable(attr: &mut Attribute) {
    // Inner attributes of the body become outer attributes of the function.
    attr.style = AttrStyle::Outer;
    // A copy that does not trigger an expected lint would cause a warning.
    if let Meta::List(list) = &mut attr.meta
        && list.path.is_ident("expect")
    {
        list.path = parse_quote!(allow);
    }
}

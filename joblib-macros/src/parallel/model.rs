//! The model of a parallel function: the arguments of each task, the arguments that
//! all tasks share, and what generated code needs to call and register it.

use std::rc::Rc;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};
use syn::{FnArg, GenericParam, Generics, Pat, Path, ReturnType, Type, Visibility, parse_quote};

use super::args::{Args, GenericInstance};
use crate::crate_path::Krate;
use crate::elision::{self, ElisionNamer};
use crate::fn_context::{FnContext, is_member};
use crate::function::{self, AnnotatedFn};
use crate::self_type;
use crate::source::{FnOwner, FnSite, Reach};
use crate::type_name::{self, NameMeaning};
use crate::type_syntax::{borrows, has_reference, is_nameable, receiver_type};

/// A function that runs for each of many inputs.
#[derive(Clone)]
pub(crate) struct Model {
    pub(crate) function: Rc<AnnotatedFn>,
    /// The arguments of each task, in order.
    pub(crate) each: Vec<Argument>,
    /// The arguments that all tasks share, the receiver first.
    pub(crate) shared: Vec<Argument>,
    /// The function's generics, with a name for every lifetime and `impl Trait`.
    pub(crate) generics: Generics,
    pub(crate) output: Type,
    pub(crate) context: FnContext,
    /// The meaning of its name in the type namespace.
    pub(crate) meaning: NameMeaning,
    /// The type of the enclosing `impl`, if other processes can name it with the
    /// parameters of the `impl`.
    pub(crate) self_type: Option<Type>,
    /// The parameters of the enclosing `impl`, and their bounds.
    pub(crate) around: Generics,
    /// The type and const parameters among them.
    pub(crate) outer: Vec<GenericParam>,
    pub(crate) args: Rc<Args>,
    pub(crate) instances: Rc<[GenericInstance]>,
    pub(crate) struct_owner: StructOwner,
}

/// The macro that generates the companion struct of the function.
#[derive(Clone)]
pub(crate) enum StructOwner {
    /// `#[parallel]`.
    Parallel,
    /// `#[memoize]` on the same function. The path is that of the attribute that the
    /// compiler does not expand.
    Memoize(Path),
}

impl StructOwner {
    /// Returns a `use` of the removed attribute, whose import would otherwise be unused.
    pub(crate) fn use_attribute(&self) -> Option<TokenStream> {
        match self {
            StructOwner::Parallel => None,
            StructOwner::Memoize(path) => Some(quote!(use #path as _;)),
        }
    }
}

/// An argument, the receiver included.
#[derive(Clone)]
pub(crate) struct Argument {
    /// Its name, or its ordinal for a pattern, such as `the_first`.
    pub(crate) label: Ident,
    /// The type whose name identifies the argument in errors. The compiler prints the
    /// name without a path if it is unique in the crate.
    pub(crate) shown: Ident,
    /// Its name in generated code.
    pub(crate) binding: Ident,
    pub(crate) ty: Type,
}

impl Argument {
    /// Returns the referent `T` of an argument `&T`: another process decodes a `T` and
    /// passes a reference to it. Returns `None` for arguments that are passed by value.
    pub(crate) fn referent(&self) -> Option<&Type> {
        match plain(&self.ty) {
            Type::Reference(reference)
                if reference.mutability.is_none()
                    && reference
                        .lifetime
                        .as_ref()
                        .is_none_or(|it| it.ident != "static") =>
            {
                Some(plain(&reference.elem))
            }
            _ => None,
        }
    }

    /// Returns the type that is sent to other processes: that of the argument, or its
    /// referent.
    pub(crate) fn sent_type(&self) -> &Type {
        self.referent().unwrap_or(&self.ty)
    }

    /// Returns whether the sent type borrows, as far as its syntax shows it.
    pub(crate) fn is_borrowed_within(&self) -> bool {
        holds_borrowed(self.sent_type())
    }

    pub(crate) fn is_reference(&self) -> bool {
        matches!(plain(&self.ty), Type::Reference(_))
    }
}

/// Returns whether a type borrows, as far as its syntax shows it. `&'static` counts,
/// because its referent exists in one process only.
fn holds_borrowed(ty: &Type) -> bool {
    borrows(ty) || has_reference(ty)
}

/// Returns the type without enclosing parentheses and groups.
fn plain(ty: &Type) -> &Type {
    match ty {
        Type::Paren(inner) => plain(&inner.elem),
        Type::Group(inner) => plain(&inner.elem),
        ty => ty,
    }
}

impl Model {
    pub(crate) fn new(
        function: AnnotatedFn,
        args: Args,
        reach: &Reach,
        struct_owner: StructOwner,
    ) -> Model {
        let context = context(&reach.owner, &function);
        let mut model = Model::in_context(function, args, &reach.owner, context, struct_owner);
        if context == FnContext::Free {
            model.meaning = reach.meaning;
        }
        model
    }

    /// Returns the model of a closure.
    pub(crate) fn of_task(function: AnnotatedFn, args: Args) -> Model {
        let owner = StructOwner::Parallel;
        Model::in_context(function, args, &FnOwner::Free, FnContext::Free, owner)
    }

    fn in_context(
        function: AnnotatedFn,
        mut args: Args,
        owner: &FnOwner,
        context: FnContext,
        struct_owner: StructOwner,
    ) -> Model {
        let mut namer = ElisionNamer::default();
        let (mut each, mut shared) = (Vec::new(), Vec::new());
        for (index, input) in function.sig.inputs.iter().enumerate() {
            let (mut ty, label) = match input {
                FnArg::Receiver(receiver) => (receiver_type(receiver), format_ident!("receiver")),
                FnArg::Typed(typed) => ((*typed.ty).clone(), label(&typed.pat, index)),
            };
            namer.name(&mut ty);
            let is_shared = matches!(input, FnArg::Receiver(_)) || args.shares(&label);
            let argument = Argument {
                shown: shown(&label, &args, &function.sig.ident),
                label,
                binding: format_ident!("__joblib_{index}"),
                ty,
            };
            if is_shared { &mut shared } else { &mut each }.push(argument);
        }
        let output = output(&function, &each, &shared);
        let mut generics = function.sig.generics.clone();
        namer.add_to(&mut generics);
        let around = around(owner);
        let outer = outer(&around);
        let count = outer.len()
            + function.sig.generics.type_params().count()
            + function.sig.generics.const_params().count();
        let instances = args
            .instances()
            .into_iter()
            .map(|it| it.of(count))
            .collect();
        Model {
            each,
            shared,
            generics,
            output,
            context,
            meaning: NameMeaning::Free,
            self_type: type_of(owner),
            around,
            outer,
            args: Rc::new(args),
            instances,
            struct_owner,
            function: Rc::new(function),
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
        &self.function.sig.ident
    }

    /// Returns the name of the companion type that `#[memoize]` generates.
    pub(crate) fn companion(&self) -> Ident {
        type_name::companion(self.name(), self.meaning)
    }

    /// Returns the name without `r#`.
    pub(crate) fn plain_name(&self) -> String {
        type_name::plain(self.name())
    }

    pub(crate) fn vis(&self) -> &Visibility {
        &self.function.vis
    }

    /// Returns the `cfg` attributes of the function, which all generated items need.
    pub(crate) fn conditions(&self) -> TokenStream {
        let attrs = function::conditions(&self.function.attrs);
        quote!(#(#attrs)*)
    }

    /// Returns the type and const parameters, in order.
    pub(crate) fn parameters(&self) -> impl Iterator<Item = &GenericParam> {
        let params = self.generics.params.iter();
        params.filter(|param| !matches!(param, GenericParam::Lifetime(_)))
    }

    /// Returns the lifetime parameters.
    pub(crate) fn lifetimes(&self) -> impl Iterator<Item = &GenericParam> {
        let params = self.generics.params.iter();
        params.filter(|param| matches!(param, GenericParam::Lifetime(_)))
    }

    /// Returns the type and const parameters that the function itself declares.
    pub(crate) fn own_parameters(&self) -> impl Iterator<Item = &GenericParam> {
        let params = self.function.sig.generics.params.iter();
        params.filter(|param| !matches!(param, GenericParam::Lifetime(_)))
    }

    /// Returns the names of the type parameters.
    pub(crate) fn type_parameters(&self) -> impl Iterator<Item = &Ident> {
        self.parameters().filter_map(name_of_type)
    }

    /// Returns the parameters that an instance has arguments for: those of the `impl`,
    /// then those of the function.
    pub(crate) fn listed_parameters(&self) -> impl Iterator<Item = &GenericParam> {
        self.outer.iter().chain(self.own_parameters())
    }

    /// Returns whether it is a method that is generic, itself or by its `impl`.
    pub(crate) fn is_generic_method(&self) -> bool {
        self.context != FnContext::Free && (self.is_generic() || !self.outer.is_empty())
    }

    /// Returns the first argument type that contains `impl Trait`.
    pub(crate) fn unnamed_parameter(&self) -> Option<&Type> {
        let mut inputs = self.function.sig.inputs.iter();
        inputs.find_map(|input| match input {
            FnArg::Typed(typed) if !is_nameable(&typed.ty) => Some(&*typed.ty),
            _ => None,
        })
    }

    /// Returns whether the argument with this pattern is shared.
    pub(crate) fn shares(&self, pat: &Pat) -> bool {
        matches!(pat, Pat::Ident(pat) if pat.subpat.is_none() && self.args.shares(&pat.ident))
    }

    /// Returns the model with `self_type` in place of `Self`.
    pub(crate) fn with_self(&self, self_type: &Type) -> Model {
        self.with_types(|ty| self_type::by_type(ty, self_type))
    }

    /// Returns the model with `change` applied to every type of the signature.
    pub(crate) fn with_types(&self, change: impl FnMut(&mut Type)) -> Model {
        let mut model = self.clone();
        let arguments = model.each.iter_mut().chain(&mut model.shared);
        let types = arguments.map(|argument| &mut argument.ty);
        types.chain([&mut model.output]).for_each(change);
        model
    }

    /// Returns whether a sent type borrows, so that the tasks cannot run in other
    /// processes.
    pub(crate) fn is_borrowed(&self) -> bool {
        self.borrowed_argument().is_some() || self.is_result_borrowed()
    }

    /// Returns the first argument whose sent type borrows.
    pub(crate) fn borrowed_argument(&self) -> Option<&Argument> {
        self.arguments()
            .find(|argument| argument.is_borrowed_within())
    }

    pub(crate) fn is_generic(&self) -> bool {
        self.parameters().next().is_some()
    }

    /// Returns whether only the compiler knows the type of the result, as for a closure
    /// that does not declare it. The type and its codec are then generic parameters.
    pub(crate) fn is_result_inferred(&self) -> bool {
        self.args.line.is_some() && self.is_generic()
    }

    /// Returns whether the result borrows, as far as its syntax shows it.
    pub(crate) fn is_result_borrowed(&self) -> bool {
        holds_borrowed(&self.output)
    }

    /// Returns all arguments, those of a task first.
    pub(crate) fn arguments(&self) -> impl Iterator<Item = &Argument> {
        self.each.iter().chain(&self.shared)
    }

    /// Returns the arguments in the order of the signature, and whether they are shared.
    pub(crate) fn in_order(&self) -> impl Iterator<Item = (&Argument, bool)> {
        let (mut each, mut shared) = (self.each.iter(), self.shared.iter());
        let inputs = self.function.sig.inputs.iter();
        inputs.filter_map(move |input| match input {
            FnArg::Typed(typed) if !self.shares(&typed.pat) => Some((each.next()?, false)),
            _ => Some((shared.next()?, true)),
        })
    }

    /// Returns the type of the arguments of one task: a tuple, unless there is exactly
    /// one argument.
    pub(crate) fn each_type(&self) -> TokenStream {
        one_or_tuple(&self.each, |argument| {
            let ty = &argument.ty;
            quote!(#ty)
        })
    }

    /// Returns the pattern that binds the arguments of one task.
    pub(crate) fn each_pattern(&self) -> TokenStream {
        one_or_tuple(&self.each, |argument| {
            let binding = &argument.binding;
            quote!(#binding)
        })
    }

    /// Returns the tuple type of the shared arguments.
    pub(crate) fn shared_type(&self) -> TokenStream {
        let types = self.shared.iter().map(|argument| &argument.ty);
        quote!((#(#types,)*))
    }

    /// Returns the pattern that binds the shared arguments.
    pub(crate) fn shared_pattern(&self) -> TokenStream {
        let bindings = self.shared.iter().map(|argument| &argument.binding);
        quote!((#(#bindings,)*))
    }
}

impl Args {
    pub(super) fn shares(&self, label: &Ident) -> bool {
        let names = self.shared.get();
        names.is_some_and(|names| names.contains(label))
    }

    fn instances(&mut self) -> Vec<GenericInstance> {
        self.instantiate.take().unwrap_or_default()
    }
}

fn one_or_tuple(arguments: &[Argument], part: impl Fn(&Argument) -> TokenStream) -> TokenStream {
    let parts = arguments.iter().map(part);
    match arguments {
        [_] => quote!(#(#parts)*),
        _ => quote!((#(#parts),*)),
    }
}

/// Returns the context that the source index knows for the function. If it does not know
/// the function, because a macro generated it, the tokens decide. A function without
/// `self` is in an inherent `impl` only if the source shows it.
fn context(owner: &FnOwner, function: &AnnotatedFn) -> FnContext {
    match owner {
        FnOwner::Free => FnContext::Free,
        FnOwner::Inherent { .. } => FnContext::Inherent,
        FnOwner::Trait { .. } => FnContext::Trait,
        FnOwner::Unknown if is_member(function) => FnContext::Inherent,
        FnOwner::Unknown => match FnSite::of(function).context() {
            Some(FnContext::Inherent) => FnContext::Inherent,
            _ => FnContext::Free,
        },
    }
}

/// Returns the name of an argument, or its ordinal for a pattern.
fn label(pat: &Pat, index: usize) -> Ident {
    const ORDINALS: [&str; 12] = [
        "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth",
        "tenth", "eleventh", "twelfth",
    ];
    match pat {
        Pat::Ident(pat) if pat.subpat.is_none() => pat.ident.clone(),
        _ => match ORDINALS.get(index) {
            Some(ordinal) => format_ident!("the_{ordinal}"),
            None => format_ident!("number_{}", index + 1),
        },
    }
}

fn shown(label: &Ident, args: &Args, function: &Ident) -> Ident {
    let [label, function] = [label, function].map(|name| name.to_string().replace("r#", ""));
    match args.line {
        Some(line) => format_ident!("{label}_of_{function}_at_line_{line}"),
        None => format_ident!("{label}_of_{function}"),
    }
}

/// Returns the return type of the function. Its elided lifetimes are those of `self`
/// or of the only argument that borrows, as in the elision rules of Rust.
fn output(function: &AnnotatedFn, each: &[Argument], shared: &[Argument]) -> Type {
    let mut output = match &function.sig.output {
        ReturnType::Default => parse_quote!(()),
        ReturnType::Type(_, ty) => (**ty).clone(),
    };
    let receiver = function.sig.receiver().and_then(|_| shared.first());
    let first = match receiver.filter(|receiver| receiver.is_reference()) {
        Some(receiver) => elision::first_lifetime(&receiver.ty),
        None => {
            let mut all = each.iter().chain(shared);
            all.find_map(|argument| elision::first_lifetime(&argument.ty))
        }
    };
    if let Some(lifetime) = first {
        elision::set_elided(&mut output, &lifetime);
    }
    output
}

fn type_of(owner: &FnOwner) -> Option<Type> {
    match owner {
        FnOwner::Inherent { self_type, .. } if !self_type.contains('\'') => {
            syn::parse_str(self_type).ok()
        }
        _ => None,
    }
}

fn around(owner: &FnOwner) -> Generics {
    let FnOwner::Inherent {
        generics, bounds, ..
    } = owner
    else {
        return Generics::default();
    };
    let mut around = syn::parse_str::<Generics>(generics).unwrap_or_default();
    around.where_clause = syn::parse_str(bounds).ok();
    around
}

fn outer(around: &Generics) -> Vec<GenericParam> {
    let is_named = |param: &&GenericParam| !matches!(param, GenericParam::Lifetime(_));
    around.params.iter().filter(is_named).cloned().collect()
}

/// Returns the name of a type parameter.
pub(crate) fn name_of_type(param: &GenericParam) -> Option<&Ident> {
    match param {
        GenericParam::Type(param) => Some(&param.ident),
        _ => None,
    }
}

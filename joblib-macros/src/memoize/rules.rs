//! The rules for memoized functions, with the reason for each.

use proc_macro2::{Ident, Span};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Pat, ReceiverKind, ReturnType, Type};

use super::args::Conversion;
use super::code_types;
use super::model::{Argument, KeyPart, KeyedArgument, Model, ends_in};
use crate::errors::ErrorList;
use crate::function::{has_no_argument, has_no_file_module};
use crate::source;

/// Checks `model` against all rules and adds the violations to `errors`.
pub(crate) fn check(model: &Model, errors: &mut ErrorList) {
    one_place_for_results(model, errors);
    named_arguments_exist(model, errors);
    an_argument_is_ignored_or_keyed(model, errors);
    mapped_results_are_not_compressed(model, errors);
    conversions_are_not_arguments(model, errors);
    function_can_be_wrapped(model, errors);
    function_is_not_the_program(model, errors);
    has_no_file_module(&model.body, errors);
    result_is_owned(model, errors);
    receiver_can_be_key(model, errors);
    arguments_can_be_key(model, errors);
}

/// Results are stored in one cache only.
fn one_place_for_results(model: &Model, errors: &mut ErrorList) {
    if let (Some(_), Some(span)) = (model.args.dir.span(), model.args.memory.span()) {
        errors.at(
            span,
            "`dir` and `memory` both set where results are stored; keep one of them",
        );
    }
}

/// A misspelt name would silently result in another key.
fn named_arguments_exist(model: &Model, errors: &mut ErrorList) {
    let names = model.argument_names();
    for name in ignored(model).chain(keyed(model)) {
        if names.iter().all(|known| name != known) && !model.absent.contains(name) {
            has_no_argument(model.name(), name, &names, errors);
        }
    }
}

fn an_argument_is_ignored_or_keyed(model: &Model, errors: &mut ErrorList) {
    for (index, name) in ignored(model).enumerate() {
        if ignored(model).take(index).any(|it| it == name) {
            errors.at(
                name.span(),
                format!("`{name}` is ignored twice; name it once"),
            );
        }
        if keyed(model).any(|it| it == name) {
            errors.at(
                name.span(),
                format!("`{name}` is both in `ignore(…)` and in `key(…)`; keep one of the two"),
            );
        }
    }
    for (index, name) in keyed(model).enumerate() {
        if keyed(model).take(index).any(|it| it == name) {
            errors.at(
                name.span(),
                format!("`{name}` has two expressions in `key(…)`; keep one"),
            );
        }
    }
}

/// Returns the names in `ignore(…)`.
fn ignored(model: &Model) -> impl Iterator<Item = &Ident> {
    model.args.ignore.get().into_iter().flatten()
}

/// Returns the names in `key(…)`.
fn keyed(model: &Model) -> impl Iterator<Item = &Ident> {
    let keys = model.args.key.get().into_iter().flatten();
    keys.map(|key| &key.argument)
}

/// A memory map exposes the bytes of the file unchanged.
fn mapped_results_are_not_compressed(model: &Model, errors: &mut ErrorList) {
    let compressed = matches!(model.args.compress.get(), Some(Some(_)));
    if let (true, Some(span)) = (compressed, model.args.mmap.span()) {
        errors.at(
            span,
            "`mmap` does not support compressed results; remove `compress` or `mmap`",
        );
    }
}

/// A stored result is decoded without the arguments of a call.
fn conversions_are_not_arguments(model: &Model, errors: &mut ErrorList) {
    let Some(Conversion { to, from, .. }) = model.args.store.get() else {
        return;
    };
    for path in [to, from] {
        let mut arguments = model.arguments.iter().map(|keyed| &keyed.argument.binding);
        let segments = &path.path.segments;
        let name = &segments[0].ident;
        if segments.len() == 1 && arguments.any(|it| it == name) {
            errors.on(
                path,
                format!(
                    "`{name}` is an argument here, and `store` takes paths of functions; for the \
                     function, write `self::{name}`"
                ),
            );
        }
    }
}

fn function_can_be_wrapped(model: &Model, errors: &mut ErrorList) {
    let sig = &model.sig;
    if let Some(token) = &sig.constness {
        errors.on(
            token,
            "a `const fn` cannot read a cache; remove `const` or `#[memoize]`",
        );
    }
    if let Some(token) = unsafety(sig) {
        errors.at(
            token,
            "an `unsafe fn` cannot be memoized; wrap the unsafe call in a safe function and memoize that",
        );
    }
    if let Some(abi) = &sig.abi {
        errors.on(
            abi,
            "an `extern` function cannot be memoized; memoize the Rust function it calls",
        );
    }
    if let Some(variadic) = &sig.variadic {
        errors.on(
            variadic,
            "variadic arguments cannot be part of a key; take a slice instead",
        );
    }
}

/// A hit on `main` would skip the program.
fn function_is_not_the_program(model: &Model, errors: &mut ErrorList) {
    let name = model.name();
    if source::is_program_entry(name) {
        errors.at(
            name.span(),
            "`main` cannot be memoized, because a hit would skip the whole program; memoize a \
             function that it calls",
        );
    }
}

fn unsafety(sig: &syn::Signature) -> Option<Span> {
    match &sig.safety {
        syn::Safety::Unsafe(token) => Some(token.span()),
        _ => None,
    }
}

/// Another process must be able to read a stored result.
fn result_is_owned(model: &Model, errors: &mut ErrorList) {
    let ReturnType::Type(_, ty) = &model.sig.output else {
        return;
    };
    let is_converted = model.args.store.is_set();
    let mut visitor = Unstorable {
        errors,
        is_converted,
    };
    visitor.visit_type(ty);
}

struct Unstorable<'a> {
    errors: &'a mut ErrorList,
    /// Whether something else is stored in place of the result.
    is_converted: bool,
}

impl<'ast> Visit<'ast> for Unstorable<'_> {
    fn visit_type(&mut self, ty: &'ast Type) {
        let complaint = match ty {
            Type::TraitObject(_) | Type::Ptr(_) | Type::FnPtr(_) if self.is_converted => return,
            Type::Reference(_) => {
                "a borrowed result cannot be stored; return an owned value, such as `String` for `&str` or `Vec<T>` for `&[T]`"
            }
            Type::ImplTrait(_) => {
                "`impl Trait` hides the type to store; name the concrete type, such as `Vec<T>` for `impl Iterator<Item = T>`"
            }
            Type::TraitObject(_) => {
                "a trait object cannot be stored; return a concrete type or an enum, or convert it with `store(to = …, from = …)`"
            }
            Type::Ptr(_) => "a pointer cannot be stored; return the value it points to",
            Type::FnPtr(_) => "a function cannot be stored; return the value it computes",
            Type::Never(_) => "this function never returns, so there is no result to store",
            _ => return visit::visit_type(self, ty),
        };
        self.errors.on(ty, complaint);
    }

    // Only the `Ok` value of a `Result` is stored, so its error can have any type.
    fn visit_path_segment(&mut self, segment: &'ast syn::PathSegment) {
        if segment.ident != "Result" {
            return visit::visit_path_segment(self, segment);
        }
        if let syn::PathArguments::AngleBracketed(arguments) = &segment.arguments
            && let Some(ok) = arguments.args.first()
        {
            self.visit_generic_argument(ok);
        }
    }
}

fn receiver_can_be_key(model: &Model, errors: &mut ErrorList) {
    let Some(KeyedArgument {
        argument,
        key: KeyPart::Value,
    }) = &model.receiver
    else {
        return;
    };
    if matches!(argument.kind, ReceiverKind::Reference(_, _, Some(_))) {
        errors.on(
            argument,
            "`&mut self` cannot be part of a key, because a cache hit does not repeat mutations; \
             take `&self` and return the new value, or exclude it with `ignore(self)`",
        );
    }
}

/// Reports what the syntax of an argument type shows, with the span of the wrong
/// token. The trait bounds of generated code cover the rest.
fn arguments_can_be_key(model: &Model, errors: &mut ErrorList) {
    for KeyedArgument { argument, key } in &model.arguments {
        if matches!(key, KeyPart::Value) {
            let mut visitor = NotKey {
                argument,
                model,
                errors,
            };
            visitor.visit_type(&argument.ty);
        }
    }
}

struct NotKey<'a> {
    argument: &'a Argument,
    model: &'a Model,
    errors: &'a mut ErrorList,
}

const CELLS: [&str; 9] = [
    "Cell",
    "RefCell",
    "UnsafeCell",
    "OnceCell",
    "LazyCell",
    "Mutex",
    "RwLock",
    "OnceLock",
    "LazyLock",
];

impl NotKey<'_> {
    fn complain(&mut self, ty: &Type, what: &str, instead: &str) {
        let way_out = match (&self.argument.pat, self.argument.is_named()) {
            (Pat::Ident(pat), true) => {
                let name = &pat.ident;
                format!(
                    "{instead}, exclude it with `ignore({name})`, or set its key with `key({name} = …)`"
                )
            }
            _ => format!(
                "{instead}, or give the argument a plain name and exclude it with `ignore(…)`"
            ),
        };
        let message = format!("{what} cannot be part of a key; {way_out}");
        self.errors.on(ty, message);
    }

    fn closure(&mut self, ty: &Type) {
        self.complain(
            ty,
            "a closure",
            "take the values it would capture as arguments",
        );
    }
}

impl<'ast> Visit<'ast> for NotKey<'_> {
    fn visit_type(&mut self, ty: &'ast Type) {
        match ty {
            Type::Reference(reference) if reference.mutability.is_some() => self.complain(
                ty,
                "a cache hit does not repeat mutations, so `&mut`",
                "take the value or `&` and return the new value",
            ),
            Type::Ptr(_) => {
                self.complain(ty, "a raw pointer", "take a reference to what it points to")
            }
            Type::FnPtr(_) => self.complain(
                ty,
                "a function pointer",
                "take an enum that selects the function",
            ),
            Type::TraitObject(object) if object.bounds.iter().any(code_types::is_closure) => {
                self.closure(ty)
            }
            Type::TraitObject(_) => self.complain(
                ty,
                "a trait object",
                "take a type parameter with `joblib::Key`",
            ),
            Type::ImplTrait(imp) if imp.bounds.iter().any(code_types::is_closure) => {
                self.closure(ty)
            }
            Type::Path(path) => {
                let called = path
                    .path
                    .get_ident()
                    .is_some_and(|name| code_types::is_called(&self.model.sig.generics, name));
                if called {
                    self.closure(ty);
                } else if ends_in(&path.path, &CELLS) && !source::may_be_other_type(&path.path) {
                    self.complain(
                        ty,
                        "a value with interior mutability",
                        "take the value inside",
                    );
                } else {
                    visit::visit_type(self, ty);
                }
            }
            _ => visit::visit_type(self, ty),
        }
    }
}

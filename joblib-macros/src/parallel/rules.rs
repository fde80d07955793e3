//! The rules for parallel functions, with the reason for each.

use proc_macro2::{Ident, Span};
use syn::spanned::Spanned;
use syn::{FnArg, GenericParam, ReceiverKind, ReturnType, Safety, Type};

use super::args::InstanceArgument;
use super::model::Model;
use crate::errors::ErrorList;
use crate::fn_context::FnContext;
use crate::function::{has_no_argument, has_no_file_module};
use crate::type_syntax::{is_primitive, name_of};

/// Checks `model` against all rules and adds the violations to `errors`.
pub(crate) fn check(model: &Model, errors: &mut ErrorList) {
    shared_arguments_exist(model, errors);
    shared_arguments_are_not_changed(model, errors);
    instances_fit(model, errors);
    function_can_be_a_task(model, errors);
    has_no_file_module(&model.function.body, errors);
    result_has_a_name(model, errors);
}

/// A misspelt name would silently make the argument a separate one of each task.
fn shared_arguments_exist(model: &Model, errors: &mut ErrorList) {
    let names: Vec<String> = named(model).map(|(name, _)| name.to_string()).collect();
    let shared = model.args.shared.get().map_or(&[][..], Vec::as_slice);
    let absent = &model.function.absent;
    for (index, name) in shared.iter().enumerate() {
        if shared[..index].contains(name) {
            errors.at(
                name.span(),
                format!("`{name}` is shared twice; name it once"),
            );
        } else if name == "self" && model.function.sig.receiver().is_some() {
            errors.at(
                name.span(),
                "`self` is always shared by all tasks; remove it from `shared(…)`",
            );
        } else if names.iter().all(|known| name != known) && !absent.contains(name) {
            has_no_argument(model.name(), name, &names, errors);
        }
    }
}

/// Returns the arguments that are plain names and not other patterns.
fn named(model: &Model) -> impl Iterator<Item = (&Ident, &Type)> {
    let inputs = model.function.sig.inputs.iter();
    inputs.filter_map(|input| match input {
        FnArg::Typed(typed) => match &*typed.pat {
            syn::Pat::Ident(pat) if pat.subpat.is_none() => Some((&pat.ident, &*typed.ty)),
            _ => None,
        },
        FnArg::Receiver(_) => None,
    })
}

/// Concurrent tasks cannot have mutable access to the same value.
fn shared_arguments_are_not_changed(model: &Model, errors: &mut ErrorList) {
    if let Some(receiver) = model.function.sig.receiver()
        && matches!(receiver.kind, ReceiverKind::Reference(_, _, Some(_)))
    {
        errors.on(
            receiver,
            "concurrent tasks cannot all mutate `self`; take `&self` and return the new value",
        );
    }
    for (name, ty) in named(model) {
        let is_shared = model.args.shares(name);
        if is_shared && matches!(ty, Type::Reference(it) if it.mutability.is_some()) {
            errors.on(
                ty,
                format!(
                    "concurrent tasks cannot all mutate `{name}`; take `&` and return the new \
                     value, or remove it from `shared(…)`"
                ),
            );
        }
    }
}

/// Every type and const parameter needs an argument of its kind.
fn instances_fit(model: &Model, errors: &mut ErrorList) {
    let Some(span) = model.args.instantiate.span() else {
        return;
    };
    let own: Vec<&GenericParam> = model.listed_parameters().collect();
    if let Some(unnamed) = model.unnamed_parameter() {
        errors.on(
            unnamed,
            "`instantiate(…)` does not support `impl Trait` arguments; make it a type parameter, \
             as in `fn f<T: Trait>(x: T)`",
        );
        return;
    }
    if own.is_empty() {
        let message = format!(
            "`{}` has no type parameters, so there is nothing to instantiate; remove `instantiate`",
            model.name()
        );
        errors.at(span, message);
        return;
    }
    match model.context {
        FnContext::Free => {}
        // `function_can_be_a_task` reports this.
        FnContext::Trait => return,
        FnContext::Inherent => method_can_be_found(model, span, errors),
    }
    let mut seen: Vec<String> = Vec::new();
    for instance in model.instances.iter() {
        if instance.parameters.len() != own.len() {
            errors.at(instance.span, wrong_count(model, &own));
            continue;
        }
        let text = instance.text();
        if seen.contains(&text) {
            errors.at(
                instance.span,
                format!("`{text}` is listed twice; list it once"),
            );
        }
        seen.push(text);
        for (parameter, given) in own.iter().zip(&instance.parameters) {
            if let (GenericParam::Type(param), InstanceArgument::Value(value)) = (parameter, given)
            {
                errors.on(
                    value,
                    format!(
                        "`{}` is a type parameter; write a type, such as `f64`",
                        param.ident
                    ),
                );
            }
        }
    }
}

/// Instances of methods are found by the name of the type, so other processes must be
/// able to name it. The types of const parameters must be primitives.
fn method_can_be_found(model: &Model, span: Span, errors: &mut ErrorList) {
    if model.self_type.is_none() {
        errors.at(
            span,
            "other processes cannot name the type of this method, because it borrows or a macro \
             generated it; remove `instantiate` and run on threads, or annotate a free function \
             that calls the method",
        );
    }
    for param in model.own_parameters() {
        if let GenericParam::Const(param) = param
            && !matches!(&param.ty, Type::Path(ty) if ty.path.get_ident().is_some_and(is_primitive))
        {
            errors.on(
                &param.ty,
                "`instantiate` on a method supports only primitive types of const parameters; \
                 write the type by its own name, as in `const N: usize`",
            );
        }
    }
}

fn wrong_count(model: &Model, own: &[&GenericParam]) -> String {
    let names = own.iter().filter_map(|param| name_of(param));
    let names: Vec<String> = names.map(ToString::to_string).collect();
    let names = names.join("`, `");
    match own {
        [_] => format!(
            "`{}` has one parameter, `{names}`; write one type",
            model.name()
        ),
        _ => format!(
            "`{}` has {} parameters, `{names}`; write a tuple with one for each, as in \
             `instantiate((f32, u8), (f64, u8))`",
            model.name(),
            own.len(),
        ),
    }
}

fn function_can_be_a_task(model: &Model, errors: &mut ErrorList) {
    let sig = &model.function.sig;
    if model.context == FnContext::Trait {
        errors.at(
            model.name().span(),
            "`#[parallel]` cannot add functions to a trait or a trait `impl`; annotate a free \
             function, or one in an inherent `impl`, that calls this one",
        );
    }
    if let Safety::Unsafe(token) = &sig.safety {
        errors.at(
            token.span(),
            "an `unsafe fn` cannot be a task; wrap the unsafe call in a safe function and \
             annotate that",
        );
    }
    if let Some(abi) = &sig.abi {
        errors.on(
            abi,
            "an `extern` function cannot be a task; annotate the Rust function it calls",
        );
    }
    if let Some(variadic) = &sig.variadic {
        errors.on(
            variadic,
            "a variadic function cannot be a task; take a slice instead",
        );
    }
}

/// Results are stored until the caller collects them, so their type must have a name.
fn result_has_a_name(model: &Model, errors: &mut ErrorList) {
    let ReturnType::Type(_, ty) = &model.function.sig.output else {
        return;
    };
    let complaint = match &**ty {
        Type::ImplTrait(_) => {
            "`impl Trait` hides the type of the result; name the concrete type, such as `Vec<T>` \
             for `impl Iterator<Item = T>`"
        }
        Type::Never(_) => "this function never returns, so there is no result to collect",
        _ => return,
    };
    errors.on(ty, complaint);
}

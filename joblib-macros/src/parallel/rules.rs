//! The rules a parallel function must keep, each with its reason.

use proc_macro2::Span;
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{FnArg, GenericParam, ReceiverKind, ReturnType, Safety, Type};

use super::args::InstanceArgument;
use super::model::Model;
use crate::errors::ErrorList;
use crate::fn_context::FnContext;
use crate::function::has_no_file_module;
use crate::type_syntax::is_primitive;

/// Judges `model` by every rule; what is broken goes to `errors`.
pub(crate) fn check(model: &Model, errors: &mut ErrorList) {
    shared_arguments_exist(model, errors);
    shared_arguments_are_not_changed(model, errors);
    instances_fit(model, errors);
    function_can_be_a_task(model, errors);
    has_no_file_module(&model.function.body, errors);
    result_has_a_name(model, errors);
}

/// A misspelt name would silently make an argument of each task.
fn shared_arguments_exist(model: &Model, errors: &mut ErrorList) {
    let names = named(model);
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
                "`self` is shared by all tasks without being named; leave it out",
            );
        } else if names.iter().all(|known| name != known) && !absent.contains(name) {
            let known = match names.as_slice() {
                [] => "it has none".to_owned(),
                names => format!("it has `{}`", names.join("`, `")),
            };
            errors.at(
                name.span(),
                format!("`{}` has no argument named `{name}`; {known}", model.name()),
            );
        }
    }
}

/// The arguments with a plain name.
fn named(model: &Model) -> Vec<String> {
    let inputs = model.function.sig.inputs.iter();
    let names = inputs.filter_map(|input| match input {
        FnArg::Typed(typed) => match &*typed.pat {
            syn::Pat::Ident(pat) if pat.subpat.is_none() => Some(pat.ident.to_string()),
            _ => None,
        },
        FnArg::Receiver(_) => None,
    });
    names.collect()
}

/// Tasks run at the same time.
fn shared_arguments_are_not_changed(model: &Model, errors: &mut ErrorList) {
    if let Some(receiver) = model.function.sig.receiver()
        && matches!(receiver.kind, ReceiverKind::Reference(_, _, Some(_)))
    {
        errors.on(
            receiver,
            "tasks that run at the same time cannot all change `self`; take `&self` and return \
             what is new",
        );
    }
    let inputs = model
        .function
        .sig
        .inputs
        .iter()
        .filter_map(|input| match input {
            FnArg::Typed(typed) => Some(&typed.ty),
            FnArg::Receiver(_) => None,
        });
    let names = model.args.shared.get();
    for (ty, name) in inputs.zip(all_names(model)) {
        let is_shared = names.is_some_and(|names| names.iter().any(|it| *it == name));
        if is_shared && matches!(&**ty, Type::Reference(it) if it.mutability.is_some()) {
            errors.on(
                ty,
                format!(
                    "tasks that run at the same time cannot all change `{name}`; take `&` and \
                     return what is new, or leave it out of `shared(…)`"
                ),
            );
        }
    }
}

/// The name of every argument but the receiver, empty where it has none.
fn all_names(model: &Model) -> impl Iterator<Item = String> {
    let inputs = model.function.sig.inputs.iter();
    inputs.filter_map(|input| match input {
        FnArg::Typed(typed) => Some(match &*typed.pat {
            syn::Pat::Ident(pat) => pat.ident.to_string(),
            _ => String::new(),
        }),
        FnArg::Receiver(_) => None,
    })
}

/// Every type and constant parameter gets something of its kind.
fn instances_fit(model: &Model, errors: &mut ErrorList) {
    let Some(span) = model.args.instantiate.span() else {
        return;
    };
    let own: Vec<&GenericParam> = model.listed_parameters().collect();
    if let Some(unnamed) = model.unnamed_parameter() {
        errors.on(
            unnamed,
            "`impl Trait` has no name that `instantiate(…)` could stand for; make it a type \
             parameter, as in `fn f<T: Trait>(x: T)`",
        );
        return;
    }
    if own.is_empty() {
        let message = format!(
            "`{}` has no type parameters, so there is nothing to instantiate; leave it out",
            model.name()
        );
        errors.at(span, message);
        return;
    }
    match model.place {
        FnContext::Free => {}
        // Told of the function itself.
        FnContext::Trait => return,
        FnContext::Inherent => method_can_be_found(model, span, errors),
    }
    let mut seen: Vec<String> = Vec::new();
    for instance in model.instances.iter() {
        if instance.parameters.len() != own.len() {
            errors.at(instance.span, wrong_count(model, &own));
            continue;
        }
        let text: Vec<String> = instance.parameters.iter().map(text).collect();
        let text = text.join(", ");
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
                    format!("`{}` is a type; write one, as in `f64`", param.ident),
                );
            }
        }
    }
}

/// Instances of methods lie beside the type, which must have a name, as must
/// the types of constants.
fn method_can_be_found(model: &Model, span: Span, errors: &mut ErrorList) {
    if model.self_type.is_none() {
        errors.at(
            span,
            "the type of this method borrows, or a macro made it, so that other processes cannot \
             name it; leave `instantiate` out and run on threads, or annotate a free function \
             that calls it",
        );
    }
    for param in model.own_parameters() {
        if let GenericParam::Const(param) = param
            && !matches!(&param.ty, Type::Path(ty) if ty.path.get_ident().is_some_and(is_primitive))
        {
            errors.on(
                &param.ty,
                "the type of a constant parameter of a method needs its own name to be \
                 instantiated, as in `const N: usize`",
            );
        }
    }
}

fn wrong_count(model: &Model, own: &[&GenericParam]) -> String {
    let names: Vec<String> = own
        .iter()
        .map(|param| match param {
            GenericParam::Type(param) => param.ident.to_string(),
            GenericParam::Const(param) => param.ident.to_string(),
            GenericParam::Lifetime(param) => param.lifetime.to_string(),
        })
        .collect();
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

fn text(parameter: &InstanceArgument) -> String {
    match parameter {
        InstanceArgument::Type(ty) => ty.to_token_stream().to_string(),
        InstanceArgument::Value(value) => value.to_token_stream().to_string(),
    }
}

fn function_can_be_a_task(model: &Model, errors: &mut ErrorList) {
    let sig = &model.function.sig;
    if model.place == FnContext::Trait {
        errors.at(
            model.name().span(),
            "a function of a trait has no place for what `#[parallel]` adds; annotate a free \
             function, or one in an `impl` of the type, that calls it",
        );
    }
    if let Safety::Unsafe(token) = &sig.safety {
        errors.at(
            token.span(),
            "an `unsafe fn` cannot be called for inputs nobody has looked at; wrap the unsafe \
             call in a safe function and annotate that",
        );
    }
    if let Some(abi) = &sig.abi {
        errors.on(
            abi,
            "a function called from other languages cannot be a task; annotate the Rust function \
             it calls",
        );
    }
    if let Some(variadic) = &sig.variadic {
        errors.on(variadic, "variadic arguments cannot be those of a task");
    }
}

/// A result is kept until it is asked for.
fn result_has_a_name(model: &Model, errors: &mut ErrorList) {
    let ReturnType::Type(_, ty) = &model.function.sig.output else {
        return;
    };
    let complaint = match &**ty {
        Type::ImplTrait(_) => {
            "`impl Trait` does not say what comes back; name the concrete type, such as `Vec<T>` \
             for `impl Iterator<Item = T>`"
        }
        Type::Never(_) => "this function never returns, so there is no result to collect",
        _ => return,
    };
    errors.on(ty, complaint);
}

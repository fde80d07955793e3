//! Renders `par`, the function that builds a parallel call.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::{WherePredicate, parse_quote};

use super::call::{ArgumentSource, call};
use super::defer::deferral;
use super::{Parts, dynamic_transport};
use crate::fn_context::FnContext;
use crate::parallel::model::{Argument, Model, name_of_type};
use crate::source;
use crate::type_syntax::turbofish;

/// Returns `par`, with the items of `parts` in its body.
pub(super) fn par(model: &Model, parts: &Parts) -> TokenStream {
    let Parts {
        par: name,
        doc,
        marker,
        inner,
        ..
    } = parts;
    let krate = model.krate();
    let vis = model.vis();
    let (task, parallel) = (
        quote!(#krate::__private::task),
        quote!(#krate::__private::parallel),
    );
    let (each, shared, output) = (model.each_type(), model.shared_type(), &model.output);
    let (pattern, shared_pattern) = (model.each_pattern(), model.shared_pattern());
    let inputs = inputs(model);
    let receiver = model.function.sig.receiver().map(|receiver| {
        let (token, ty) = (&receiver.self_token, &model.shared[0].ty);
        quote!(#token: #ty,)
    });
    let rest = &model.shared[receiver.iter().count()..];
    let (names, types): (Vec<_>, Vec<_>) =
        rest.iter().map(|it| (parameter(model, it), &it.ty)).unzip();
    let this = model.function.sig.receiver().map(|it| &it.self_token);
    let given = this.map(|this| quote!(#this,));
    let mut generics = model.generics.clone();
    generics.params.push(parse_quote!(__JoblibInputs));
    generics
        .make_where_clause()
        .predicates
        .push(parse_quote!(__JoblibInputs: ::core::iter::IntoIterator<Item = #each>));
    if !model.instances.is_empty() {
        let predicates = &mut generics.make_where_clause().predicates;
        // Instances are looked up by `TypeId`, which needs `'static`.
        let outer = model.outer.iter().filter_map(name_of_type);
        let types = outer.chain(model.type_parameters());
        predicates.extend(types.map(|name| -> WherePredicate { parse_quote!(#name: 'static) }));
        if model.context != FnContext::Free {
            predicates.push(parse_quote!(Self: 'static));
        }
    }
    let (impl_generics, _, where_clause) = generics.split_for_impl();
    let function = model.name();
    let turbofish = turbofish(model.own_parameters());
    let path = match model.context {
        FnContext::Free => quote!(#function #turbofish),
        FnContext::Inherent | FnContext::Trait => quote!(Self::#function #turbofish),
    };
    let call = call(model, &path, ArgumentSource::Here);
    let transport = dynamic_transport::transport(model, marker);
    let weighing = weighing(model);
    let deferral = deferral(model);
    let borrowing = borrowing(model);
    let awaiting = (model.function.sig.asyncness).map(|_| quote!(.as_async()));
    quote! {
        #[doc = #doc]
        #[inline]
        #vis fn #name #impl_generics(
            #receiver
            #inputs: __JoblibInputs,
            #(#names: #types,)*
        ) -> #parallel::Par<
            <__JoblibInputs as ::core::iter::IntoIterator>::IntoIter,
            #task::FunctionTask<
                #each,
                #shared,
                #output,
                impl ::core::ops::Fn(#each, &#shared) -> #output
                    + ::core::marker::Copy
                    + ::core::marker::Send
                    + ::core::marker::Sync,
                #marker,
            >,
        >
        #where_clause
        {
            #inner
            #parallel::Par::new(
                ::core::iter::IntoIterator::into_iter(#inputs),
                #task::FunctionTask::new(
                    |#pattern: #each, __joblib_shared: &#shared| -> #output {
                        let #shared_pattern = __joblib_shared;
                        #call
                    },
                    (#given #(#names,)*),
                    || #transport,
                )
                #borrowing
                #weighing
                #awaiting
                #deferral,
            )
        }
    }
}

/// Returns the builder call with the values that shared arguments borrow, if there are
/// some. `self` is one of them if it is a reference.
fn borrowing(model: &Model) -> Option<TokenStream> {
    let krate = model.krate();
    let borrowed = quote!(#krate::__private::key::shared_digest::Borrowed);
    let receiver = model.function.sig.receiver().map(|it| &it.self_token);
    let values: Vec<_> = model
        .shared
        .iter()
        .enumerate()
        .filter(|(_, argument)| argument.referent().is_some())
        .map(|(position, argument)| match receiver {
            Some(this) if position == 0 => quote!(#borrowed::of(#this)),
            _ => {
                let name = parameter(model, argument);
                quote!(#borrowed::of(#name))
            }
        })
        .collect();
    (!values.is_empty())
        .then(|| quote!(.borrowing(#krate::__private::key::shared_digest::all([#(#values),*]))))
}

/// Returns the builder call that computes the memory size of the arguments of a task, if
/// there are several. For a single argument, the runtime needs only its type.
fn weighing(model: &Model) -> Option<TokenStream> {
    let krate = model.krate();
    let (each, pattern) = (model.each_type(), model.each_pattern());
    let bindings = model.each.iter().map(|it| &it.binding);
    (model.each.len() > 1).then(|| {
        quote! {
            .with_size_fn(|__joblib_each: &#each| {
                let #pattern = __joblib_each;
                #(#krate::__private::task::heap_size(#bindings))+*
            })
        }
    })
}

/// Returns the parameter name of a shared argument in `par`: its own name, unless that
/// would shadow the called function.
fn parameter<'a>(model: &Model, argument: &'a Argument) -> &'a Ident {
    if argument.label == *model.name() {
        &argument.binding
    } else {
        &argument.label
    }
}

/// Returns a parameter name for the inputs that no shared argument has, nor the called
/// function, nor a constant, which would be a pattern.
fn inputs(model: &Model) -> Ident {
    let name = Ident::new("inputs", Span::call_site());
    let mut names = (model.shared.iter().map(|argument| &argument.label)).chain([model.name()]);
    match names.any(|taken| *taken == name) || source::may_be_constant(&name) {
        true => Ident::new("__joblib_inputs", Span::call_site()),
        false => name,
    }
}

//! The task as Rust code: its registration, and the value.
//!
//! The closure is written twice, where its value is made and in the
//! registration, since the type of its result, unless it is written, is known
//! to the compiler alone.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{GenericParam, parse_quote};

use super::input::Input;
use crate::parallel::model::{Argument, Model};
use crate::parallel::render::allowances;
use crate::parallel::render::register::{identity, registration};
use crate::parallel::render::remote::{Open, conditions, instance, remote};
use crate::source::Reach;

/// A block whose value is the task. No `const` is around the closure: of a
/// variable that it takes without naming it, the compiler then says that a
/// function cannot capture it, and nothing of constants.
pub(super) fn render(input: &Input, model: &Model, reach: &Reach) -> TokenStream {
    let krate = model.krate();
    let task = quote!(#krate::__private::task);
    let allowances = allowances();
    let (each, shared, output) = (model.each_type(), model.shared_type(), &model.output);
    let marker = quote!(__JoblibTask);
    let shown = model.each.iter().chain(&model.shared).map(|it| &it.shown);
    let identity = identity(model, "::task", "");
    let closure = closure(input, model);
    let registration = registration(
        model,
        reach,
        &identity,
        &quote!(__joblib_opened(__joblib_shared)),
    );
    let remote = remote(model, &marker, &Open::Registered);
    let opened = opened(model);
    let inferred = result_parameter(model).map(|_| quote!(_)).into_iter();
    let lifetimes: Vec<&GenericParam> = model.lifetimes().collect();
    let result = result_parameter(model).into_iter();
    let values = input.captures.iter().map(|capture| match &capture.value {
        Some(value) => quote!(#value),
        None => {
            let name = &capture.name;
            quote!(#name)
        }
    });
    quote! {{
        #allowances
        struct #marker {}

        #allowances
        mod __joblib_names { #(pub struct #shown {})* }

        #allowances
        const _: () = { #remote };

        #opened
        #registration

        #allowances
        fn __joblib_opened(
            __joblib_shared: &mut #krate::__private::wire::Reader<'static>,
        ) -> ::core::option::Option<
            ::core::result::Result<#task::Instance, #krate::__private::wire::TakeError>
        > {
            let __joblib_opened =
                __joblib_open::<#task::Elsewhere, #(#inferred,)* _>(#closure, __joblib_shared);
            ::core::option::Option::Some(__joblib_opened)
        }

        #allowances
        fn __joblib_task<'__joblib_t, #(#lifetimes: '__joblib_t,)* #(#result,)* __JoblibF>(
            __joblib_call: __JoblibF,
            __joblib_shared: #shared,
        ) -> #krate::__private::Box<
            dyn #task::Anonymous<#each, #output> + '__joblib_t
        >
        where
            __JoblibF: ::core::ops::Fn(#each, &#shared) -> #output
                + ::core::marker::Copy
                + ::core::marker::Send
                + ::core::marker::Sync
                + '__joblib_t,
            #each: '__joblib_t,
            #output: #task::Returned<#task::Elsewhere> + '__joblib_t,
        {
            #task::anonymous::<_, _, _, #marker, _>(__joblib_call, __joblib_shared)
        }

        __joblib_task(#closure, (#(#values,)*))
    }}
}

/// The closure, which finds its captures in its second argument.
fn closure(input: &Input, model: &Model) -> TokenStream {
    let krate = model.krate();
    let pattern = input.argument().map(|typed| &typed.pat);
    let argument = input.argument().map(|typed| &typed.ty);
    let (names, types): (Vec<_>, Vec<_>) =
        input.captures.iter().map(|it| (&it.name, &it.ty)).unzip();
    let bindings: Vec<_> = model.shared.iter().map(|it| &it.binding).collect();
    let values = model.shared.iter().map(|argument| {
        let binding = &argument.binding;
        match argument.is_reference() {
            true => quote!(*#binding),
            false => quote!(#krate::__private::task::copied(#binding)),
        }
    });
    let output = input.output().map(|ty| quote!(-> #ty));
    let body = input.body();
    quote! {
        |#pattern: #argument, (#(#bindings,)*): &(#(#types,)*)| #output {
            #(let #names: #types = #values;)*
            #body
        }
    }
}

/// The function that takes what is shared and makes the closure an instance.
fn opened(model: &Model) -> TokenStream {
    let krate = model.krate();
    let (task, wire) = (
        quote!(#krate::__private::task),
        quote!(#krate::__private::wire),
    );
    let (each, shared, output) = (model.each_type(), model.shared_type(), &model.output);
    let lifetimes = model.lifetimes();
    let result = result_parameter(model).into_iter();
    let conditions = conditions(model);
    let value = |argument: &Argument| {
        let binding = &argument.binding;
        match argument.referent() {
            Some(referent) => quote!(#wire::dispatch::Lend::<#referent>::lent(&#binding)),
            None => quote!(#binding),
        }
    };
    let of_each = model.each.iter().map(value);
    // What the closure sees as shared lives as long as one call.
    let of_all = model
        .shared
        .iter()
        .map(|argument| match argument.referent() {
            Some(_) => value(argument),
            None => {
                let binding = &argument.binding;
                quote!(#task::copied(&#binding))
            }
        });
    let call = quote!(__joblib_call(#(#of_each,)* &(#(#of_all,)*)));
    let body = instance(model, &call, &quote!(#task::AsResult<__JoblibW>));
    let allowances = allowances();
    quote! {
        #allowances
        fn __joblib_open<__JoblibW, #(#result,)* __JoblibF>(
            __joblib_call: __JoblibF,
            __joblib_shared: &mut #wire::Reader<'static>,
        ) -> ::core::result::Result<#task::Instance, #wire::TakeError>
        where
            __JoblibF: for<#(#lifetimes,)* '__joblib_s> ::core::ops::Fn(
                #each,
                &'__joblib_s #shared,
            ) -> #output + 'static,
            #conditions
        {
            #body
        }
    }
}

/// The type of the result, where it is not written.
fn result_parameter(model: &Model) -> Option<GenericParam> {
    model.is_generic().then(|| parse_quote!(__JoblibR))
}

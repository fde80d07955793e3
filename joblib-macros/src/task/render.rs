//! Generates the code of a task: its registration and its value.
//!
//! The closure appears twice in that code: as the value and in the registration.
//! A shared function would have to name the type of the result, which only the
//! compiler knows if the closure does not declare it.

use proc_macro2::TokenStream;
use quote::quote;
use syn::GenericParam;

use super::input::TaskInput;
use crate::lints::allowances;
use crate::parallel::model::{Argument, Model};
use crate::parallel::render::register::{identity, registration};
use crate::parallel::render::remote::{Opener, conditions, instance, names, remote};
use crate::source::Reach;

/// Returns a block whose value is the task. The closure is not inside a `const`,
/// so that for an undeclared capture the compiler reports that a function cannot
/// capture it, and does not mention constants.
pub(super) fn render(input: &TaskInput, model: &Model, reach: &Reach) -> TokenStream {
    let krate = model.krate();
    let task = quote!(#krate::__private::task);
    let allowances = allowances();
    let (each, shared, output) = (model.each_type(), model.shared_type(), &model.output);
    let names = names(model, &allowances);
    let encoding = model
        .is_result_inferred()
        .then(|| quote!(<__JOBLIB_ENCODING>));
    let marker = quote!(__JoblibTask #encoding);
    let identity = identity(model, "::task", "");
    let closure = closure(input, model);
    let registration = registration(
        model,
        reach,
        &identity,
        &quote!(__joblib_opened(__joblib_shared)),
    );
    let remote = remote(model, &marker, &Opener::Registered);
    let opened = opened(model);
    let inferred = model.parameters().map(|_| quote!(_));
    let lifetimes: Vec<&GenericParam> = model.lifetimes().collect();
    let result = model.parameters();
    let is_encoding = |it: &&GenericParam| matches!(it, GenericParam::Const(_));
    let declared = model.parameters().find(is_encoding).map(|it| quote!(<#it>));
    let by = encoding_param(model);
    let ResultQuery {
        asking,
        call,
        ask,
        by: answer,
    } = ResultQuery::new(model, &closure);
    let values = input.captures.iter().map(|capture| match &capture.value {
        Some(value) => quote!(#value),
        None => {
            let name = &capture.name;
            quote!(#name)
        }
    });
    quote! {{
        #allowances
        struct __JoblibTask #declared {}

        #names

        #allowances
        const _: () = { #remote };

        #asking

        #opened
        #registration

        #allowances
        fn __joblib_opened(
            __joblib_shared: &mut #krate::__private::wire::MessageReader<'static>,
        ) -> ::core::option::Option<
            ::core::result::Result<#task::Instance, #krate::__private::wire::MessageError>
        > {
            #ask
            let __joblib_opened = __joblib_open::<#task::AnyRemoteBackend, #(#inferred,)* _>(
                #call,
                __joblib_shared,
                #answer
            );
            ::core::option::Option::Some(__joblib_opened)
        }

        #allowances
        fn __joblib_task<'__joblib_t, #(#lifetimes: '__joblib_t,)* #(#result,)* __JoblibF>(
            __joblib_call: __JoblibF,
            __joblib_shared: #shared,
            #by
        ) -> #krate::__private::Box<
            dyn #task::RemoteClosure<#each, #output> + '__joblib_t
        >
        where
            __JoblibF: ::core::ops::Fn(#each, &#shared) -> #output
                + ::core::marker::Copy
                + ::core::marker::Send
                + ::core::marker::Sync
                + '__joblib_t,
            #each: '__joblib_t,
            #output: #krate::__private::transport::SendResult<#task::AnyRemoteBackend, __JOBLIB_ENCODING> + '__joblib_t,
        {
            #task::anonymous::<_, _, _, #marker, _>(__joblib_call, __joblib_shared)
        }

        #ask
        __joblib_task(#call, (#(#values,)*), #answer)
    }}
}

/// Returns the closure with its captures as the second argument.
fn closure(input: &TaskInput, model: &Model) -> TokenStream {
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

/// Returns the function that decodes the shared captures and wraps the closure
/// in an instance.
fn opened(model: &Model) -> TokenStream {
    let krate = model.krate();
    let (task, wire) = (
        quote!(#krate::__private::task),
        quote!(#krate::__private::wire),
    );
    let higher_ranked = higher_ranked(model);
    let (result, by) = (model.parameters(), encoding_param(model));
    let conditions = conditions(model);
    let value = |argument: &Argument| {
        let binding = &argument.binding;
        match argument.referent() {
            Some(referent) => {
                quote!(#krate::__private::transport::AsBorrowed::<#referent>::borrowed(&#binding))
            }
            None => quote!(#binding),
        }
    };
    let of_each = model.each.iter().map(value);
    // The closure's references to captures live only for one call, so owned
    // captures are copied for each.
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
    let body = instance(model, &call);
    let allowances = allowances();
    quote! {
        #allowances
        fn __joblib_open<__JoblibW, #(#result,)* __JoblibF>(
            __joblib_call: __JoblibF,
            __joblib_shared: &mut #wire::MessageReader<'static>,
            #by
        ) -> ::core::result::Result<#task::Instance, #wire::MessageError>
        where
            __JoblibF: #higher_ranked + 'static,
            #conditions
        {
            #body
        }
    }
}

/// Returns the `Fn` bound of the closure, for arguments that live as long as one
/// call.
fn higher_ranked(model: &Model) -> TokenStream {
    let (each, shared, output) = (model.each_type(), model.shared_type(), &model.output);
    let lifetimes = model.lifetimes();
    quote! {
        for<#(#lifetimes,)* '__joblib_s> ::core::ops::Fn(#each, &'__joblib_s #shared) -> #output
    }
}

/// Returns the parameter that selects the encoding of an inferred result.
fn encoding_param(model: &Model) -> Option<TokenStream> {
    let krate = model.krate();
    let by = || quote!(_: #krate::__private::transport::Encoding<__JOBLIB_ENCODING>,);
    model.is_result_inferred().then(by)
}

/// The code that selects the encoding of the closure's result, if the type of the
/// result is inferred.
#[derive(Default)]
struct ResultQuery {
    /// The function that infers the type of the result from the closure.
    asking: TokenStream,
    /// The statements that call this function.
    ask: TokenStream,
    /// The expression of the closure.
    call: TokenStream,
    /// The selected encoding, as an argument.
    by: TokenStream,
}

impl ResultQuery {
    fn new(model: &Model, closure: &TokenStream) -> ResultQuery {
        if !model.is_result_inferred() {
            return ResultQuery {
                call: closure.clone(),
                ..ResultQuery::default()
            };
        }
        let krate = model.krate();
        let transport = quote!(#krate::__private::transport);
        let (allowances, higher_ranked) = (allowances(), higher_ranked(model));
        ResultQuery {
            asking: quote! {
                #allowances
                fn __joblib_ask<__JoblibR, __JoblibF: #higher_ranked>(
                    __joblib_call: __JoblibF,
                ) -> (__JoblibF, #transport::Probe<#transport::InMessage, __JoblibR>) {
                    (__joblib_call, #transport::Probe::NEW)
                }
            },
            ask: quote! {
                let (__joblib_call, __joblib_ask) = __joblib_ask(#closure);
                #[allow(unused_imports)]
                use #transport::{
                    SelectFaithful as _, SelectNumbers as _, SelectPersist as _, SelectSerde as _,
                    SelectUnknown as _,
                };
            },
            call: quote!(__joblib_call),
            by: quote!((&&&&&__joblib_ask).__joblib_encoding()),
        }
    }
}

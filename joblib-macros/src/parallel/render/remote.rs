//! How the arguments and the result of the function travel, for those types
//! that can: what cannot is told where the backend is chosen.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{GenericParam, WherePredicate};

use super::super::model::{Argument, Model};
use super::call::{From, call};

/// Who makes an instance ready to run.
pub(crate) enum Open<'a> {
    /// `Remote::open`, which calls the function at this path.
    Path(&'a TokenStream),
    /// The function in the registration; the result may be a parameter.
    Registered,
}

/// The implementation of `Remote` for `marker`, beside what it names: the
/// module of the arguments' names and the constant `__JOBLIB_REGISTRATION`.
pub(crate) fn remote(model: &Model, marker: &TokenStream, open: &Open<'_>) -> TokenStream {
    let krate = model.krate();
    let (task, wire) = (
        quote!(#krate::__private::task),
        quote!(#krate::__private::wire),
    );
    let (each, shared, output) = (model.each_type(), model.shared_type(), &model.output);
    let is_parameter = |param: &&GenericParam| match open {
        Open::Path(_) => matches!(param, GenericParam::Lifetime(_)),
        Open::Registered => true,
    };
    let params = model.generics.params.iter().filter(is_parameter);
    let outlives = model.generics.where_clause.iter();
    let outlives = outlives
        .flat_map(|clause| &clause.predicates)
        .filter(|predicate| matches!(predicate, WherePredicate::Lifetime(_)));
    let conditions = conditions(model);
    let parts = match model.borrowed() {
        true => Parts::never(model),
        false => Parts::new(model, open),
    };
    let Parts {
        registration,
        put,
        put_shared,
        take,
        open,
    } = parts;
    let result = |ok: TokenStream, error: TokenStream| quote!(::core::result::Result<#ok, #error>);
    let (put_result, take_result, open_result) = (
        result(quote!(()), quote!(#wire::PutError)),
        result(quote!(#output), quote!(#wire::TakeError)),
        result(quote!(#task::Instance), quote!(#wire::TakeError)),
    );
    quote! {
        impl<#(#params,)* __JoblibW> #task::Remote<__JoblibW, #each, #shared, #output> for #marker
        where
            #(#outlives,)*
            #conditions
        {
            fn registration() -> &'static #task::Registration {
                #registration
            }

            fn put<'__joblib_v>(
                __joblib_each: &'__joblib_v #each,
                __joblib_writer: &mut #wire::Writer<'__joblib_v>,
            ) -> #put_result {
                #put
            }

            fn put_shared<'__joblib_v>(
                __joblib_shared: &'__joblib_v #shared,
                __joblib_writer: &mut #wire::Writer<'__joblib_v>,
            ) -> #put_result {
                #put_shared
            }

            fn take(__joblib_reader: &mut #wire::Reader<'_>) -> #take_result {
                #take
            }

            fn open(__joblib_shared: &mut #wire::Reader<'static>) -> #open_result {
                #open
            }
        }
    }
}

/// What must hold of every type for the function to travel.
pub(crate) fn conditions(model: &Model) -> TokenStream {
    let krate = model.krate();
    let task = quote!(#krate::__private::task);
    let arguments = model.each.iter().chain(&model.shared).map(|argument| {
        let (ty, shown) = (argument.travels(), &argument.shown);
        match argument.is_borrowed_within() {
            true => quote!(#ty: #task::Unborrowed<__JoblibW, __joblib_names::#shown>,),
            false => quote!(#ty: #task::Argument<__JoblibW, __joblib_names::#shown>,),
        }
    });
    let output = &model.output;
    let result = match model.is_result_borrowed() {
        true => quote!(#output: #task::UnborrowedResult<__JoblibW>,),
        false => quote!(#output: #task::Returned<__JoblibW>,),
    };
    quote!(#(#arguments)* #result)
}

/// The bodies of the functions of `Remote`.
struct Parts {
    registration: TokenStream,
    put: TokenStream,
    put_shared: TokenStream,
    take: TokenStream,
    open: TokenStream,
}

impl Parts {
    /// Of a function whose conditions never hold.
    fn never(model: &Model) -> Parts {
        let krate = model.krate();
        let never = quote!(#krate::__private::task::never());
        Parts {
            registration: never.clone(),
            put: never.clone(),
            put_shared: never.clone(),
            take: never.clone(),
            open: never,
        }
    }

    fn new(model: &Model, open: &Open<'_>) -> Parts {
        let krate = model.krate();
        let task = quote!(#krate::__private::task);
        let import = quote!(use #task::persisted::*;);
        let ok = quote!(::core::result::Result::Ok);
        let (each, shared) = (model.each_pattern(), model.shared_pattern());
        let output = &model.output;
        let puts = |arguments: &[Argument]| -> TokenStream {
            arguments
                .iter()
                .map(|argument| put(model, argument))
                .collect()
        };
        let (puts_each, puts_shared) = (puts(&model.each), puts(&model.shared));
        let open = match open {
            Open::Path(path) => instance(
                model,
                &call(model, path, From::Wire),
                &quote!(#task::AsResult<__JoblibW>),
            ),
            Open::Registered => quote! {
                match (__JOBLIB_REGISTRATION.open)(__joblib_shared) {
                    ::core::option::Option::Some(__joblib_opened) => __joblib_opened,
                    ::core::option::Option::None => #task::never(),
                }
            },
        };
        Parts {
            registration: quote!(&__JOBLIB_REGISTRATION),
            put: quote! {
                #import
                let #each = __joblib_each;
                #puts_each
                #ok(())
            },
            put_shared: quote! {
                #import
                let #shared = __joblib_shared;
                #puts_shared
                #ok(())
            },
            take: quote! {
                #import
                (&&&Taken::<#task::AsResult<__JoblibW>, #output>::NEW).take(__joblib_reader)
            },
            open,
        }
    }
}

/// The statements that take what is shared from `__joblib_shared` and make an
/// instance ready to run that answers with `call`; the result travels `via`.
pub(crate) fn instance(model: &Model, call: &TokenStream, via: &TokenStream) -> TokenStream {
    let krate = model.krate();
    let wire = quote!(#krate::__private::wire);
    let ok = quote!(::core::result::Result::Ok);
    let output = &model.output;
    let takes = |arguments: &[Argument], reader: &TokenStream| -> TokenStream {
        let takes = arguments
            .iter()
            .map(|argument| take(model, argument, reader));
        takes.collect()
    };
    let takes_each = takes(&model.each, &quote!(__joblib_reader));
    let takes_shared = takes(&model.shared, &quote!(__joblib_shared));
    quote! {
        use #krate::__private::task::persisted::*;
        #takes_shared
        __joblib_shared.end()?;
        #ok(#krate::__private::Box::new(move |__joblib_reader, __joblib_done| {
            #takes_each
            __joblib_reader.end()?;
            let __joblib_result: #output = #call;
            let mut __joblib_writer = #wire::Writer::new();
            (&&&sent::<#via, #output>(&__joblib_result)).put(&mut __joblib_writer)?;
            __joblib_done(&__joblib_writer);
            #ok(())
        }))
    }
}

fn put(model: &Model, argument: &Argument) -> TokenStream {
    let krate = model.krate();
    let Argument { shown, binding, .. } = argument;
    let ty = argument.travels();
    let via = quote!(#krate::__private::task::AsArgument<__JoblibW, __joblib_names::#shown>);
    quote!((&&&sent::<#via, #ty>(#binding)).put(__joblib_writer)?;)
}

fn take(model: &Model, argument: &Argument, reader: &TokenStream) -> TokenStream {
    let krate = model.krate();
    let Argument { shown, binding, .. } = argument;
    let ty = argument.travels();
    let via = quote!(#krate::__private::task::AsArgument<__JoblibW, __joblib_names::#shown>);
    match argument.referent() {
        Some(_) => quote!(let #binding = (&&&Lent::<#via, #ty>::NEW).lend(#reader)?;),
        None => quote!(let #binding: #ty = (&&&Taken::<#via, #ty>::NEW).take(#reader)?;),
    }
}

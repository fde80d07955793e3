//! Renders the implementation of `Remote`: how the arguments and the result of the
//! function are encoded and decoded. Its bounds exclude types that cannot be sent, and
//! the error for them is where the user selects the backend.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{GenericParam, Type, WherePredicate};

use super::call::{ArgumentSource, call};
use crate::parallel::model::{Argument, Model};
use crate::type_syntax::is_plain;

/// The code that opens an instance, so that it is ready to run.
pub(crate) enum Opener<'a> {
    /// `Remote::open`, which calls the function at this path.
    Path(&'a TokenStream),
    /// The function in the registration. The type of the result may be a parameter.
    Registered,
}

/// Returns the implementation of `Remote` for `marker`. It uses the items of [`names`] and
/// the constant `__JOBLIB_REGISTRATION`, which must be in scope.
pub(crate) fn remote(model: &Model, marker: &TokenStream, open: &Opener<'_>) -> TokenStream {
    let krate = model.krate();
    let (task, wire) = (
        quote!(#krate::__private::task),
        quote!(#krate::__private::wire),
    );
    let (each, shared, output) = (model.each_type(), model.shared_type(), &model.output);
    let is_parameter = |param: &&GenericParam| match open {
        Opener::Path(_) => matches!(param, GenericParam::Lifetime(_)),
        Opener::Registered => true,
    };
    let params = model.generics.params.iter().filter(is_parameter);
    let outlives = model.generics.where_clause.iter();
    let outlives = outlives
        .flat_map(|clause| &clause.predicates)
        .filter(|predicate| matches!(predicate, WherePredicate::Lifetime(_)));
    let conditions = conditions(model);
    let parts = match model.is_borrowed() {
        true => RemoteBodies::never(model),
        false => RemoteBodies::new(model, open),
    };
    let RemoteBodies {
        registration,
        put,
        put_shared,
        take,
        open,
    } = parts;
    let result = |ok: TokenStream, error: TokenStream| quote!(::core::result::Result<#ok, #error>);
    let (put_result, take_result, open_result) = (
        result(quote!(()), quote!(#wire::PutError)),
        result(quote!(#output), quote!(#wire::MessageError)),
        result(quote!(#task::Instance), quote!(#wire::MessageError)),
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
                __joblib_writer: &mut #wire::MessageWriter<'__joblib_v>,
            ) -> #put_result {
                #put
            }

            fn put_shared<'__joblib_v>(
                __joblib_shared: &'__joblib_v #shared,
                __joblib_writer: &mut #wire::MessageWriter<'__joblib_v>,
            ) -> #put_result {
                #put_shared
            }

            fn take(__joblib_reader: &mut #wire::MessageReader<'_>) -> #take_result {
                #take
            }

            fn open(__joblib_shared: &mut #wire::MessageReader<'static>) -> #open_result {
                #open
            }
        }
    }
}

/// Returns the bounds on the types of the function that running it in other processes
/// needs. If a type borrows, only the bounds that report this are included.
pub(crate) fn conditions(model: &Model) -> TokenStream {
    let krate = model.krate();
    let task = quote!(#krate::__private::task);
    let is_borrowed = model.is_borrowed();
    let arguments = model.arguments().map(|argument| {
        let (ty, shown) = (argument.sent_type(), &argument.shown);
        match (argument.is_borrowed_within(), is_borrowed) {
            (true, _) => quote!(#ty: #task::OwnedArgument<__JoblibW, __joblib_names::#shown>,),
            (false, true) => TokenStream::new(),
            (false, false) => {
                let persisted = persisted(argument);
                quote!(#ty: #task::SendArgument<__JoblibW, __joblib_names::#shown, #persisted>,)
            }
        }
    });
    let output = &model.output;
    let result = match (model.is_result_borrowed(), is_borrowed) {
        (true, _) => quote!(#output: #task::OwnedResult<__JoblibW>,),
        (false, true) => TokenStream::new(),
        (false, false) => quote!(#output: #task::SendResult<__JoblibW, __JOBLIB_PERSISTED>,),
    };
    quote!(#(#arguments)* #result)
}

/// Returns the items that [`conditions`] names: a type for each argument, with a constant
/// for whether it is encoded with `Persist`, and that constant for the result, unless it
/// is a parameter.
pub(crate) fn names(model: &Model, allowances: &TokenStream) -> TokenStream {
    let shown = model.arguments().map(|it| &it.shown);
    let asked = model
        .arguments()
        .filter(|it| !model.is_borrowed() && !is_plain(it.sent_type()));
    let answers = asked.map(|argument| {
        let (shown, ask) = (&argument.shown, ask(model, argument.sent_type()));
        quote! {
            #allowances
            impl __joblib_names::#shown {
                const PERSISTED: ::core::primitive::bool = #ask;
            }
        }
    });
    let of_result = match &model.output {
        _ if model.is_result_inferred() || model.is_borrowed() => None,
        output if is_plain(output) => Some(quote!(false)),
        output => Some(ask(model, output)),
    };
    let of_result = of_result.map(|persisted| {
        quote! {
            #allowances
            const __JOBLIB_PERSISTED: ::core::primitive::bool = #persisted;
        }
    });
    quote! {
        #allowances
        mod __joblib_names { #(pub struct #shown {})* }
        #(#answers)*
        #of_result
    }
}

/// Returns the constant expression for whether a `ty` is encoded with `Persist`.
fn ask(model: &Model, ty: &Type) -> TokenStream {
    let krate = model.krate();
    let ask = quote!(#krate::__private::task::transport_select);
    quote! {{
        use #ask::Fallback as _;
        #ask::persisted(
            #ask::TransportProbe::<#ty>::WHOLE,
            #ask::TransportProbe::<#ty>::CARRIED,
            #ask::TransportProbe::<#ty>::PERSISTED,
        )
    }}
}

/// Returns the const argument for whether `argument` is encoded with `Persist`.
fn persisted(argument: &Argument) -> TokenStream {
    let shown = &argument.shown;
    match is_plain(argument.sent_type()) {
        true => quote!(false),
        false => quote!({ __joblib_names::#shown::PERSISTED }),
    }
}

/// Returns the transport type of `argument`.
fn as_argument(model: &Model, argument: &Argument) -> TokenStream {
    let krate = model.krate();
    let (shown, persisted) = (&argument.shown, persisted(argument));
    quote!(#krate::__private::task::AsArgument<__JoblibW, __joblib_names::#shown, #persisted>)
}

/// Returns the transport type of the result.
pub(crate) fn as_result(model: &Model) -> TokenStream {
    let krate = model.krate();
    quote!(#krate::__private::task::AsResult<__JoblibW, __JOBLIB_PERSISTED>)
}

/// The bodies of the functions of `Remote`.
struct RemoteBodies {
    registration: TokenStream,
    put: TokenStream,
    put_shared: TokenStream,
    take: TokenStream,
    open: TokenStream,
}

impl RemoteBodies {
    /// Returns the bodies for a function whose bounds never hold.
    fn never(model: &Model) -> RemoteBodies {
        let krate = model.krate();
        let never = quote!(#krate::__private::task::never());
        RemoteBodies {
            registration: never.clone(),
            put: never.clone(),
            put_shared: never.clone(),
            take: never.clone(),
            open: never,
        }
    }

    fn new(model: &Model, open: &Opener<'_>) -> RemoteBodies {
        let krate = model.krate();
        let task = quote!(#krate::__private::task);
        let import = quote!(use #krate::__private::wire::transport::*;);
        let ok = quote!(::core::result::Result::Ok);
        let (each, shared) = (model.each_pattern(), model.shared_pattern());
        let (output, via) = (&model.output, as_result(model));
        let puts = |arguments: &[Argument]| -> TokenStream {
            arguments
                .iter()
                .map(|argument| put(model, argument))
                .collect()
        };
        let (puts_each, puts_shared) = (puts(&model.each), puts(&model.shared));
        let open = match open {
            Opener::Path(path) => instance(
                model,
                &call(model, path, ArgumentSource::Wire),
                &as_result(model),
            ),
            Opener::Registered => quote! {
                match (__JOBLIB_REGISTRATION.open)(__joblib_shared) {
                    ::core::option::Option::Some(__joblib_opened) => __joblib_opened,
                    ::core::option::Option::None => #task::never(),
                }
            },
        };
        RemoteBodies {
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
                (&&DecodeProbe::<#via, #output>::NEW).take(__joblib_reader)
            },
            open,
        }
    }
}

/// Returns the statements that decode the shared arguments from `__joblib_shared` and
/// create an instance that evaluates `call` for each task. `via` is the transport type of
/// the result.
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
        use #krate::__private::wire::transport::*;
        #takes_shared
        __joblib_shared.end()?;
        #ok(#krate::__private::Box::new(move |__joblib_reader, __joblib_done| {
            #takes_each
            __joblib_reader.end()?;
            let __joblib_result: #output = #call;
            let mut __joblib_writer = #wire::MessageWriter::new();
            (&&encode_probe::<#via, #output>(&__joblib_result)).put(&mut __joblib_writer)?;
            __joblib_done(&__joblib_writer);
            #ok(())
        }))
    }
}

fn put(model: &Model, argument: &Argument) -> TokenStream {
    let binding = &argument.binding;
    let (ty, via) = (argument.sent_type(), as_argument(model, argument));
    // A `&&dyn Trait` would coerce to a different trait object.
    let reference = match argument.referent() {
        Some(_) => quote!(*#binding),
        None => quote!(#binding),
    };
    quote!((&&encode_probe::<#via, #ty>(#reference)).put(__joblib_writer)?;)
}

fn take(model: &Model, argument: &Argument, reader: &TokenStream) -> TokenStream {
    let binding = &argument.binding;
    let (ty, via) = (argument.sent_type(), as_argument(model, argument));
    match argument.referent() {
        Some(_) => quote!(let #binding = (&&DecodeRefProbe::<#via, #ty>::NEW).lend(#reader)?;),
        None => quote!(let #binding: #ty = (&&DecodeProbe::<#via, #ty>::NEW).take(#reader)?;),
    }
}

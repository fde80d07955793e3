//! Renders the implementation of `Remote`: how the arguments and the result of the
//! function are encoded and decoded. Its bounds exclude types that cannot be sent, and
//! the error for them is where the user selects the backend.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
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
    let transport = quote!(#krate::__private::transport);
    let is_borrowed = model.is_borrowed();
    let arguments = model.arguments().map(|argument| {
        let (ty, shown) = (argument.sent_type(), &argument.shown);
        match (argument.is_borrowed_within(), is_borrowed) {
            (true, _) => quote!(#ty: #transport::OwnedArgument<__JoblibW, __joblib_names::#shown>,),
            (false, true) => TokenStream::new(),
            (false, false) => {
                let condition = send_argument(model, argument);
                quote!(#ty: #condition,)
            }
        }
    });
    let output = &model.output;
    let result = match (model.is_result_borrowed(), is_borrowed) {
        (true, _) => quote!(#output: #transport::OwnedResult<__JoblibW>,),
        (false, true) => TokenStream::new(),
        (false, false) => {
            let condition = send_result(model);
            quote!(#output: #condition,)
        }
    };
    quote!(#(#arguments)* #result)
}

/// Returns the items that [`conditions`] names: a type for each argument, with a constant
/// for its encoding, and that constant for the result, unless it is a parameter.
pub(crate) fn names(model: &Model, allowances: &TokenStream) -> TokenStream {
    let shown = model.arguments().map(|it| &it.shown);
    let is_selected = |it: &&Argument| !model.is_borrowed() && !is_plain(it.sent_type());
    let of_arguments = model.arguments().filter(is_selected).map(|argument| {
        let (shown, encoding) = (&argument.shown, encoding_of(model, argument.sent_type()));
        quote! {
            #allowances
            impl __joblib_names::#shown {
                const ENCODING: ::core::primitive::u8 = #encoding;
            }
        }
    });
    let of_result = (!model.is_result_inferred() && !model.is_borrowed()).then(|| {
        let encoding = match &model.output {
            output if is_plain(output) => SERDE.to_token_stream(),
            output => encoding_of(model, output),
        };
        quote! {
            #allowances
            const __JOBLIB_ENCODING: ::core::primitive::u8 = #encoding;
        }
    });
    quote! {
        #allowances
        mod __joblib_names { #(pub struct #shown {})* }
        #(#of_arguments)*
        #of_result
    }
}

/// The number of the encoding of plain types, which the runtime calls by the same name.
const SERDE: u8 = 0;

/// Returns the constant expression for the encoding of a `ty`.
fn encoding_of(model: &Model, ty: &Type) -> TokenStream {
    let krate = model.krate();
    quote!(#krate::__private::encoding_of!(#ty))
}

/// Returns the condition that `argument` can be sent.
fn send_argument(model: &Model, argument: &Argument) -> TokenStream {
    let (krate, shown) = (model.krate(), &argument.shown);
    let encoding = match is_plain(argument.sent_type()) {
        true => SERDE.to_token_stream(),
        false => quote!({ __joblib_names::#shown::ENCODING }),
    };
    quote!(#krate::__private::transport::SendArgument<__JoblibW, __joblib_names::#shown, #encoding>)
}

/// Returns the condition that the result can be sent.
fn send_result(model: &Model) -> TokenStream {
    let krate = model.krate();
    quote!(#krate::__private::transport::SendResult<__JoblibW, __JOBLIB_ENCODING>)
}

/// Returns the path of the functions that send a `ty`, which meets `condition`.
fn by(model: &Model, ty: &Type, condition: &TokenStream) -> TokenStream {
    let krate = model.krate();
    quote!(<<#ty as #condition>::By as #krate::__private::transport::Transport<#ty>>)
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
        let ok = quote!(::core::result::Result::Ok);
        let (each, shared) = (model.each_pattern(), model.shared_pattern());
        let by = by(model, &model.output, &send_result(model));
        let puts = |arguments: &[Argument]| -> TokenStream {
            arguments
                .iter()
                .map(|argument| put(model, argument))
                .collect()
        };
        let (puts_each, puts_shared) = (puts(&model.each), puts(&model.shared));
        let open = match open {
            Opener::Path(path) => instance(model, &call(model, path, ArgumentSource::Wire)),
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
                let #each = __joblib_each;
                #puts_each
                #ok(())
            },
            put_shared: quote! {
                let #shared = __joblib_shared;
                #puts_shared
                #ok(())
            },
            take: quote!(#by::take(__joblib_reader)),
            open,
        }
    }
}

/// Returns the statements that decode the shared arguments from `__joblib_shared` and
/// create an instance that evaluates `call` for each task.
pub(crate) fn instance(model: &Model, call: &TokenStream) -> TokenStream {
    let krate = model.krate();
    let wire = quote!(#krate::__private::wire);
    let ok = quote!(::core::result::Result::Ok);
    let output = &model.output;
    let by = by(model, output, &send_result(model));
    let takes = |arguments: &[Argument], reader: &TokenStream| -> TokenStream {
        let takes = arguments
            .iter()
            .map(|argument| take(model, argument, reader));
        takes.collect()
    };
    let takes_each = takes(&model.each, &quote!(__joblib_reader));
    let takes_shared = takes(&model.shared, &quote!(__joblib_shared));
    let digests = quote!(#krate::__private::key::shared_digest);
    let borrowed: Vec<_> = (model.shared.iter())
        .filter_map(|argument| {
            let (binding, referent) = (&argument.binding, argument.referent()?);
            Some(quote! {
                #digests::Borrowed::of(
                    #krate::__private::transport::AsBorrowed::<#referent>::borrowed(&#binding)
                )
            })
        })
        .collect();
    let call = match borrowed.is_empty() {
        true => call.clone(),
        // Created by the first task, because the holders of the values move before.
        false => quote! {
            __joblib_digests
                .get_or_init(|| #digests::SharedDigests::new(
                    #digests::all([#(#borrowed),*])
                ))
                .scope(|| #call)
        },
    };
    let known = (!borrowed.is_empty()).then(|| {
        quote! {
            let __joblib_digests = ::std::sync::OnceLock::<#digests::SharedDigests>::new();
        }
    });
    quote! {
        #takes_shared
        #wire::MessageReader::end(__joblib_shared)?;
        #known
        #ok(#krate::__private::Box::new(move |__joblib_reader, __joblib_done| {
            #takes_each
            #wire::MessageReader::end(__joblib_reader)?;
            let __joblib_result: #output = #call;
            let mut __joblib_writer = #wire::MessageWriter::new();
            #by::put(&__joblib_result, &mut __joblib_writer)?;
            __joblib_done(&__joblib_writer);
            #ok(())
        }))
    }
}

fn put(model: &Model, argument: &Argument) -> TokenStream {
    let binding = &argument.binding;
    let by = by(model, argument.sent_type(), &send_argument(model, argument));
    // A reference to a reference to a `dyn Trait` would coerce to a different trait object.
    let reference = match argument.referent() {
        Some(_) => quote!(*#binding),
        None => quote!(#binding),
    };
    quote!(#by::put(#reference, __joblib_writer)?;)
}

fn take(model: &Model, argument: &Argument, reader: &TokenStream) -> TokenStream {
    let binding = &argument.binding;
    let ty = argument.sent_type();
    let by = by(model, ty, &send_argument(model, argument));
    match argument.referent() {
        Some(_) => quote!(let #binding = #by::lend(#reader)?;),
        None => quote!(let #binding: #ty = #by::take(#reader)?;),
    }
}

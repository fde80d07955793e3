//! Renders the registration of the function, by which other processes find it: its
//! name, fingerprint and schema, once for each instance of a generic function.

use proc_macro2::{Literal, TokenStream};
use quote::{ToTokens, quote};
use syn::{GenericParam, Type};
use xxhash_rust::xxh3::xxh3_64;

use super::assoc_types::AssocTypes;
use super::dynamic_transport;
use super::remote::{Opener, names, remote};
use crate::elision::replace_lifetimes;
use crate::lints::{allowances, submission};
use crate::parallel::args::{GenericInstance, InstanceArgument};
use crate::parallel::model::Model;
use crate::source::Reach;

/// Returns the registrations of a function, each in a block. Those of a method of
/// `self_type` are for use inside its `par`. `marker` is the type that lookups use.
pub(super) fn registrations(
    model: &Model,
    reach: &Reach,
    self_type: Option<&Type>,
    marker: &TokenStream,
) -> Vec<TokenStream> {
    let model = &self_type.map_or_else(|| model.clone(), |ty| model.with_self(ty));
    let (id, given) = (method_id(model), given(model));
    let assoc_types = match self_type {
        None => AssocTypes::new(model, marker, &quote!(0, ())),
        Some(ty) => AssocTypes::new(model, &quote!(#ty), &quote!(#id, #given)),
    };
    let block = |model: &Model, instance| block(model, reach, self_type, marker, instance);
    match &*model.instances {
        _ if !model.is_generic() && !model.is_generic_method() => vec![block(model, None)],
        [] => Vec::new(),
        instances => {
            let instances = instances.iter();
            let blocks = instances.map(|it| block(&assoc_types.model(model, it), Some(it)));
            assoc_types.impls(model).into_iter().chain(blocks).collect()
        }
    }
}

/// Returns the registration of a function or of an instance of it.
fn block(
    model: &Model,
    reach: &Reach,
    self_type: Option<&Type>,
    marker: &TokenStream,
    instance: Option<&GenericInstance>,
) -> TokenStream {
    let (krate, name, plain) = (model.krate(), model.name(), model.plain_name());
    let aliases = instance.map(|instance| aliases(model, instance));
    let suffix = instance.map(|instance| format!("::<{}>", instance.text()));
    let turbofish = instance.and_then(|instance| turbofish(model, instance));
    let (tail, path, declared, own_marker) = match self_type {
        None => (
            format!("::{plain}"),
            quote!(#name #turbofish),
            None,
            marker.clone(),
        ),
        Some(ty) => {
            let (id, given) = (method_id(model), given(model));
            let declared = quote! {
                pub struct __JoblibMarker {}

                impl #krate::__private::task::MethodTask<#id, #given> for #ty {
                    type Marker = __JoblibMarker;
                }
            };
            (
                format!("::<{}>::{plain}", ty.to_token_stream()),
                quote!(<#ty>::#name #turbofish),
                Some(declared),
                quote!(__JoblibMarker),
            )
        }
    };
    let identity = identity(model, &tail, &suffix.unwrap_or_default());
    let items = items(model, reach, &own_marker, &path, &identity);
    let looked_up = self_type.map(|ty| method_marker(model, ty));
    let looked_up = looked_up.as_ref().unwrap_or(marker);
    let listed = instance.map(|_| dynamic_transport::listed(model, &own_marker, looked_up));
    quote!(const _: () = { #aliases #declared #items #listed };)
}

/// Returns the type by which a method of `self_type` is looked up.
pub(super) fn method_marker(model: &Model, self_type: &impl ToTokens) -> TokenStream {
    let krate = model.krate();
    let task = quote!(#krate::__private::task);
    let (id, given) = (method_id(model), given(model));
    match model.is_generic_method() {
        true => quote!(#task::MethodOf<#self_type, #given, #id>),
        false => quote!(<#self_type as #task::MethodTask<#id>>::Marker),
    }
}

/// Returns a type that encodes the generic arguments of a method.
fn given(model: &Model) -> TokenStream {
    let krate = model.krate();
    let given = quote!(#krate::__private::task::given);
    let own = model.own_parameters().map(|param| match param {
        GenericParam::Type(param) => {
            let name = &param.ident;
            quote!(#given::TypeOf<#name>,)
        }
        GenericParam::Const(param) => {
            let (name, ty) = (&param.ident, &param.ty);
            quote!(#given::#ty<#name>,)
        }
        GenericParam::Lifetime(_) => TokenStream::new(),
    });
    quote!((#(#own)*))
}

/// Returns a number that identifies a method among those of its type.
fn method_id(model: &Model) -> Literal {
    Literal::u64_suffixed(xxh3_64(model.plain_name().as_bytes()))
}

fn items(
    model: &Model,
    reach: &Reach,
    marker: &TokenStream,
    path: &TokenStream,
    identity: &TokenStream,
) -> TokenStream {
    let names = names(model, &TokenStream::new());
    let remote = remote(model, marker, &Opener::Path(path));
    if model.is_borrowed() {
        return quote!(#names #remote);
    }
    let registration = registration(model, reach, identity, &probe(model, marker));
    quote!(#names #registration #remote)
}

/// Returns the expression that opens an instance if the types can be sent between
/// processes.
fn probe(model: &Model, marker: &TokenStream) -> TokenStream {
    let krate = model.krate();
    let task = quote!(#krate::__private::task);
    let mut lasting = model.clone();
    let arguments = lasting.each.iter_mut().chain(&mut lasting.shared);
    arguments.for_each(|argument| replace_lifetimes(&mut argument.ty, "'static"));
    let (each, shared, output) = (lasting.each_type(), lasting.shared_type(), &model.output);
    quote! {{
        use #task::{SelectLocal as _, SelectRemote as _};
        (&&#task::RemoteProbe::<#marker, #each, #shared, #output>::NEW)
            .__joblib_open(__joblib_shared)
    }}
}

/// Returns the constant `__JOBLIB_REGISTRATION` and its submission to the registry.
/// `open` reads the shared arguments from `__joblib_shared`.
pub(crate) fn registration(
    model: &Model,
    reach: &Reach,
    identity: &TokenStream,
    open: &TokenStream,
) -> TokenStream {
    let krate = model.krate();
    let task = quote!(#krate::__private::task);
    let bits = Literal::u128_suffixed(reach.digest);
    let conditions = &reach.unknown_cfgs;
    let schema = schema(model);
    let tracked = reach.tracked();
    let allowances = allowances();
    let submission = submission(krate, &quote!(__JOBLIB_REGISTRATION));
    quote! {
        #tracked

        #allowances
        struct __JoblibIdentity {}

        #[allow(dead_code)]
        const __JOBLIB_REGISTRATION: #task::Registration = #task::Registration {
            name: #identity,
            identity: ::core::any::TypeId::of::<__JoblibIdentity>,
            fingerprint: #krate::__private::Fingerprint::new(#bits)
                #(.with_cfg(::core::cfg!(#conditions)))*
                .bits(),
            schema: #schema,
            open: |__joblib_shared| #open,
        };

        #submission
    }
}

/// Returns the name in the registry: that of the user, or the path of the function with
/// its line and column. The path alone is not unique, because functions of one name can
/// be inside different functions of a module.
pub(crate) fn identity(model: &Model, tail: &str, suffix: &str) -> TokenStream {
    match model.args.name.get() {
        Some(name) => {
            let name = format!("{name}{suffix}");
            quote!(#name)
        }
        None => {
            let tail = format!("{tail}{suffix} at ");
            quote! {
                ::core::concat!(
                    ::core::module_path!(), #tail, ::core::line!(), ":", ::core::column!()
                )
            }
        }
    }
}

/// Returns the arguments of an instance for the parameters of the function itself, with
/// the user's spans, so that errors point to them.
fn turbofish(model: &Model, instance: &GenericInstance) -> Option<TokenStream> {
    let own = &instance.parameters[model.outer.len()..];
    let arguments = own.iter().map(|argument| match argument {
        InstanceArgument::Type(ty) => quote!(#ty),
        InstanceArgument::Value(value) => quote!({ #value }),
    });
    (!own.is_empty()).then(|| quote!(::<#(#arguments),*>))
}

/// Returns an alias or a constant for each generic parameter, with the argument of the
/// instance as its value.
fn aliases(model: &Model, instance: &GenericInstance) -> TokenStream {
    let pairs = model.listed_parameters().zip(&instance.parameters);
    let aliases = pairs.map(|(param, given)| match (param, given) {
        (GenericParam::Type(param), InstanceArgument::Type(ty)) => {
            let name = &param.ident;
            quote!(type #name = #ty;)
        }
        (GenericParam::Const(param), given) => {
            let (name, ty) = (&param.ident, &param.ty);
            quote!(const #name: #ty = #given;)
        }
        _ => TokenStream::new(),
    });
    aliases.collect()
}

/// Returns the signature as text, and the names of the shared arguments.
fn schema(model: &Model) -> String {
    let sig = &model.function.sig;
    let (inputs, output) = (&sig.inputs, &sig.output);
    let shared = model.shared.iter().map(|argument| &argument.label);
    quote!(fn(#inputs) #output, shared(#(#shared),*)).to_string()
}

//! Renders the registration of the function, by which other processes find it: its
//! name, fingerprint and schema, once for each instance of a generic function.

use proc_macro2::{Literal, TokenStream};
use quote::{ToTokens, quote};
use syn::visit_mut::VisitMut;
use syn::{GenericParam, Lifetime, Type};
use xxhash_rust::xxh3::xxh3_64;

use super::allowances;
use super::assoc_types::AssocTypes;
use super::dynamic_transport;
use super::remote::{Opener, names, remote};
use crate::parallel::args::{GenericInstance, InstanceArgument};
use crate::parallel::model::Model;
use crate::source::Reach;

/// Returns the registrations of a free function, each in a separate block.
pub(super) fn blocks(model: &Model, reach: &Reach, marker: &TokenStream) -> Vec<TokenStream> {
    let name = model.name();
    let projected = AssocTypes::new(model, marker, &quote!(0, ()));
    let block = |instance: Option<&GenericInstance>| {
        let aliases = instance.map(|instance| aliases(model, instance));
        let suffix = instance.map(suffix).unwrap_or_default();
        let identity = identity(model, &format!("::{}", model.plain_name()), &suffix);
        let turbofish = instance.map(|instance| turbofish(&instance.parameters));
        let path = quote!(#name #turbofish);
        let model = &match instance {
            Some(instance) => projected.model(model, instance),
            None => model.clone(),
        };
        let items = items(model, reach, marker, &path, &identity);
        let listed = instance.map(|_| dynamic_transport::listed(model, marker, marker));
        quote!(const _: () = { #aliases #items #listed };)
    };
    match model.is_generic() {
        false => vec![block(None)],
        true if model.instances.is_empty() => Vec::new(),
        true => {
            let impls = projected.impls(model);
            let instances = model.instances.iter().map(|it| block(Some(it)));
            impls.into_iter().chain(instances).collect()
        }
    }
}

/// Returns the registrations of a method of `self_type`, for use inside its `par`.
pub(super) fn method(model: &Model, reach: &Reach, self_type: &Type) -> TokenStream {
    let model = &model.with_self(self_type);
    if !model.is_generic_method() {
        return one_method(model, reach, self_type, None);
    }
    let (id, given) = (method_id(model), given(model));
    let projected = AssocTypes::new(model, &quote!(#self_type), &quote!(#id, #given));
    let impls = projected.impls(model);
    let instances = model.instances.iter().map(|instance| {
        let model = projected.model(model, instance);
        one_method(&model, reach, self_type, Some(instance))
    });
    quote!(#(#impls)* #(#instances)*)
}

fn one_method(
    model: &Model,
    reach: &Reach,
    self_type: &Type,
    instance: Option<&GenericInstance>,
) -> TokenStream {
    let krate = model.krate();
    let name = model.name();
    let id = method_id(model);
    let text = self_type.to_token_stream().to_string();
    let suffix = instance.map(suffix).unwrap_or_default();
    let identity = identity(
        model,
        &format!("::<{text}>::{}", model.plain_name()),
        &suffix,
    );
    let marker = quote!(__JoblibMarker);
    let (aliases, turbofish) = match instance {
        Some(instance) => (
            Some(aliases(model, instance)),
            own_turbofish(model, instance),
        ),
        None => (None, None),
    };
    let path = quote!(<#self_type>::#name #turbofish);
    let items = items(model, reach, &marker, &path, &identity);
    let given = given(model);
    let listed = instance
        .map(|_| dynamic_transport::listed(model, &marker, &method_marker(model, self_type)));
    quote! {
        const _: () = {
            #aliases

            pub struct __JoblibMarker {}

            impl #krate::__private::task::MethodTask<#id, #given> for #self_type {
                type Marker = __JoblibMarker;
            }

            #items
            #listed
        };
    }
}

/// Returns the marker type of a generic method of `self_type`.
pub(super) fn method_marker(model: &Model, self_type: &impl ToTokens) -> TokenStream {
    let krate = model.krate();
    let (id, given) = (method_id(model), given(model));
    quote!(#krate::__private::task::MethodOf<#self_type, #given, #id>)
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
pub(super) fn method_id(model: &Model) -> Literal {
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
    let each = with_static(&model.each_type());
    let shared = with_static(&model.shared_type());
    let output = &model.output;
    quote! {{
        use #task::{SelectLocal as _, SelectRemote as _};
        (&&#task::RemoteProbe::<#marker, #each, #shared, #output>::NEW).open(__joblib_shared)
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
    quote! {
        #tracked

        #allowances
        struct __JoblibIdentity {}

        const __JOBLIB_REGISTRATION: #task::Registration = #task::Registration {
            name: #identity,
            identity: ::core::any::TypeId::of::<__JoblibIdentity>,
            fingerprint: #krate::__private::Fingerprint::new(#bits)
                #(.with_cfg(::core::cfg!(#conditions)))*
                .bits(),
            schema: #schema,
            open: |__joblib_shared| #open,
        };

        #krate::__private::inventory::submit! { __JOBLIB_REGISTRATION }
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

/// Returns the generic arguments of an instance with the user's spans, so that errors
/// point to them.
fn turbofish(parameters: &[InstanceArgument]) -> TokenStream {
    let parameters = parameters.iter().map(|parameter| match parameter {
        InstanceArgument::Type(ty) => quote!(#ty),
        InstanceArgument::Value(value) => quote!({ #value }),
    });
    quote!(::<#(#parameters),*>)
}

/// Like [`turbofish`], with only the arguments for the method's own parameters.
fn own_turbofish(model: &Model, instance: &GenericInstance) -> Option<TokenStream> {
    let own = &instance.parameters[model.outer.len()..];
    (!own.is_empty()).then(|| turbofish(own))
}

fn suffix(instance: &GenericInstance) -> String {
    let parameters = instance.parameters.iter().map(|parameter| match parameter {
        InstanceArgument::Type(ty) => ty.to_token_stream().to_string(),
        InstanceArgument::Value(value) => value.to_token_stream().to_string(),
    });
    format!("::<{}>", parameters.collect::<Vec<_>>().join(", "))
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
            match given {
                InstanceArgument::Type(value) => quote!(const #name: #ty = #value;),
                InstanceArgument::Value(value) => quote!(const #name: #ty = #value;),
            }
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

/// Returns the type with `'static` in place of every lifetime.
fn with_static(ty: &TokenStream) -> TokenStream {
    match syn::parse2::<Type>(ty.clone()) {
        Ok(mut ty) => {
            Forever.visit_type_mut(&mut ty);
            quote!(#ty)
        }
        Err(_) => ty.clone(),
    }
}

struct Forever;

impl VisitMut for Forever {
    fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
        *lifetime = Lifetime::new("'static", lifetime.apostrophe);
    }

    fn visit_type_fn_ptr_mut(&mut self, _: &mut syn::TypeFnPtr) {}
}

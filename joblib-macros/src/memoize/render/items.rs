//! Renders a memoized function with its companion: a struct of the same name for a
//! free function, a handle for a method, nothing for a function of a trait.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::{Attribute, Signature, Visibility};

use super::call::{answer, check, stored};
use super::signature::{self, NamedTypes, SignatureParts};
use super::{key, site};
use crate::memoize::model::{KeyedArgument, Model};
use crate::source::Reach;

/// Returns the lints that generated items allow, because the user's lint levels are
/// meant for the user's code.
pub(super) fn allowances() -> TokenStream {
    quote!(#[allow(non_camel_case_types, dead_code, missing_docs, private_interfaces, clippy::all, clippy::pedantic)])
}

/// Returns the `cfg` attributes of the function, which all generated items need.
pub(super) fn conditions(model: &Model) -> TokenStream {
    let attrs = model
        .attrs
        .iter()
        .filter(|attr| attr.path().is_ident("cfg"));
    quote!(#(#attrs)*)
}

/// Returns the lint attributes of the function, for the generated function that has
/// its body.
fn body_attrs(model: &Model) -> Vec<&Attribute> {
    const LEVELS: [&str; 4] = ["allow", "warn", "deny", "forbid"];
    let levels = |attr: &&Attribute| LEVELS.iter().any(|level| attr.path().is_ident(level));
    model.attrs.iter().filter(levels).collect()
}

/// Returns the function with the user's body, as `name` with the visibility `vis`.
pub(super) fn uncached(model: &Model, vis: Option<&Visibility>, name: &Ident) -> TokenStream {
    let sig = Signature {
        ident: name.clone(),
        ..model.sig.clone()
    };
    let (attrs, body) = (body_attrs(model), &model.body);
    quote!(#(#attrs)* #vis #sig #body)
}

/// Returns the documentation of the companion type of a free function.
pub(super) fn doc(model: &Model) -> String {
    let name = model.name();
    format!("Checks, refreshes and forgets stored results of [`{name}`](fn@{name}).")
}

/// Returns a free function, and the companion struct with the other functions.
pub(super) fn free(model: &Model, parts: &SignatureParts, reach: &Reach) -> TokenStream {
    let krate = model.krate();
    let Model { attrs, vis, .. } = model;
    let SignatureParts {
        turbofish,
        generics,
        where_clause,
        declared,
        named,
        borrowed,
        references,
        output,
        ..
    } = parts;
    let name = &model.companion;
    let wrapper = signature::wrapper(model);
    let asyncness = &model.sig.asyncness;
    let conditions = conditions(model);
    let allowances = allowances();
    let doc = doc(model);
    let uncached = uncached(model, Some(vis), &format_ident!("uncached"));
    let digest = key::digest(model, parts, &TokenStream::new());
    let fingerprint = site::fingerprint(model, reach);
    let version = model.args.version.get();
    let version = version.map(|number| quote!(.with_version(#number)));
    let tracked = site::tracked(model, reach);
    let warnings = site::warnings(reach);
    let site = site::site(model, reach, &quote!(#name::FINGERPRINT), name);
    let stored = stored(model, parts);
    let body = quote!(#name::uncached #turbofish(#named));
    let the_site = quote!(#name::__joblib_site());
    let call = answer(model, &format_ident!("call"), &the_site, &stored, &body);
    let recompute = answer(
        model,
        &format_ident!("recompute"),
        &the_site,
        &stored,
        &body,
    );
    let shelve = answer(model, &format_ident!("shelve"), &the_site, &stored, &body);
    let check = check(model, &the_site, &stored, output);
    let key = quote!(let __joblib_key = #name::__joblib_key #turbofish(#references););
    quote! {
        #(#attrs)*
        #vis #wrapper {
            #warnings
            #key
            #call
        }

        #conditions
        #[doc = #doc]
        #allowances
        #vis struct #name {}

        #conditions
        #allowances
        impl #name {
            #vis const FINGERPRINT: #krate::__private::Fingerprint = #fingerprint;

            #[doc(hidden)]
            #vis const fn __joblib_fingerprint() -> #krate::__private::Fingerprint {
                Self::FINGERPRINT #version
            }

            #[inline]
            #uncached

            #[doc(hidden)]
            #[inline]
            fn __joblib_site() -> &'static #krate::__private::MemoFunction {
                #tracked
                static SITE: #krate::__private::MemoFunction = #site;
                &SITE
            }

            #[doc(hidden)]
            #[inline]
            fn __joblib_key #generics(#borrowed) -> #krate::__private::ArgsDigest #where_clause {
                #digest
            }

            #[inline]
            #vis fn key #generics(#declared) -> #krate::__private::EntryKey #where_clause {
                #key
                #the_site.key(__joblib_key)
            }

            #[inline]
            #vis fn check #generics(#declared) -> bool #where_clause {
                #key
                #check
            }

            #[inline]
            #vis fn forget #generics(#declared) -> bool #where_clause {
                #key
                #the_site.forget(__joblib_key)
            }

            #[inline]
            #vis #asyncness fn recompute #generics(#declared) -> #output #where_clause {
                #key
                #recompute
            }

            #[inline]
            #vis #asyncness fn shelve #generics(#declared) -> #krate::__private::Shelved<#output> #where_clause {
                #key
                #shelve
            }

            #[inline]
            #vis fn clear() {
                #the_site.clear()
            }

            #[inline]
            #vis fn stats() -> #krate::__private::Stats {
                #the_site.stats()
            }

            #[inline]
            #vis fn reaches() -> #krate::__private::Vec<#krate::__private::SourceItem> {
                #the_site.reaches()
            }
        }
    }
}

/// Returns a function of an inherent `impl`, and the handle with the other functions.
pub(super) fn inherent(model: &Model, parts: &SignatureParts, reach: &Reach) -> TokenStream {
    let krate = model.krate();
    let Model { attrs, vis, .. } = model;
    let SignatureParts {
        turbofish,
        generics,
        where_clause,
        named,
        borrowed,
        references,
        ..
    } = parts;
    let name = model.name();
    let [site_name, key_name, uncached_name, memo_name] = [
        "__joblib_site_{}",
        "__joblib_key_{}",
        "__joblib_uncached_{}",
        "{}_memo",
    ]
    .map(|form| {
        format_ident!(
            "{}",
            form.replace("{}", name.to_string().trim_start_matches("r#")),
            span = name.span()
        )
    });
    let wrapper = signature::wrapper(model);
    let (conditions, allowances) = (conditions(model), allowances());
    let uncached = uncached(model, None, &uncached_name);
    let digest = key::digest(model, parts, &quote!(self));
    let fingerprint = site::fingerprint(model, reach);
    let tracked = site::tracked(model, reach);
    let warnings = site::warnings(reach);
    let (marker, declared) = site::marker(model);
    let site = site::site(model, reach, &fingerprint, &marker);
    let stored = stored(model, parts);
    let passed = model.receiver.as_ref().map(|_| quote!(self,));
    let body = quote!(Self::#uncached_name #turbofish(#passed #named));
    let the_site = quote!(Self::#site_name());
    let call = answer(model, &format_ident!("call"), &the_site, &stored, &body);
    let this = model.receiver.as_ref().map(|_| quote!(&self,));
    let receiver_reference = signature::receiver_reference(model).map(|this| quote!(#this,));
    let handle = handle(
        model,
        &[&site_name, &key_name, &uncached_name],
        &memo_name,
        &stored,
        parts,
    );
    quote! {
        #(#attrs)*
        #vis #wrapper {
            #warnings
            let __joblib_key = Self::#key_name #turbofish(#receiver_reference #references);
            #call
        }

        #conditions
        #[doc(hidden)]
        #allowances
        #[inline]
        #uncached

        #conditions
        #[doc(hidden)]
        #allowances
        #[inline]
        fn #site_name() -> &'static #krate::__private::MemoFunction {
            #tracked
            #declared
            static SITE: #krate::__private::MemoFunction = #site;
            &SITE
        }

        #conditions
        #[doc(hidden)]
        #allowances
        #[inline]
        fn #key_name #generics(#this #borrowed) -> #krate::__private::ArgsDigest #where_clause {
            #digest
        }

        #conditions
        #allowances
        #handle
    }
}

fn handle(
    model: &Model,
    names: &[&Ident; 3],
    memo_name: &Ident,
    stored: &TokenStream,
    parts: &SignatureParts,
) -> TokenStream {
    let krate = model.krate();
    let (vis, turbofish) = (&model.vis, &parts.turbofish);
    let [site_name, key_name, uncached_name] = names;
    let NamedTypes {
        generics,
        types,
        output,
    } = NamedTypes::new(model);
    let (impl_generics, _, where_clause) = generics.split_for_impl();
    let bound: Vec<Ident> = (0..types.len())
        .map(|index| format_ident!("__joblib_a{index}"))
        .collect();
    let doc = format!(
        "Checks, refreshes and forgets stored results of [`Self::{}`].",
        model.name()
    );
    let the_site = quote!(Self::#site_name());
    let key = quote!(|(#(#bound,)*)| Self::#key_name #turbofish(#(#bound),*));
    let body = quote!(Self::#uncached_name #turbofish(#(#bound),*));
    let check = check(model, &the_site, stored, &output);
    let shelved = quote!(#krate::__private::Shelved<#output>);
    // `impl Future` is `Send` if the future of the body is. A boxed future would
    // have to declare it.
    let returned = |ty: TokenStream| match model.is_async() {
        true => quote!(impl ::core::future::Future<Output = #ty>),
        false => ty,
    };
    let (computed, shelf) = (returned(quote!(#output)), returned(shelved));
    let [recompute, shelve] = ["recompute", "shelve"].map(|how| match model.is_async() {
        true => format_ident!("{how}_async"),
        false => format_ident!("{how}"),
    });
    quote! {
        #[doc = #doc]
        #vis fn #memo_name #impl_generics() -> #krate::__private::MemoMethod<(#(#types,)*), #computed, #computed, #shelf> #where_clause {
            #krate::__private::MemoMethod::new(
                #the_site,
                #key,
                |__joblib_key| #check,
                |(#(#bound,)*)| #body,
                |__joblib_key, (#(#bound,)*)| #krate::__private::#recompute(#the_site, #stored, __joblib_key, move || #body),
                |__joblib_key, (#(#bound,)*)| #krate::__private::#shelve(#the_site, #stored, __joblib_key, move || #body),
            )
        }
    }
}

/// Returns a function of a trait, with all generated items inside its body.
pub(super) fn alone(model: &Model, parts: &SignatureParts, reach: &Reach) -> TokenStream {
    let krate = model.krate();
    let Model {
        attrs, vis, body, ..
    } = model;
    let output = &parts.output;
    let wrapper = signature::wrapper(model);
    let receiver = signature::receiver_reference(model).unwrap_or_default();
    let digest = key::digest(model, parts, &receiver);
    let fingerprint = site::fingerprint(model, reach);
    let tracked = site::tracked(model, reach);
    let warnings = site::warnings(reach);
    let (marker, declared) = site::marker(model);
    let site = site::site(model, reach, &fingerprint, &marker);
    let stored = stored(model, parts);
    let bindings: Vec<&Ident> = model
        .arguments
        .iter()
        .map(|KeyedArgument { argument, .. }| &argument.binding)
        .collect();
    let patterns = model
        .arguments
        .iter()
        .map(|KeyedArgument { argument, .. }| &argument.pat);
    // A closure, so that `return` and `?` in the body leave only the closure.
    let value = match model.is_async() {
        true => quote!((async move || -> #output #body)().await),
        false => quote!((move || #body)()),
    };
    let asyncness = model.is_async().then(|| quote!(async move));
    let closure = quote! {
        #asyncness { #(#[allow(unused_mut)] let #patterns = #bindings;)* let __joblib_value: #output = #value; __joblib_value }
    };
    let call = answer(
        model,
        &format_ident!("call"),
        &quote!(&SITE),
        &stored,
        &closure,
    );
    quote! {
        #(#attrs)*
        #vis #wrapper {
            #warnings
            #tracked
            #declared
            static SITE: #krate::__private::MemoFunction = #site;
            let __joblib_key = {
                #(let #bindings = &#bindings;)*
                #digest
            };
            #call
        }
    }
}

//! Renders functions that the runtime's `Companion` cannot describe, because they are
//! generic, `async` or methods. The companion is a struct of the same name for a free
//! function, and a handle for a method.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};

use super::signature::{NamedTypes, SignatureParts, doc, receiver_reference, uncached, wrapper};
use super::{Parts, codec, key, site};
use crate::memoize::model::{FnContext, Model};
use crate::source::Reach;
use crate::type_name::{HelperNames, with_ending};

/// Returns the parts of the function. The wrapper and the companion call the body, the
/// key and the `static` as functions of one type.
pub(super) fn parts(model: &Model, reach: &Reach) -> Parts {
    let this = Generator::new(model, reach);
    let receiver = model.receiver.as_ref().map(|_| quote!(self,));
    let reference = receiver_reference(model).map(|reference| quote!(#reference,));
    let SignatureParts {
        named, references, ..
    } = &this.signature;
    let key = this.key(&quote!(#reference #references));
    let opened = this.opened(&quote!(#reference #references));
    let body = this.body(&quote!(#receiver #named));
    Parts {
        wrapper: wrapper(model),
        warnings: site::warnings(model, reach),
        call: codec::answer(model, "call", &opened, &this.codec, &body),
        companion: match model.context {
            FnContext::Free => this.structure(&opened, &key, &body),
            _ => this.handle(),
        },
        key: quote!(let __joblib_key = #key;),
    }
}

/// Renders the companion.
struct Generator<'a> {
    model: &'a Model,
    reach: &'a Reach,
    signature: SignatureParts,
    codec: TokenStream,
    /// The type that has the functions, as code inside and next to the wrapper names it.
    owner: Ident,
    names: HelperNames,
}

impl<'a> Generator<'a> {
    fn new(model: &'a Model, reach: &'a Reach) -> Generator<'a> {
        let (owner, names) = match model.context {
            FnContext::Free => (model.companion.clone(), HelperNames::of_struct()),
            _ => (
                Ident::new("Self", Span::call_site()),
                HelperNames::of_method(model.name()),
            ),
        };
        Generator {
            model,
            reach,
            signature: SignatureParts::new(model),
            codec: codec::stored(model),
            owner,
            names,
        }
    }

    /// Returns the expression of the `static`.
    fn site(&self) -> TokenStream {
        let (owner, site) = (&self.owner, &self.names.site);
        quote!(#owner::#site())
    }

    /// Returns the function as a call with references to `arguments` uses it.
    fn opened(&self, arguments: &TokenStream) -> TokenStream {
        if !self.model.is_opened_by_helper() {
            let krate = self.model.krate();
            let site = self.site();
            return quote!(#krate::__private::OpenedFunction::of(#site));
        }
        let (owner, open, turbofish) = (&self.owner, &self.names.open, &self.signature.turbofish);
        quote!(#owner::#open #turbofish(#arguments))
    }

    /// Returns the key of a call with references to `arguments`.
    fn key(&self, arguments: &TokenStream) -> TokenStream {
        let (owner, key, turbofish) = (&self.owner, &self.names.key, &self.signature.turbofish);
        quote!(#owner::#key #turbofish(#arguments))
    }

    /// Returns the call of the body with `arguments`.
    fn body(&self, arguments: &TokenStream) -> TokenStream {
        let (owner, name) = (&self.owner, &self.names.uncached);
        let turbofish = &self.signature.turbofish;
        quote!(#owner::#name #turbofish(#arguments))
    }

    /// Returns the functions that return the `static`, the function as a call uses it, and
    /// the key.
    fn helpers(&self, attributes: &TokenStream, fingerprint: &TokenStream) -> TokenStream {
        let krate = self.model.krate();
        let SignatureParts {
            generics,
            where_clause,
            borrowed,
            ..
        } = &self.signature;
        let HelperNames {
            site, open, key, ..
        } = &self.names;
        let this = self.model.receiver.as_ref().map(|_| quote!(&self,));
        let site_items = site::items(self.model, self.reach, fingerprint);
        let digest = key::digest(self.model, &self.signature, &quote!(self));
        let open = self.model.is_opened_by_helper().then(|| {
            let opened = site::opened(self.model, &self.site());
            quote! {
                #attributes
                #[allow(unused_variables)]
                fn #open #generics(#this #borrowed) -> #krate::__private::OpenedFunction #where_clause {
                    #opened
                }
            }
        });
        quote! {
            #attributes
            fn #site() -> &'static #krate::__private::MemoFunction {
                #site_items
                &__JOBLIB_SITE
            }

            #open

            #attributes
            fn #key #generics(#this #borrowed) -> #krate::__private::ArgsDigest #where_clause {
                #digest
            }
        }
    }

    /// Returns the struct with the name of a free function, whose `key` and `body` are
    /// those of a call with arguments of the declared names.
    fn structure(
        &self,
        opened: &TokenStream,
        key: &TokenStream,
        body: &TokenStream,
    ) -> TokenStream {
        let model = self.model;
        let krate = model.krate();
        let (vis, name, asyncness) = (&model.vis, &model.companion, &model.sig.asyncness);
        let (conditions, allowances, doc) = (model.conditions(), allowances(), doc(model));
        let SignatureParts {
            generics,
            where_clause,
            declared,
            output,
            ..
        } = &self.signature;
        let fingerprint = site::fingerprint(model, self.reach);
        let version = model.args.version.get();
        let version = version.map(|number| quote!(.with_version(#number)));
        let uncached = uncached(model, Some(vis), &self.names.uncached);
        let helpers = self.helpers(
            &quote!(#[doc(hidden)] #[inline]),
            &quote!(#name::FINGERPRINT),
        );
        let site = self.site();
        let answer = |how: &str| codec::answer(model, how, opened, &self.codec, body);
        let of_call = |asyncness, name: &str, ty, value| {
            let name = format_ident!("{name}");
            quote! {
                #[inline]
                #vis #asyncness fn #name #generics(#declared) -> #ty #where_clause {
                    let __joblib_key = #key;
                    #value
                }
            }
        };
        let check = codec::check(model, opened, &self.codec, output);
        let shelved = quote!(#krate::__private::Shelved<#output>);
        let of_calls = [
            of_call(
                &None,
                "key",
                quote!(#krate::__private::EntryKey),
                quote!(#opened.key(__joblib_key)),
            ),
            of_call(&None, "check", quote!(::core::primitive::bool), check),
            of_call(
                &None,
                "forget",
                quote!(::core::primitive::bool),
                quote!(#opened.forget(__joblib_key)),
            ),
            of_call(asyncness, "recompute", output.clone(), answer("recompute")),
            of_call(asyncness, "shelve", shelved, answer("shelve")),
        ];
        quote! {
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

                #helpers

                #(#of_calls)*

                #[inline]
                #vis fn clear() {
                    #site.clear()
                }

                #[inline]
                #vis fn stats() -> #krate::__private::Stats {
                    #site.stats()
                }

                #[inline]
                #vis fn reaches() -> #krate::__private::Vec<#krate::__private::SourceItem> {
                    #site.reaches()
                }
            }
        }
    }

    /// Returns the function that returns the handle of a method, and the functions that
    /// it calls.
    fn handle(&self) -> TokenStream {
        let model = self.model;
        let krate = model.krate();
        let (vis, name) = (&model.vis, with_ending(model.name(), "memo"));
        let attributes = {
            let (conditions, allowances) = (model.conditions(), allowances());
            quote!(#conditions #allowances)
        };
        let hidden = quote!(#attributes #[doc(hidden)] #[inline]);
        let uncached = uncached(model, None, &self.names.uncached);
        let helpers = self.helpers(&hidden, &site::fingerprint(model, self.reach));
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
        let site = self.site();
        let arguments = quote!(#(#bound),*);
        let (opened, key) = (self.opened(&arguments), self.key(&arguments));
        let body = self.body(&arguments);
        let given = quote!(__joblib_function);
        let check = codec::check(model, &given, &self.codec, &output);
        // `impl Future` is `Send` if the future of the body is. A boxed future would
        // have to declare it.
        let returned = |ty: TokenStream| match model.is_async() {
            true => quote!(impl ::core::future::Future<Output = #ty>),
            false => ty,
        };
        let computed = returned(quote!(#output));
        let shelf = returned(quote!(#krate::__private::Shelved<#output>));
        let [recompute, shelve] = ["recompute", "shelve"]
            .map(|how| codec::future(model, how, &given, &self.codec, &body));
        quote! {
            #hidden
            #uncached

            #helpers

            #attributes
            #[doc = #doc]
            #vis fn #name #impl_generics() -> #krate::__private::MemoMethod<(#(#types,)*), #computed, #computed, #shelf> #where_clause {
                #krate::__private::MemoMethod::new(
                    #site,
                    |(#(#bound,)*)| #key,
                    |(#(#bound,)*)| #opened,
                    |__joblib_function, __joblib_key| #check,
                    |(#(#bound,)*)| #body,
                    |__joblib_function, __joblib_key, (#(#bound,)*)| #recompute,
                    |__joblib_function, __joblib_key, (#(#bound,)*)| #shelve,
                )
            }
        }
    }
}

/// Returns the lints that generated items allow, because the user's lint levels are
/// meant for the user's code.
fn allowances() -> TokenStream {
    quote!(#[allow(non_camel_case_types, dead_code, missing_docs, private_interfaces, clippy::all, clippy::pedantic)])
}

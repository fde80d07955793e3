//! The `static` behind a memoized function, and what makes the compiler run
//! the annotation again when something it read has changed.

use proc_macro2::{Literal, TokenStream};
use quote::{quote, quote_spanned};
use syn::Path;
use syn::spanned::Spanned;

use super::super::args::{Compress, Tier};
use super::super::model::{Model, Place};
use crate::source::{Owner, Reach};
use crate::warning::warning;

/// The fingerprint as a constant expression.
pub(super) fn fingerprint(model: &Model, reach: &Reach) -> TokenStream {
    let krate = model.krate();
    let bits = Literal::u128_suffixed(reach.digest);
    let conditions = &reach.unknown_cfgs;
    let depends = model.args.depends.get().into_iter().flatten();
    let depends = depends.map(|path| dependency(model, path));
    quote! {
        #krate::__private::Fingerprint::new(#bits)
            #(.with_cfg(::core::cfg!(#conditions)))*
            #(.with(#depends))*
    }
}

/// The fingerprint of the function at `path`.
///
/// Its annotation put a struct of the same name beside it. Where there is
/// none, the `use` finds the function alone, and the type it names is the one
/// from the prelude of the runtime, whose fingerprint is an error in words.
fn dependency(model: &Model, path: &Path) -> TokenStream {
    let span = path.span();
    let krate = model.krate_at(span);
    quote_spanned! {span=> {
        #[allow(unused_imports)]
        use #krate::__private::dependency::*;
        #[allow(unused_imports)]
        use #path as __joblib_dependency;
        __joblib_dependency::__joblib_fingerprint()
    }}
}

/// The `Site` as a constant expression.
pub(super) fn site(model: &Model, reach: &Reach, fingerprint: &TokenStream) -> TokenStream {
    let krate = model.krate();
    let name = identity(model, reach);
    let items = reach.items_text();
    let (place, options) = (place(model), options(model));
    quote! {
        #krate::__private::Site::new(#name, #fingerprint, #items, #place, &#krate::__private::Options::NONE #options)
    }
}

/// The name results are stored under.
pub(super) fn identity(model: &Model, reach: &Reach) -> TokenStream {
    if let Some(name) = model.args.name.get() {
        return quote!(#name);
    }
    let function = model.name().to_string();
    let function = function.trim_start_matches("r#");
    let tail = match (&reach.owner, model.place) {
        (Owner::Inherent { self_type, .. } | Owner::Trait { self_type }, _) => {
            format!("::<{self_type}>::{function}")
        }
        (_, Place::Free) => format!("::{function}"),
        _ => format!("::<Self>::{function}"),
    };
    quote!(::core::concat!(::core::module_path!(), #tail))
}

pub(super) fn options(model: &Model) -> TokenStream {
    let args = &model.args;
    let version = args.version.get().map(|version| quote!(.version(#version)));
    let expires = args.expires.get().map(|age| {
        let (seconds, nanos) = (age.as_secs(), age.subsec_nanos());
        quote!(.expires(#seconds, #nanos))
    });
    let validate = args.validate.get().map(|path| {
        let krate = model.krate();
        let condition = condition(model, path, &quote!(#krate::__private::Entry));
        quote!(.validate(#condition))
    });
    let compress = match args.compress.get() {
        Some(Compress::Zstd(level)) => Some(quote!(.zstd(#level))),
        Some(Compress::None) | None => None,
    };
    let mmap = args.mmap.is_set().then(|| quote!(.mmap()));
    let tier = args.memory_tier.get().map(|tier| match tier {
        Tier::Off => quote!(.without_memory_tier()),
        Tier::Bytes(bytes) => quote!(.memory_tier(#bytes)),
    });
    quote!(#version #expires #validate #compress #mmap #tier)
}

/// Where results go; the blame for what is no memory is on its path.
pub(super) fn place(model: &Model) -> TokenStream {
    let krate = model.krate();
    match (model.args.dir.get(), model.args.memory.get()) {
        (Some(dir), _) => quote!(#krate::__private::Place::Dir(#dir)),
        (None, Some(path)) => {
            let span = path.span();
            let krate = model.krate_at(span);
            quote_spanned! {span=>
                #krate::__private::Place::Memory({
                    let memory: &'static #krate::__private::Memory = &#path;
                    memory
                })
            }
        }
        (None, None) => quote!(#krate::__private::Place::Default),
    }
}

/// A closure that asks the function at `path` about a value of the type; the
/// blame for another function is on the path.
pub(super) fn condition(model: &Model, path: &Path, ty: &TokenStream) -> TokenStream {
    let span = path.span();
    let krate = model.krate_at(span);
    quote_spanned! {span=>
        |__joblib_value: &#ty| #krate::__private::accepts::<#ty, _>(#path, __joblib_value)
    }
}

/// The warnings about the body, to stand in the function the user annotated.
pub(super) fn warnings(reach: &Reach) -> TokenStream {
    let warnings = reach
        .warnings
        .iter()
        .map(|(span, message)| warning(*span, message));
    quote!(#(#warnings)*)
}

//! The `static` behind a memoized function, and what makes the compiler run
//! the annotation again when something it read has changed.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::Path;
use syn::spanned::Spanned;

use super::super::args::{MemoryTier, ResultCompression};
use super::super::model::{FnContext, Model};
use crate::source::{self, Reach, package};
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
    // An import of a name that a crate has, too, would be ambiguous.
    let is_crate = path.get_ident().is_some_and(source::is_crate);
    let here = (is_crate && !model.standing.is_in_body()).then(|| quote_spanned!(span=> self::));
    quote_spanned! {span=> {
        #[allow(unused_imports)]
        use #krate::__private::dependency::*;
        #[allow(unused_imports)]
        use #here #path as __joblib_dependency;
        __joblib_dependency::__joblib_fingerprint()
    }}
}

/// Items that make the compiler look at files and variables again, and that
/// bring the lines of what the function reaches.
pub(super) fn tracked(model: &Model, reach: &Reach) -> TokenStream {
    let tracked = reach.tracked();
    let lines = reach.lines(model.krate());
    quote!(#tracked #lines)
}

/// The `Site` as a constant expression, of a function that stands where the
/// type `marker` does.
pub(super) fn site(
    model: &Model,
    reach: &Reach,
    fingerprint: &TokenStream,
    marker: &Ident,
) -> TokenStream {
    let krate = model.krate();
    let name = identity(model);
    let items = reach.listed();
    let (place, options) = (place(model), options(model, marker));
    quote! {
        #krate::__private::MemoFunction::new(#name, #fingerprint, #items, #place, &#krate::__private::MemoOptions::NONE #options)
    }
}

/// The name results are stored under.
pub(super) fn identity(model: &Model) -> TokenStream {
    if let Some(name) = model.args.name.get() {
        return quote!(#name);
    }
    let name = model.name().to_string();
    let tail = match model.place {
        FnContext::Inherent | FnContext::Trait if !model.standing.is_shown() => {
            format!("::<Self>::{}", name.trim_start_matches("r#"))
        }
        _ => format!("::{}", model.standing.path(&name)),
    };
    quote!(::core::concat!(::core::module_path!(), #tail))
}

/// The type that says where a function stands, to stand in it.
pub(super) fn marker(model: &Model) -> (Ident, TokenStream) {
    let marker = Ident::new("__JoblibHere", Span::call_site());
    let declared = has_marker(model).then(|| quote!(struct #marker;));
    (marker, declared.unwrap_or_default())
}

/// Whether the name of the function is not all that tells it from others: inside
/// a function, in an impl, or made by a macro. A name of the user's is, unless a
/// macro gave it to several.
fn has_marker(model: &Model) -> bool {
    let standing = &model.standing;
    match (model.place, model.args.name.is_set()) {
        (FnContext::Free, true) => true,
        (FnContext::Free, false) => !standing.is_shown() || standing.is_in_body(),
        (FnContext::Inherent | FnContext::Trait, is_named) => !standing.is_shown() || !is_named,
    }
}

/// What is said of where the function stands.
fn stands(model: &Model, marker: &Ident) -> Option<TokenStream> {
    let package = package();
    let stands = match model.place {
        FnContext::Free => quote!(.beside::<#marker>(#package)),
        FnContext::Inherent | FnContext::Trait => quote!(.within::<#marker>(#package)),
    };
    let made = (!model.standing.is_shown()).then(|| quote!(.made_in(::core::module_path!())));
    let named = model.args.name.is_set().then(|| quote!(.named()));
    has_marker(model).then(|| quote!(#stands #made #named))
}

pub(super) fn options(model: &Model, marker: &Ident) -> TokenStream {
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
        Some(ResultCompression::Zstd(level)) => Some(quote!(.zstd(#level))),
        Some(ResultCompression::None) | None => None,
    };
    let mmap = args.mmap.is_set().then(|| quote!(.mmap()));
    let tier = args.memory_tier.get().map(|tier| match tier {
        MemoryTier::Off => quote!(.without_memory_tier()),
        MemoryTier::Bytes(bytes) => quote!(.memory_tier(#bytes)),
    });
    let scope = args.scope.get().copied().unwrap_or_default();
    let binary = scope.binary.then(|| quote!(.of_binary()));
    let stands = stands(model, marker);
    quote!(#version #expires #validate #compress #mmap #tier #binary #stands)
}

/// Where results go; the blame for what is no memory is on its path.
pub(super) fn place(model: &Model) -> TokenStream {
    let krate = model.krate();
    match (model.args.dir.get(), model.args.memory.get()) {
        (Some(dir), _) => quote!(#krate::__private::CacheLocation::Dir(#dir)),
        (None, Some(path)) => {
            let span = path.span();
            let krate = model.krate_at(span);
            quote_spanned! {span=>
                #krate::__private::CacheLocation::Memory({
                    let memory: &'static #krate::__private::Memory = &#path;
                    memory
                })
            }
        }
        (None, None) => quote!(#krate::__private::CacheLocation::Default),
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

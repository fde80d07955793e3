//! Names the companion type of a free function, which has the functions that the
//! macros add. If the type hides a crate of the same name, the body imports that
//! crate.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{format_ident, quote};

use crate::function::AnnotatedFn;

/// What the name of a function refers to in the type namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NameMeaning {
    /// Nothing that is used in the source.
    Free,
    /// A crate that only the body of the function names.
    CrateInBody,
    /// Something that a type of the name would hide or conflict with.
    Taken,
}

/// The names that the macros add to the companion of a function.
const ADDED_NAMES: [&str; 11] = [
    "FINGERPRINT",
    "check",
    "clear",
    "forget",
    "key",
    "par",
    "reaches",
    "recompute",
    "shelve",
    "stats",
    "uncached",
];

/// Returns whether the macros add `word` to the companion of a function.
pub(crate) fn is_companion_item(word: &str) -> bool {
    ADDED_NAMES.contains(&word) || word.starts_with("__joblib")
}

/// Returns the name of the companion: that of the function, or `name_memo` if a
/// type or module has that name already.
pub(crate) fn companion(name: &Ident, meaning: NameMeaning) -> Ident {
    match meaning {
        NameMeaning::Free | NameMeaning::CrateInBody => name.clone(),
        NameMeaning::Taken => with_ending(name, "memo"),
    }
}

/// Returns `name_ending`, the form of the names that the macros add next to a
/// method.
pub(crate) fn with_ending(name: &Ident, ending: &str) -> Ident {
    format_ident!("{}_{ending}", plain(name), span = name.span())
}

/// The names of the functions that the companion of a memoized function consists of, or
/// that the macro adds next to a method.
pub(crate) struct HelperNames {
    /// Returns the `static` of the function.
    pub(crate) site: Ident,
    /// Returns the function as a call uses it, with the memory that the call chose.
    pub(crate) open: Ident,
    /// Computes the key of a call.
    pub(crate) key: Ident,
    /// The function without memoization.
    pub(crate) uncached: Ident,
}

impl HelperNames {
    /// Returns the names in the companion of a free function.
    pub(crate) fn of_struct() -> HelperNames {
        let name = |name| Ident::new(name, Span::call_site());
        HelperNames {
            site: name("__joblib_site"),
            open: name("__joblib_open"),
            key: name("__joblib_key"),
            uncached: name("uncached"),
        }
    }

    /// Returns the names next to the method `name`.
    pub(crate) fn of_method(name: &Ident) -> HelperNames {
        let helper = |start| with_ending(&Ident::new(start, name.span()), &plain(name));
        HelperNames {
            site: helper("__joblib_site"),
            open: helper("__joblib_open"),
            key: helper("__joblib_key"),
            uncached: helper("__joblib_uncached"),
        }
    }
}

/// Returns the name without `r#`.
pub(crate) fn plain(name: &Ident) -> String {
    let name = name.to_string();
    name.trim_start_matches("r#").to_owned()
}

/// Imports the crate of the function's name into its body if the companion
/// would hide it.
pub(crate) fn import_crate(function: &mut AnnotatedFn, meaning: NameMeaning) {
    if meaning == NameMeaning::CrateInBody {
        function.body = add_import(&function.sig.ident, &function.body);
    }
}

/// Like [`import_crate`], for the unparsed function `item`.
pub(crate) fn with_crate_import(
    item: TokenStream,
    name: &Ident,
    meaning: NameMeaning,
) -> TokenStream {
    if meaning != NameMeaning::CrateInBody {
        return item;
    }
    let mut tokens: Vec<TokenTree> = item.into_iter().collect();
    if let Some(TokenTree::Group(body)) = tokens.last_mut() {
        *body = add_import(name, body);
    }
    tokens.into_iter().collect()
}

/// Returns the body with an import of the crate after its inner attributes.
fn add_import(name: &Ident, body: &Group) -> Group {
    let mut tokens = body.stream().into_iter().peekable();
    let mut inner = TokenStream::new();
    while matches!(tokens.peek(), Some(TokenTree::Punct(punct)) if punct.as_char() == '#') {
        let mut ahead = tokens.clone().skip(1);
        if !matches!(ahead.next(), Some(TokenTree::Punct(punct)) if punct.as_char() == '!') {
            break;
        }
        inner.extend(tokens.by_ref().take(3));
    }
    let rest: TokenStream = tokens.collect();
    let tokens = quote! {
        #inner
        #[allow(unused_imports)]
        use ::#name;
        #rest
    };
    let mut extended = Group::new(Delimiter::Brace, tokens);
    extended.set_span(body.span());
    extended
}

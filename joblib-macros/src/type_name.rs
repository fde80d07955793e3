//! What the type beside a free function is called that carries what annotations
//! add, and how the body goes on to mean a crate that the type would hide.

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use quote::{format_ident, quote};

use crate::function::AnnotatedFn;
use crate::source::NameMeaning;

/// What annotations bring under the name of a function.
const BROUGHT: [&str; 11] = [
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

/// Whether annotations bring `word` under the name of a function.
pub(crate) fn is_brought(word: &str) -> bool {
    BROUGHT.contains(&word) || word.starts_with("__joblib")
}

/// The name of the function, or `name_memo` where the name means something else.
pub(crate) fn companion(name: &Ident, meaning: NameMeaning) -> Ident {
    match meaning {
        NameMeaning::Free | NameMeaning::CrateInBody => name.clone(),
        NameMeaning::Taken => with_ending(name, "memo"),
    }
}

/// `name_ending`, as what stands beside a method is called.
pub(crate) fn with_ending(name: &Ident, ending: &str) -> Ident {
    let text = name.to_string();
    let text = text.trim_start_matches("r#");
    format_ident!("{text}_{ending}", span = name.span())
}

/// Has the body of a function name the crate of its name where it needs to.
pub(crate) fn settle(function: &mut AnnotatedFn, meaning: NameMeaning) {
    if meaning == NameMeaning::CrateInBody {
        function.body = naming(&function.sig.ident, &function.body);
    }
}

/// As [`settle`], for the function `item` as it was given.
pub(crate) fn settled(item: TokenStream, name: &Ident, meaning: NameMeaning) -> TokenStream {
    if meaning != NameMeaning::CrateInBody {
        return item;
    }
    let mut tokens: Vec<TokenTree> = item.into_iter().collect();
    if let Some(TokenTree::Group(body)) = tokens.last_mut() {
        *body = naming(name, body);
    }
    tokens.into_iter().collect()
}

/// A body that begins by naming the crate, after its inner attributes.
fn naming(name: &Ident, body: &Group) -> Group {
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
    let named = quote! {
        #inner
        #[allow(unused_imports)]
        use ::#name;
        #rest
    };
    let mut naming = Group::new(Delimiter::Brace, named);
    naming.set_span(body.span());
    naming
}

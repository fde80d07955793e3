//! Finds calls in a function's body that read clocks, random numbers or the
//! environment. No fingerprint and no key contains these.

use proc_macro2::{Group, Span, TokenStream, TokenTree};

/// The last two segments of paths, and what they read.
const PATHS: &[(&str, &str, &str)] = &[
    ("Instant", "now", "a clock"),
    ("SystemTime", "now", "a clock"),
    ("Utc", "now", "a clock"),
    ("Local", "now", "a clock"),
    ("Zoned", "now", "a clock"),
    ("Timestamp", "now", "a clock"),
    ("OffsetDateTime", "now_utc", "a clock"),
    ("rand", "rng", "random numbers without a seed"),
    ("rand", "random", "random numbers without a seed"),
    ("rand", "random_range", "random numbers without a seed"),
    ("getrandom", "fill", "random numbers without a seed"),
    ("getrandom", "getrandom", "random numbers without a seed"),
    ("Uuid", "new_v4", "random numbers without a seed"),
    ("RandomState", "new", "random numbers without a seed"),
    ("env", "var", "the environment"),
    ("env", "vars", "the environment"),
    ("env", "var_os", "the environment"),
    ("env", "vars_os", "the environment"),
    ("env", "args", "the environment"),
    ("env", "args_os", "the environment"),
    ("env", "current_dir", "the environment"),
];

/// Names that read random numbers in any context.
const NAMES: &[&str] = &[
    "thread_rng",
    "OsRng",
    "from_entropy",
    "from_os_rng",
    "ThreadRng",
];

/// Functions of `fastrand` that the caller seeds.
const SEEDED: &[&str] = &["Rng", "seed"];

/// Returns the calls in the body whose inputs are not in the key, with their
/// locations.
pub(super) fn find(body: &Group) -> Vec<(Span, String)> {
    let mut found = Vec::new();
    walk(body.stream(), &mut found);
    found
}

fn walk(tokens: TokenStream, found: &mut Vec<(Span, String)>) {
    let mut before: Option<String> = None;
    let mut colons = 0;
    for token in tokens {
        match token {
            TokenTree::Ident(ident) => {
                let name = ident.to_string();
                let owner = before.take().filter(|_| colons == 2);
                if let Some(what) = reads(owner.as_deref(), &name) {
                    found.push((ident.span(), message(owner.as_deref(), &name, what)));
                }
                before = Some(name);
                colons = 0;
            }
            TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
            TokenTree::Group(group) => {
                before = None;
                colons = 0;
                walk(group.stream(), found);
            }
            _ => {
                before = None;
                colons = 0;
            }
        }
    }
}

fn reads(owner: Option<&str>, name: &str) -> Option<&'static str> {
    if NAMES.contains(&name) {
        return Some("random numbers without a seed");
    }
    let owner = owner?;
    if owner == "fastrand" && !SEEDED.contains(&name) {
        return Some("random numbers without a seed");
    }
    PATHS
        .iter()
        .find(|(o, n, _)| *o == owner && *n == name)
        .map(|(_, _, what)| *what)
}

fn message(owner: Option<&str>, name: &str, what: &str) -> String {
    let path = owner.map_or_else(|| name.to_owned(), |owner| format!("{owner}::{name}"));
    format!(
        "`{path}` reads {what}, which is not part of the key, so a cached result repeats the first \
         value; pass it as an argument instead"
    )
}

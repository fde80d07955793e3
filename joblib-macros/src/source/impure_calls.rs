//! Finds calls in a function's body that read clocks, random numbers, the environment,
//! files, standard input, other processes or the network. No fingerprint and no key
//! contains these.

use proc_macro2::{Group, Span, TokenStream, TokenTree};

/// What a call reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    Clock,
    Random,
    Environment,
    File,
    Input,
    Process,
    Network,
}

use Source::{Clock, Environment, File, Input, Network, Process, Random};

impl Source {
    fn name(self) -> &'static str {
        match self {
            Clock => "a clock",
            Random => "random numbers without a seed",
            Environment => "the environment",
            File => "a file",
            Input => "standard input",
            Process => "another process",
            Network => "the network",
        }
    }

    /// Returns what to do instead of the call.
    fn instead(self) -> &'static str {
        match self {
            Clock | Random | Environment => "pass it as an argument instead",
            File => "take a `joblib::FileContents` of its path as an argument instead",
            Input => "pass what was read as an argument instead",
            Process => "pass its output as an argument instead",
            Network => "pass what was received as an argument instead",
        }
    }
}

/// The last two segments of paths, and what they read.
const PATHS: &[(&str, &str, Source)] = &[
    ("Instant", "now", Clock),
    ("SystemTime", "now", Clock),
    ("Utc", "now", Clock),
    ("Local", "now", Clock),
    ("Zoned", "now", Clock),
    ("Timestamp", "now", Clock),
    ("OffsetDateTime", "now_utc", Clock),
    ("rand", "rng", Random),
    ("rand", "random", Random),
    ("rand", "random_range", Random),
    ("getrandom", "fill", Random),
    ("getrandom", "getrandom", Random),
    ("Uuid", "new_v4", Random),
    ("RandomState", "new", Random),
    ("env", "var", Environment),
    ("env", "vars", Environment),
    ("env", "var_os", Environment),
    ("env", "vars_os", Environment),
    ("env", "args", Environment),
    ("env", "args_os", Environment),
    ("env", "current_dir", Environment),
    ("fs", "read", File),
    ("fs", "read_to_string", File),
    ("fs", "read_dir", File),
    ("fs", "read_link", File),
    ("fs", "metadata", File),
    ("fs", "exists", File),
    ("File", "open", File),
    ("io", "stdin", Input),
    ("Command", "new", Process),
    ("TcpStream", "connect", Network),
    ("UdpSocket", "bind", Network),
    ("UnixStream", "connect", Network),
    ("reqwest", "get", Network),
    ("ureq", "get", Network),
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

/// A call that reads what no key contains.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ImpureCall {
    path: String,
    source: Source,
}

impl ImpureCall {
    fn new(owner: Option<&str>, name: &str) -> Option<ImpureCall> {
        let source = reads(owner, name)?;
        let path = owner.map_or_else(|| name.to_owned(), |owner| format!("{owner}::{name}"));
        Some(ImpureCall { path, source })
    }

    /// Returns what a function that makes the call does, and what it should do instead.
    pub(super) fn phrase(&self) -> String {
        format!(
            "reads {} by `{}`, which is not part of the key, so a cached result repeats the first \
             value; {}",
            self.source.name(),
            self.path,
            self.source.instead(),
        )
    }

    /// Returns whether it reads a file, whose contents may be part of a key.
    pub(super) fn reads_file(&self) -> bool {
        self.source == File
    }
}

/// Returns the first call among the identifiers of a body, which are given with whether
/// they follow `::`.
pub(super) fn first<'t>(words: impl Iterator<Item = (&'t str, bool)>) -> Option<ImpureCall> {
    let mut before = None;
    for (word, follows) in words {
        let found = ImpureCall::new(before.filter(|_| follows), word);
        if found.is_some() {
            return found;
        }
        before = Some(word);
    }
    None
}

/// Returns the calls in the body whose inputs are not in the key, with their locations.
/// With `has_contents`, the key may have the contents of files.
pub(super) fn find(body: &Group, has_contents: bool) -> Vec<(Span, String)> {
    let mut found = Vec::new();
    walk(body.stream(), has_contents, &mut found);
    found
}

fn walk(tokens: TokenStream, has_contents: bool, found: &mut Vec<(Span, String)>) {
    let mut before: Option<String> = None;
    let mut colons = 0;
    for token in tokens {
        match token {
            TokenTree::Ident(ident) => {
                let name = ident.to_string();
                let owner = before.take().filter(|_| colons == 2);
                let call = ImpureCall::new(owner.as_deref(), &name);
                if let Some(call) = call.filter(|it| !(has_contents && it.reads_file())) {
                    found.push((ident.span(), message(&call)));
                }
                before = Some(name);
                colons = 0;
            }
            TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
            TokenTree::Group(group) => {
                before = None;
                colons = 0;
                walk(group.stream(), has_contents, found);
            }
            _ => {
                before = None;
                colons = 0;
            }
        }
    }
}

fn reads(owner: Option<&str>, name: &str) -> Option<Source> {
    if NAMES.contains(&name) {
        return Some(Random);
    }
    let owner = owner?;
    if owner == "fastrand" && !SEEDED.contains(&name) {
        return Some(Random);
    }
    PATHS
        .iter()
        .find(|(o, n, _)| *o == owner && *n == name)
        .map(|(_, _, what)| *what)
}

fn message(call: &ImpureCall) -> String {
    let ImpureCall { path, source } = call;
    format!(
        "`{path}` reads {}, which is not part of the key, so a cached result repeats the first \
         value; {}, or accept it with `#[allow(deprecated)]` on the function",
        source.name(),
        source.instead(),
    )
}

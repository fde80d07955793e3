//! Evaluates `cfg` predicates against the compiler's command line. The result is
//! unknown if the command line does not decide it.

use std::collections::HashSet;
use std::env::consts;

use super::literal::unquote;
use super::token::{LexedFile, Span, TokenKind};

/// The value of a predicate, if it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ternary {
    Yes,
    No,
    Unknown,
}

use Ternary::{No, Unknown, Yes};

impl Ternary {
    fn of(known: bool) -> Ternary {
        if known { Yes } else { No }
    }

    fn not(self) -> Ternary {
        match self {
            Yes => No,
            No => Yes,
            Unknown => Unknown,
        }
    }
}

/// The configuration of one crate.
#[derive(Clone, Debug, Default)]
pub(super) struct Cfgs {
    /// `name` or `name="value"`, in the syntax of `--cfg`.
    pub(super) set: HashSet<String>,
    /// Whether `set` contains everything that is not built in.
    pub(super) complete: bool,
    pub(super) test: bool,
    pub(super) debug_assertions: Option<bool>,
    /// Whether the target is the compiling machine.
    pub(super) native: bool,
}

impl Cfgs {
    /// Evaluates the predicate in `span`.
    pub(super) fn eval(&self, file: &LexedFile, span: Span) -> Ternary {
        let mut at = span.start;
        let mut truth = Yes;
        while at < span.end {
            let (next, part) = self.predicate(file, at);
            truth = all(truth, part);
            at = if file.is(next, b',') {
                next + 1
            } else {
                next.max(at + 1)
            };
        }
        truth
    }

    fn predicate(&self, file: &LexedFile, at: usize) -> (usize, Ternary) {
        let name = file.text(at).trim_start_matches("r#");
        if file.is(at + 1, b'(') {
            return (file.after(at + 1), self.group(file, name, at + 1));
        }
        if file.is(at + 1, b'=') {
            let truth = match unquote(file.text(at + 2)) {
                Some(value) => self.value(name, &value),
                None => Unknown,
            };
            return (at + 3, truth);
        }
        (at + 1, self.flag(name))
    }

    fn group(&self, file: &LexedFile, name: &str, open: usize) -> Ternary {
        let mut parts = Vec::new();
        let inside = file.inside(open);
        let mut at = inside.start;
        while at < inside.end && matches!(name, "all" | "any" | "not") {
            let (next, part) = self.predicate(file, at);
            parts.push(part);
            at = if file.is(next, b',') {
                next + 1
            } else {
                next.max(at + 1)
            };
        }
        match name {
            "all" => parts.into_iter().fold(Yes, all),
            "any" => parts
                .into_iter()
                .fold(No, |a, b| all(a.not(), b.not()).not()),
            "not" => parts.first().map_or(Unknown, |part| part.not()),
            _ => Unknown,
        }
    }

    fn flag(&self, name: &str) -> Ternary {
        match name {
            "true" => Yes,
            "false" => No,
            "test" => Ternary::of(self.test),
            "debug_assertions" => self.debug_assertions.map_or(Unknown, Ternary::of),
            "unix" | "windows" if self.native => Ternary::of(consts::FAMILY == name),
            "doc"
            | "doctest"
            | "miri"
            | "proc_macro"
            | "overflow_checks"
            | "ub_checks"
            | "unix"
            | "windows"
            | "panic"
            | "target_thread_local" => Unknown,
            _ if self.set.contains(name) => Yes,
            _ if self.complete => No,
            _ => Unknown,
        }
    }

    fn value(&self, name: &str, value: &str) -> Ternary {
        match name {
            "target_os" if self.native => Ternary::of(consts::OS == value),
            "target_arch" if self.native => Ternary::of(consts::ARCH == value),
            "target_family" if self.native => Ternary::of(consts::FAMILY == value),
            "target_pointer_width" if self.native => Ternary::of(value.parse() == Ok(usize::BITS)),
            "target_endian" if self.native => {
                Ternary::of(cfg!(target_endian = "little") == (value == "little"))
            }
            "panic" | "sanitize" | "relocation_model" => Unknown,
            _ if name.starts_with("target_") => Unknown,
            _ if self.set.contains(&format!("{name}=\"{value}\"")) => Yes,
            _ if self.complete => No,
            _ => Unknown,
        }
    }
}

/// Returns whether this machine has the target's values for all predicates that are
/// evaluated here.
pub(super) fn is_here(target: &str) -> bool {
    let rest = target
        .strip_prefix(consts::ARCH)
        .and_then(|rest| rest.strip_prefix('-'));
    let known: &[&str] = match consts::OS {
        "linux" => &["unknown-linux-gnu", "unknown-linux-musl"],
        "macos" => &["apple-darwin"],
        "windows" => &["pc-windows-msvc", "pc-windows-gnu", "pc-windows-gnullvm"],
        _ => &[],
    };
    rest.is_some_and(|rest| known.contains(&rest))
}

/// Returns a condition in the syntax of `--cfg` in one spelling. rustc parses it as
/// source.
pub(super) fn canonical(cfg: &str) -> String {
    let plain = |name: &str| name.trim().trim_start_matches("r#").to_owned();
    match syn::parse_str(cfg) {
        Ok(syn::Meta::NameValue(named)) => match (&named.value, named.path.get_ident()) {
            (syn::Expr::Lit(value), Some(name)) => match &value.lit {
                syn::Lit::Str(text) => format!("{}=\"{}\"", plain(&name.to_string()), text.value()),
                _ => cfg.trim().to_owned(),
            },
            _ => cfg.trim().to_owned(),
        },
        Ok(syn::Meta::Path(path)) => match path.get_ident() {
            Some(name) => plain(&name.to_string()),
            None => cfg.trim().to_owned(),
        },
        _ => cfg.trim().to_owned(),
    }
}

fn all(a: Ternary, b: Ternary) -> Ternary {
    match (a, b) {
        (No, _) | (_, No) => No,
        (Yes, Yes) => Yes,
        _ => Unknown,
    }
}

/// Returns whether a predicate uses a setting that cargo can set for a single
/// package.
pub(super) fn is_of_profile(predicate: &str) -> bool {
    let names = ["debug_assertions", "overflow_checks", "panic"];
    names.iter().any(|name| predicate.contains(name))
}

/// Returns the tokens of `span` in one spelling that can be parsed again.
pub(super) fn render(file: &LexedFile, span: Span) -> String {
    let mut text = String::new();
    for i in span.clone() {
        let is_word = |i: usize| {
            span.contains(&i)
                && file
                    .get(i)
                    .is_some_and(|t| matches!(t.kind, TokenKind::Word | TokenKind::Lifetime))
        };
        if i > span.start && is_word(i) && is_word(i - 1) {
            text.push(' ');
        }
        text.push_str(file.text(i));
    }
    text
}

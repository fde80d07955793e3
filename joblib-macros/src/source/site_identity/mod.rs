//! Where something annotated stands, told from the tokens of its file alone:
//! what is around it, whether a macro made it, and which it is of those that are
//! called alike inside one function.

mod cached;
mod enclosing;
mod generated_fns;
mod header;
mod macros;
mod package;

use std::sync::Arc;

use proc_macro2::Span as TokenSpan;

use self::enclosing::{EnclosingGroup, FileGroups};
pub(crate) use self::header::GenericContext;
pub(crate) use self::package::package;
use super::normalize;
use crate::fn_context::FnContext;
use crate::function::AnnotatedFn;

/// Where an annotated function stands.
#[derive(Debug, Default)]
pub(crate) struct FnSite {
    /// What is around it, outermost first, as far as a file shows it.
    around: Vec<EnclosingGroup>,
    /// Whether the file shows the function itself, rather than what makes it.
    is_shown: bool,
    /// How many functions of its name are before it in the function around both.
    before: usize,
    /// Where its macro puts it, as far as that can be told.
    made: Option<FnContext>,
}

impl FnSite {
    /// Where the function stands whose annotation is being expanded.
    pub(crate) fn of(function: &AnnotatedFn) -> FnSite {
        let name = &function.sig.ident;
        let shown = token_at(name.span())
            .and_then(|(file, at)| FnSite::shown(&file, at, &["fn"], &name.to_string()));
        shown.unwrap_or_else(|| {
            let spans = [TokenSpan::call_site(), function.sig.fn_token.span];
            let found = spans.into_iter().find_map(token_at);
            let name = name.to_string();
            found.map_or_else(FnSite::default, |(file, at)| {
                FnSite::made(&file, at, name.trim_start_matches("r#"))
            })
        })
    }

    /// The item whose name is the token at `at`, unless a macro has made it.
    fn shown(groups: &FileGroups, at: usize, words: &[&str], name: &str) -> Option<FnSite> {
        let file = &groups.file;
        let is_item = |at: usize| {
            at > 0 && file.text(at) == name && words.iter().any(|word| file.is_word(at - 1, word))
        };
        if !is_item(at) {
            return None;
        }
        let around = groups.around(at);
        if around.iter().any(EnclosingGroup::is_macro) {
            return None;
        }
        let body = around.iter().find(|around| around.is_body());
        let before = body.map_or(0, |body| {
            (body.open + 1..at).filter(|&at| is_item(at)).count()
        });
        Some(FnSite {
            around,
            is_shown: true,
            before,
            made: None,
        })
    }

    /// What a macro made under this name of tokens like the one at `at`.
    fn made(groups: &FileGroups, at: usize, name: &str) -> FnSite {
        let around = groups.around(at);
        let made =
            generated_fns::place(groups, at, name).or_else(|| macros::place(groups, &around));
        FnSite {
            around,
            made,
            ..FnSite::default()
        }
    }

    /// Whether a file shows the function as it is; otherwise a macro made it, and
    /// what is known of it is known only when it is compiled.
    pub(crate) fn is_shown(&self) -> bool {
        self.is_shown
    }

    /// Whether it stands inside another function, or a constant.
    pub(crate) fn is_in_body(&self) -> bool {
        self.is_shown && self.around.iter().any(EnclosingGroup::is_body)
    }

    /// What may stand beside the function, if the tokens around it tell.
    pub(crate) fn place(&self) -> Option<FnContext> {
        match self.is_shown {
            true => Some(
                self.around
                    .last()
                    .map_or(FnContext::Free, EnclosingGroup::place),
            ),
            false => self.made,
        }
    }

    /// What its impl or trait is generic over.
    pub(crate) fn surroundings(&self) -> GenericContext {
        match self.around.last() {
            _ if !self.is_shown => GenericContext::Unknown,
            Some(around) => around.surroundings(),
            None => GenericContext::Plain,
        }
    }

    /// Its path from the module it is in, as its file shows it.
    pub(crate) fn path(&self, name: &str) -> String {
        let from_body = self.around.iter().skip_while(|around| around.is_module());
        let mut path: Vec<String> = from_body.filter_map(EnclosingGroup::shown).collect();
        path.push(name.trim_start_matches("r#").to_owned());
        let number = match self.before {
            0 => String::new(),
            before => format!("#{}", before + 1),
        };
        format!("{}{number}", path.join("::"))
    }
}

/// Stands for the place of a type inside a function: for the source around it and
/// for its number among the types there that are called alike. There is none
/// where the type is in no function, or a macro made it.
pub(crate) fn type_place(name: &proc_macro2::Ident) -> Option<u64> {
    let (groups, at) = token_at(name.span())?;
    let words = ["struct", "enum", "union"];
    let standing = FnSite::shown(&groups, at, &words, &name.to_string())?;
    let body = standing.around.iter().find(|around| around.is_body())?;
    let file = &groups.file;
    let source = normalize::canonical(file, body.start..file.after(body.open), None);
    let place = format!("{:032x} {}", normalize::hash(&source), standing.path(""));
    Some(normalize::hash(place.as_bytes()) as u64)
}

/// The file of a span and the token that starts there.
fn token_at(span: TokenSpan) -> Option<(Arc<FileGroups>, usize)> {
    let groups = cached::file(&span.local_file()?)?;
    let start = span.start();
    let at = groups.file.at(start.line, start.column)?;
    Some((groups, at))
}

#[cfg(test)]
mod tests;

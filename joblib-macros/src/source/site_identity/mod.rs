//! The location of an annotated item, determined from the tokens of its file alone:
//! the enclosing items, whether a macro generated it, and its ordinal among the items
//! of the same name inside one function.

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

/// The location of an annotated function.
#[derive(Debug, Default)]
pub(crate) struct FnSite {
    /// The enclosing groups, outermost first, as far as a file contains them.
    around: Vec<EnclosingGroup>,
    /// Whether the file contains the function itself, and not only the macro that
    /// generates it.
    is_shown: bool,
    /// The number of preceding functions of the same name in the enclosing function.
    before: usize,
    /// The context in which the macro expands the function, if it can be inferred.
    made: Option<FnContext>,
}

impl FnSite {
    /// Returns the location of the function whose annotation is being expanded.
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

    /// Returns the location of the item whose name is the token at `at`, unless a
    /// macro generated it.
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

    /// Returns the location of an item that a macro generated under this name from
    /// the token at `at`.
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

    /// Returns whether a file contains the function as it is. Otherwise a macro
    /// generated it, and its location is known only to the compiler.
    pub(crate) fn is_in_source(&self) -> bool {
        self.is_shown
    }

    /// Returns whether it is inside another function or a constant.
    pub(crate) fn is_in_body(&self) -> bool {
        self.is_shown && self.around.iter().any(EnclosingGroup::is_body)
    }

    /// Returns what may be a sibling of the function, if the surrounding tokens
    /// determine it.
    pub(crate) fn context(&self) -> Option<FnContext> {
        match self.is_shown {
            true => Some(
                self.around
                    .last()
                    .map_or(FnContext::Free, EnclosingGroup::place),
            ),
            false => self.made,
        }
    }

    /// Returns what the enclosing impl or trait is generic over.
    pub(crate) fn generic_context(&self) -> GenericContext {
        match self.around.last() {
            _ if !self.is_shown => GenericContext::Unknown,
            Some(around) => around.surroundings(),
            None => GenericContext::Plain,
        }
    }

    /// Returns the path of the function from its module, as written in the file.
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

/// Returns a hash of the location of a type inside a function: of the source around
/// it and of its ordinal among the types of the same name. Returns nothing if the
/// type is not inside a function or a macro generated it.
pub(crate) fn type_location(name: &proc_macro2::Ident) -> Option<u64> {
    let (groups, at) = token_at(name.span())?;
    let words = ["struct", "enum", "union"];
    let standing = FnSite::shown(&groups, at, &words, &name.to_string())?;
    let body = standing.around.iter().find(|around| around.is_body())?;
    let file = &groups.file;
    let source = normalize::canonical(file, body.start..file.after(body.open), None);
    let place = format!("{:032x} {}", normalize::hash(&source), standing.path(""));
    Some(normalize::hash(place.as_bytes()) as u64)
}

/// Returns the file of a span and the token at its start.
fn token_at(span: TokenSpan) -> Option<(Arc<FileGroups>, usize)> {
    let groups = cached::file(&span.local_file()?)?;
    let start = span.start();
    let at = groups.file.at(start.line, start.column)?;
    Some((groups, at))
}

#[cfg(test)]
mod tests;

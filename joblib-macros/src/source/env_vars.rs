//! The variables that the code of a procedural macro reads: named by a literal, by a
//! constant of the same file, or by a value from elsewhere. In the last case, any
//! string literal of its sources that looks like a variable name counts.

use super::literal::{strings, unquote};
use super::opaque_crates::LOCATION_VARIABLES;
use super::token::{LexedFile, TokenKind};

/// Returns the possible names in the argument that opens at `open`, as in
/// `var("NAME")` and `var(NAME)`. Returns `None` if they are not known.
pub(super) fn names(file: &LexedFile, open: usize) -> Option<Vec<String>> {
    if !(file.is(open, b'(') && file.opens(open)) {
        return None;
    }
    let mut argument = file.inside(open);
    while argument.len() > 1 && file.is(argument.start, b'&') {
        argument.start += 1;
    }
    let comma = argument.clone().find(|&i| file.is(i, b','));
    argument.end = comma.unwrap_or(argument.end);
    match argument.len() {
        1 if file.is_word_kind(argument.start) => values(file, file.text(argument.start)),
        1 => unquote(file.text(argument.start)).map(|name| vec![name]),
        _ => None,
    }
}

/// Returns the values of the constants and variables of this name, if all are
/// literals.
fn values(file: &LexedFile, name: &str) -> Option<Vec<String>> {
    let mut values = Vec::new();
    let is_bound = |at: &usize| file.text(*at) == name && !file.is(at + 1, b'(');
    for at in file.all().filter(is_bound) {
        let keyword = if at > 1 && file.is_word(at - 1, "mut") {
            2
        } else {
            1
        };
        let before = at.checked_sub(keyword).map_or("", |at| file.text(at));
        if matches!(before, "const" | "static" | "let") {
            let end = (at..file.len()).find(|&i| file.is(i, b';'))?;
            let is_whole = end > 1 && file.is(end - 2, b'=');
            values.push(unquote(file.text(end - 1)).filter(|_| is_whole)?);
        } else if file.is(at + 1, b':') && !file.is_path_sep(at + 1) {
            // A parameter of this name can have any value.
            return None;
        }
    }
    (!values.is_empty()).then_some(values)
}

/// Returns the string literals of a file that look like the name of a variable.
pub(super) fn likely(file: &LexedFile) -> Vec<String> {
    let is_name = |text: &String| {
        let mut chars = text.chars();
        chars
            .next()
            .is_some_and(|c| c == '_' || c.is_ascii_uppercase())
            && chars.all(|c| c == '_' || c.is_ascii_uppercase() || c.is_ascii_digit())
            && !LOCATION_VARIABLES.contains(&text.as_str())
    };
    let mut names: Vec<String> = strings(file, file.all()).filter(is_name).collect();
    names.sort();
    names.dedup();
    names
}

/// Returns whether a token reads a variable of the build: `var` or a similar name,
/// called as a function or a macro.
pub(super) fn asks(file: &LexedFile, at: usize) -> bool {
    let is_asking = ["var", "var_os", "env", "option_env"]
        .iter()
        .any(|word| file.is_word(at, word));
    let is_call = file.is(at + 1, b'(') || (file.is(at + 1, b'!') && file.is(at + 2, b'('));
    // Definitions and methods do not read the environment of the build.
    let is_own = at > 0 && (file.is(at - 1, b'.') || file.is_word(at - 1, "fn"));
    let is_word = file
        .get(at)
        .is_some_and(|token| token.kind == TokenKind::Word);
    is_asking && is_call && !is_own && is_word
}

//! Linker symbols: the symbol that an item exports, and the one that a declaration in
//! an `extern` block refers to.

use super::database::Item;
use super::literal::unquote;
use super::name::Name;
use super::token::{LexedFile, Span};

/// Returns the symbol that the item exports, if other code can link to it.
pub(super) fn defined(file: &LexedFile, item: &Item) -> Option<Name> {
    if item.foreign.is_some() {
        return None;
    }
    let given = argument(file, item, "export_name");
    let is_plain = || words(file, item).any(|i| file.is_word(i, "no_mangle"));
    given.or_else(|| is_plain().then_some(item.name))
}

/// Returns the symbol that a declaration in an `extern` block refers to.
pub(super) fn declared(file: &LexedFile, item: &Item) -> Option<Name> {
    let given = argument(file, item, "link_name");
    item.foreign.map(|_| given.unwrap_or(item.name))
}

/// Returns whether an `extern` block starts at `at`. Its ABI may be a macro fragment.
pub(super) fn opens_block(file: &LexedFile, at: usize) -> bool {
    let abi = match file.is(at + 1, b'$') {
        true => 2,
        false => usize::from(!file.is(at + 1, b'{')),
    };
    let open = at + 1 + abi;
    file.is_word(at, "extern")
        && !(abi == 1 && file.is_word_kind(at + 1))
        && file.is(open, b'{')
        && file.opens(open)
}

/// Returns the libraries in `#[link(name = "…")]` attributes.
pub(super) fn libraries(file: &LexedFile, attributes: &[Span]) -> Vec<String> {
    let links = attributes
        .iter()
        .filter(|span| file.is_word(span.start, "link"));
    let words = links.flat_map(Clone::clone);
    let names = words.filter(|&i| file.is_word(i, "name") && file.is(i + 1, b'='));
    names.filter_map(|i| unquote(file.text(i + 2))).collect()
}

/// Returns the symbol of `attribute = "symbol"`, also inside `unsafe(…)`.
fn argument(file: &LexedFile, item: &Item, attribute: &str) -> Option<Name> {
    let at = words(file, item).find(|&i| file.is_word(i, attribute))?;
    let symbol = file.is(at + 1, b'=').then(|| unquote(file.text(at + 2)))?;
    symbol.map(|symbol| Name::new(&symbol))
}

fn words<'a>(file: &'a LexedFile, item: &'a Item) -> impl Iterator<Item = usize> + 'a {
    let attributes = item.attributes.iter().cloned();
    attributes
        .flat_map(|span: Span| span)
        .filter(|&i| file.is_word_kind(i))
}

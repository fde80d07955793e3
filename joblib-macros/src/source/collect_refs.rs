//! Collects the references in tokens: paths, names of members, macros with their
//! input, files, environment variables and `cfg` predicates.

mod built_in;
mod hidden;
mod local;
mod options;
mod receiver;
mod text;

use std::sync::Arc;

use super::attached_macros;
use super::attribute;
use super::database::{CrateDb, CrateId};
use super::known::macros::PLAIN;
use super::literal;
use super::name::{Name, Set};
use super::name_pattern::{NamePattern, is_pasted};
use super::references::{ItemRefs, MacroCall, PathRef, Unresolved};
use super::symbol;
use super::syntax::{ends_arrow, is_keyword, is_later_keyword, is_macro_call};
use super::token::{LexedFile, Span, TokenKind};
use super::use_tree::{self, UsePath};
use local::LocalNames;
use receiver::AngleCommas;

/// How tokens are interpreted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum CollectMode {
    Code,
    /// Arguments of a macro of the standard library.
    Format,
    /// Arguments and bodies of other macros, where any name may refer to anything.
    Loose,
    /// Contents of an attribute, where strings may be paths.
    Attribute,
}

/// The maximum number of tokens in an import before a `*`.
const MAX_IMPORT_TOKENS: usize = 256;

/// Collects the references of one item.
pub(super) struct RefCollector<'a> {
    world: &'a CrateDb,
    krate: CrateId,
    file: &'a Arc<LexedFile>,
    is_shadowed: &'a dyn Fn(Name) -> bool,
    /// Whether the tokens belong to a macro definition, so that they are interpreted
    /// where the macro is called.
    is_macro: bool,
    locals: LocalNames,
    /// The end of the bounds of the last `dyn`.
    object_end: usize,
    commas: AngleCommas,
    facts: ItemRefs,
    seen: Set<(Name, u8)>,
}

impl<'a> RefCollector<'a> {
    pub(super) fn new(
        world: &'a CrateDb,
        krate: CrateId,
        file: &'a Arc<LexedFile>,
        is_shadowed: &'a dyn Fn(Name) -> bool,
    ) -> RefCollector<'a> {
        RefCollector {
            world,
            krate,
            file,
            is_shadowed,
            is_macro: false,
            locals: LocalNames::default(),
            object_end: 0,
            commas: AngleCommas::default(),
            facts: ItemRefs::default(),
            seen: Set::default(),
        }
    }

    /// Reads `span`. The tokens of a macro definition are all read in loose mode.
    pub(super) fn read(&mut self, span: Span, is_macro: bool) {
        self.is_macro = is_macro;
        self.run(
            span,
            if is_macro {
                CollectMode::Loose
            } else {
                CollectMode::Code
            },
            false,
        );
    }

    /// Records the local variables of a function without items in its body. An item
    /// could shadow a variable in turn.
    pub(super) fn note_variables(&mut self, name_at: usize, body: &Span) {
        self.locals = LocalNames::of(self.file, name_at, body);
    }

    /// Reads the arguments of the built-in macro `name`.
    pub(super) fn read_built_in(&mut self, name: Name, arguments: Span) {
        self.built_in(name, arguments);
    }

    /// Reads `span` as code that a macro emits.
    pub(super) fn read_loose(&mut self, span: Span) {
        self.run(span, CollectMode::Loose, false);
    }

    /// Reads the attributes in `span` that affect only diagnostics. Macros may
    /// interpret them in any way.
    pub(super) fn read_lints(&mut self, span: Span) {
        let file = self.file;
        for at in span {
            let inside = attribute::attribute_at(file, at);
            if let Some(inside) = inside.filter(|inside| !attribute::counts(file, inside)) {
                self.run(inside, CollectMode::Attribute, false);
            }
        }
    }

    pub(super) fn finish(self) -> ItemRefs {
        self.facts.with_companion_targets()
    }

    fn run(&mut self, span: Span, mode: CollectMode, in_braces: bool) {
        let mut at = span.start;
        while at < span.end {
            let Some(token) = self.file.get(at) else {
                break;
            };
            at = match token.kind {
                TokenKind::Word => self.word(at, mode, in_braces),
                TokenKind::Literal => {
                    self.literal(at, mode);
                    at + 1
                }
                TokenKind::Open => {
                    let inside = self.file.inside(at);
                    if mode == CollectMode::Loose && token.byte == b'[' {
                        self.pasted(&inside);
                    }
                    self.run(inside, mode, token.byte == b'{');
                    self.file.after(at)
                }
                TokenKind::Punct if token.byte == b'#' => self.attribute(at, mode),
                TokenKind::Punct if token.byte == b'*' => {
                    self.glob(at);
                    at + 1
                }
                _ => at + 1,
            };
        }
    }

    /// `[<add_ $n>]` is a name that a macro pastes together.
    fn pasted(&mut self, inside: &Span) {
        let file = self.file;
        if is_pasted(file, inside) {
            let name = inside.start + 1..inside.end - 1;
            self.facts.patterns.push(NamePattern::pasted(file, name));
        }
    }

    /// `$module::*` imports any module in the macro's input, in any form.
    fn glob(&mut self, at: usize) {
        let file = self.file;
        let before = |byte: u8| at > 0 && file.is(at - 1, byte);
        if !(before(b':') || before(b'{') || before(b',')) {
            return;
        }
        let starts = (0..at).rev().take_while(|&i| !file.is(i, b';'));
        let mut starts = starts.take(MAX_IMPORT_TOKENS);
        if let Some(start) = starts.find(|&i| file.is_word(i, "use"))
            && (start..at).any(|i| file.is(i, b'$') && !file.is_word(i + 1, "crate"))
        {
            self.facts.open.push(Unresolved::Modules);
        }
    }

    fn word(&mut self, at: usize, mode: CollectMode, in_braces: bool) -> usize {
        let file = self.file;
        let text = file.text(at);
        // `use<'a, T>` is a bound.
        if text == "use" && mode == CollectMode::Code && !file.is(at + 1, b'<') {
            return self.uses(at);
        }
        let is_root = text == "crate" && at > 0 && file.is(at - 1, b'$');
        if at > 0 && file.is(at - 1, b'$') && !is_root {
            if file.is(at + 1, b'!') && file.opens(at + 2) {
                self.facts.open.push(Unresolved::Call);
            }
            return at + 1;
        }
        if text == "dyn" {
            self.object_end = self.object_end.max(receiver::end_of_bounds(file, at + 1));
            self.objects(at + 1);
        }
        // In code that a macro emits it is an item.
        self.facts.declares_symbols |= mode == CollectMode::Loose && symbol::opens_block(file, at);
        if self.is_keyword(text) || matches!(text, "true" | "false" | "_") {
            return at + 1;
        }
        if is_macro_call(file, at) {
            return self.macro_call(at, mode);
        }
        if is_after_dot(file, at) {
            self.member(at, mode);
            return at + 1;
        }
        if at > 1 && file.is_path_sep(at - 2) && !self.starts_global(at) {
            self.add_member(file.name(at));
            self.data_of_type(at);
            // After `$module::` it is a name in that module.
            if mode == CollectMode::Loose {
                self.facts.loose.extend(file.name(at));
            }
            return at + 1;
        }
        // With a space before it, the tokens are either `x > ::a::b` or `<T> ::b`.
        let is_after_angle = at > 2 && file.is_path_sep(at - 2) && file.is(at - 3, b'>');
        if is_after_angle && !ends_arrow(file, at - 3) {
            self.add_member(file.name(at));
            self.data_of_type(at);
        }
        if mode == CollectMode::Code && in_braces && is_field(file, at) {
            return at + 1;
        }
        self.path(at, mode, is_root)
    }

    /// Returns whether the word is a keyword in the edition of the crate.
    fn is_keyword(&self, word: &str) -> bool {
        let is_first = || self.world.krate(self.krate).edition == "2015";
        is_keyword(word) && !(is_later_keyword(word) && is_first())
    }

    /// Reads a `use` in a block.
    fn uses(&mut self, at: usize) -> usize {
        let file = self.file;
        let mut end = at + 1;
        while end < file.len() && !file.is(end, b';') {
            end = file.after(end);
        }
        for leaf in use_tree::flatten(file, at + 1..end) {
            self.mention(leaf.path.without_self(), false, false);
        }
        end
    }

    /// Returns whether the `::` before `at` starts a path.
    fn starts_global(&self, at: usize) -> bool {
        let Some(before) = at.checked_sub(3) else {
            return true;
        };
        let text = self.file.text(before);
        match self.file.get(before).map(|token| token.kind) {
            Some(TokenKind::Word) => is_keyword(text),
            // `=> ::a::b` and `x > ::a::b` start a path, `<T>::b` does not.
            _ => text != ">" || ends_arrow(self.file, before) || !self.file.is_joint(before),
        }
    }

    fn member(&mut self, at: usize, mode: CollectMode) {
        let called = self.file.is(at + 1, b'(') || self.file.is_path_sep(at + 1);
        let name = self.file.name(at);
        if mode == CollectMode::Loose {
            self.add_member(name);
        } else if called && receiver::is_self(self.file, at) {
            self.facts.own.extend(name);
        } else if called {
            match receiver::arguments(self.file, at) {
                Some(count) => self.facts.methods.extend(name.map(|name| (name, count))),
                None => self.add_member(name),
            }
        }
        if mode == CollectMode::Loose {
            self.facts.loose.extend(self.file.name(at));
        }
    }

    fn add_member(&mut self, name: Option<Name>) {
        self.facts.members.extend(name);
    }

    /// Reads the path at `at` and returns the next position.
    fn path(&mut self, at: usize, mode: CollectMode, is_root: bool) -> usize {
        let file = self.file;
        let mut names = Vec::new();
        let mut next = at;
        while let Some(name) = file.name(next) {
            names.push(name);
            next += 1;
            if !(file.is_path_sep(next) && file.is_word_kind(next + 2)) {
                break;
            }
            next += 2;
        }
        if is_root && let Some(first) = names.first_mut() {
            *first = Name::new("$crate");
        }
        let global = at > 1 && file.is_path_sep(at - 2);
        let path = UsePath { global, names };
        if file.is(next, b'!') && file.opens(next + 1) && path.names.len() > 1 {
            self.called(path, mode, next + 1);
            return file.after(next + 1);
        }
        if mode == CollectMode::Code {
            self.bare_object(&path, at, next);
        }
        let is_loose = matches!(mode, CollectMode::Loose | CollectMode::Attribute);
        if is_loose {
            self.facts.loose.extend(path.names.iter().copied());
            self.facts.members.extend(path.names.iter().copied());
        }
        self.data(&path, next);
        self.read_by_macro(&path, next);
        if path.names.len() == 1 && self.commas.is_projection(file, at) {
            self.facts.members.extend(path.last());
        }
        let is_local = path.names.len() == 1 && !is_loose && self.locals.has(path.names[0], at);
        self.push(PathRef {
            is_object: at < self.object_end,
            is_local,
            ..PathRef::new(path, is_loose, mode == CollectMode::Attribute)
        });
        next
    }

    fn mention(&mut self, path: UsePath, anywhere: bool, whole: bool) {
        self.push(PathRef::new(path, anywhere, whole));
    }

    /// Adds a reference, unless it is a bare name that is already recorded in the
    /// same way.
    fn push(&mut self, mention: PathRef) {
        if let ([name], false) = (mention.path.names.as_slice(), mention.path.global) {
            let flags = [
                mention.anywhere,
                mention.whole,
                mention.is_object,
                mention.is_local,
            ];
            let flags = flags.iter().fold(0, |all, &flag| all << 1 | u8::from(flag));
            if !self.seen.insert((*name, flags)) {
                return;
            }
        }
        self.facts.paths.push(mention);
    }

    fn macro_call(&mut self, at: usize, mode: CollectMode) -> usize {
        let file = self.file;
        let open = (at + 2..).find(|&i| file.opens(i)).unwrap_or(at + 2);
        let name = Name::new(file.text(at));
        if name == "macro_rules" {
            self.run(file.inside(open), CollectMode::Loose, false);
        } else {
            self.called(UsePath::bare(name), mode, open);
        }
        file.after(open)
    }

    /// Reads a macro call whose arguments open at `open`.
    fn called(&mut self, path: UsePath, mode: CollectMode, open: usize) {
        let inside = self.file.inside(open);
        let Some(name) = path.last() else { return };
        let is_bare = path.names.len() == 1;
        let is_of_std = self.world.is_standard_crate(self.krate, path.names[0]);
        let is_standard = is_of_std || (is_bare && !(self.is_shadowed)(name));
        self.mention(path.clone(), true, false);
        self.facts.loose.insert(name);
        // If the name is shadowed somewhere in the crate, it may be either macro.
        let may_be_built_in = (is_of_std || is_bare) && self.built_in(name, inside.clone());
        let is_built_in = is_standard && may_be_built_in;
        let is_plain = is_standard && PLAIN.contains(&name.as_str());
        if !is_built_in && !is_plain {
            self.given(path, inside.clone());
        }
        let is_followed = || {
            let argument = inside.clone();
            self.world
                .text_argument(self.krate, self.file, argument, None)
                .is_some()
        };
        if is_built_in && is_include(name) && is_followed() {
            return;
        }
        let inner = if mode == CollectMode::Loose || !is_plain {
            CollectMode::Loose
        } else {
            CollectMode::Format
        };
        self.run(inside, inner, false);
    }

    /// Reads the input of a macro whose definition may use it in any way.
    fn given(&mut self, path: UsePath, inside: Span) {
        let file = self.file;
        let words = inside.clone().filter_map(|i| file.name(i));
        let words = words.filter(|word| !self.is_keyword(word.as_str()));
        let mut words: Vec<Name> = words.collect();
        words.sort_unstable();
        words.dedup();
        let texts = literal::strings(file, inside.clone());
        self.facts.texts.extend(texts.map(|text| Name::new(&text)));
        for part in attribute::split(file, inside.clone()) {
            if self.is_macro && part.clone().any(|i| file.is(i, b'$')) {
                let file = Arc::clone(file);
                self.facts.open.push(Unresolved::Text(file, part));
            }
        }
        let texts = self.world.text_arguments(self.krate, file, inside.clone());
        let texts = texts.iter().map(|text| Name::new(text));
        self.facts.texts.extend(texts);
        self.facts.calls.push(MacroCall {
            path,
            words,
            arguments: inside,
        });
    }

    fn attribute(&mut self, at: usize, mode: CollectMode) -> usize {
        let file = self.file;
        let open = if file.is(at + 1, b'!') {
            at + 2
        } else {
            at + 1
        };
        if !file.is(open, b'[') || !file.opens(open) {
            return at + 1;
        }
        let inside = file.inside(open);
        if !attribute::counts(file, &inside) {
            self.depends(inside.clone());
            if mode == CollectMode::Loose {
                // A macro may interpret it in any way.
                self.run(inside, CollectMode::Loose, false);
            }
            return file.after(open);
        }
        if self.condition(&inside) {
            return file.after(open);
        }
        let inner = if mode == CollectMode::Loose {
            for path in attached_macros::foreign(file, &inside) {
                self.given(path, inside.clone());
            }
            CollectMode::Loose
        } else {
            CollectMode::Attribute
        };
        self.run(inside, inner, false);
        file.after(open)
    }
}

fn is_include(name: Name) -> bool {
    matches!(name.as_str(), "include" | "include_str" | "include_bytes")
}

/// Returns whether the word at `at` is a field or method.
fn is_after_dot(file: &LexedFile, at: usize) -> bool {
    at > 0 && file.is(at - 1, b'.') && !(at > 1 && file.is(at - 2, b'.') && file.is_joint(at - 2))
}

/// Returns whether the word at `at` names a field in braces, and not a type in a
/// `where` clause, which is capitalized.
fn is_field(file: &LexedFile, at: usize) -> bool {
    file.is(at + 1, b':')
        && !file.text(at).starts_with(char::is_uppercase)
        && !file.is_path_sep(at + 1)
        && at > 0
        && (file.is(at - 1, b'{') || file.is(at - 1, b','))
}

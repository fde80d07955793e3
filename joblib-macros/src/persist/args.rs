//! `#[persist(..)]`: what the words on a type, a variant and a field decide.

use proc_macro2::{Ident, Span};
use syn::spanned::Spanned;
use syn::{Attribute, ExprPath, LitStr, Path, Type, WherePredicate};

use super::compress::Compress;
use super::words::{Word, words};
use crate::errors::Errors;
use crate::slot::Slot;

/// What stands on a type.
pub(super) struct OfType {
    pub(super) krate: Option<Path>,
    /// Older types, in the order they are tried.
    pub(super) olds: Vec<Type>,
    /// What the type of its view is called.
    pub(super) view: Option<Ident>,
    /// Whether it is written and never read.
    pub(super) is_write_only: bool,
    /// Whether files have its only field in its place.
    pub(super) is_transparent: bool,
    /// What stands for fields that a file lacks: that of a value as a whole.
    pub(super) default: Option<Fallback>,
    /// What is asked of its parameters, where the user says it.
    pub(super) bound: Option<Vec<WherePredicate>>,
}

impl OfType {
    pub(super) fn new(attributes: &[Attribute], errors: &mut Errors) -> Self {
        let mut krate = Slot::new("crate");
        let mut view = Slot::new("view");
        let mut write_only = Slot::new("write_only");
        let mut transparent = Slot::new("transparent");
        let mut default = Slot::new("default");
        let mut bound = Slot::new("bound");
        let mut olds = Vec::new();
        for word in words(attributes, errors) {
            let name = word.name.clone();
            match name.to_string().as_str() {
                "crate" => {
                    if let Some(path) = word.path("crate = path", errors) {
                        krate.set(&name, path, errors);
                    }
                }
                "from" => olds.extend(word.ty("from = OldModel", errors)),
                "view" => {
                    let path = word.path("view = Name", errors);
                    match path.as_ref().map(|path| path.get_ident()) {
                        Some(Some(ident)) => view.set(&name, ident.clone(), errors),
                        Some(None) => errors.on(path, "`view` wants a name: `view = Name`"),
                        None => {}
                    }
                }
                "write_only" => {
                    word.alone(errors);
                    write_only.set(&name, (), errors);
                }
                "transparent" => {
                    word.alone(errors);
                    transparent.set(&name, (), errors);
                }
                "default" => set_default(&mut default, &word, errors),
                "bound" => set_bound(&mut bound, &word, errors),
                "skip" | "with" | "serde" | "compress" => word.misplaced("a field", errors),
                "rename" | "alias" => {
                    let message = format!(
                        "`{name}` belongs on a field or a variant; the name of a type can change"
                    );
                    errors.at(name.span(), message);
                }
                _ => word.unknown(
                    "a type takes `from = Old`, `view = Name`, `default`, `transparent`, \
                     `write_only`, `bound` and `crate = path`",
                    errors,
                ),
            }
        }
        if write_only.is_set() && !olds.is_empty() {
            errors.on(&olds[0], "a type that is never read has no older ones");
        }
        if let (true, Some(old)) = (transparent.is_set(), olds.first()) {
            errors.on(
                old,
                "of a transparent type, files have the field alone: `from` belongs on \
                            the type of that",
            );
        }
        refuse_together(
            &transparent,
            &default,
            "the field of a transparent type is always there",
            errors,
        );
        OfType {
            krate: krate.get().cloned(),
            olds,
            view: view.get().cloned(),
            is_write_only: write_only.is_set(),
            is_transparent: transparent.is_set(),
            default: default.into_inner(),
            bound: bound.into_inner(),
        }
    }
}

/// What a field or a variant is called in files.
#[derive(Default)]
pub(super) struct Names {
    pub(super) name: Option<LitStr>,
    pub(super) aliases: Vec<LitStr>,
}

impl Names {
    fn alias(&mut self, word: &Word, errors: &mut Errors) {
        let Some(alias) = word.text("alias = \"old_name\"", errors) else {
            return;
        };
        match self.aliases.iter().any(|it| it.value() == alias.value()) {
            true => errors.on(alias, "this alias is given twice"),
            false => self.aliases.push(alias),
        }
    }

    fn rename(slot: &mut Slot<LitStr>, word: &Word, errors: &mut Errors) {
        if let Some(text) = word.text("rename = \"name\"", errors) {
            slot.set(&word.name, text, errors);
        }
    }
}

/// What stands on a variant.
#[derive(Default)]
pub(super) struct OfVariant {
    pub(super) names: Names,
    /// Whether no file has it.
    pub(super) is_skipped: bool,
}

impl OfVariant {
    pub(super) fn new(attributes: &[Attribute], errors: &mut Errors) -> Self {
        let mut names = Names::default();
        let mut rename = Slot::new("rename");
        let mut skip = Slot::new("skip");
        for word in words(attributes, errors) {
            match word.name.to_string().as_str() {
                "rename" => Names::rename(&mut rename, &word, errors),
                "alias" => names.alias(&word, errors),
                "skip" => {
                    word.alone(errors);
                    skip.set(&word.name, (), errors);
                }
                "default" | "with" | "serde" | "compress" => word.misplaced("a field", errors),
                "crate" | "from" | "view" | "write_only" | "transparent" | "bound" => {
                    word.misplaced("the type", errors);
                }
                _ => word.unknown("a variant takes `rename`, `alias` and `skip`", errors),
            }
        }
        let nameless = "what is skipped has no name in a file";
        refuse_together(&skip, &rename, nameless, errors);
        if let (true, Some(alias)) = (skip.is_set(), names.aliases.first()) {
            errors.on(alias, nameless);
        }
        names.name = rename.get().cloned();
        let is_skipped = skip.is_set();
        OfVariant { names, is_skipped }
    }
}

/// How a field is written.
pub(super) enum How {
    /// By its own `Persist`.
    Plain,
    /// As nothing: an array of none, whatever its elements would be.
    Empty,
    /// As serde describes it.
    Serde,
    /// As the functions `serialize` and `deserialize` of a module do it.
    With(Path),
    /// Not at all.
    Skip,
}

/// What stands for a field that a file lacks.
pub(super) enum Fallback {
    Default(Span),
    Function(ExprPath),
}

/// What stands on a field.
pub(super) struct OfField {
    pub(super) names: Names,
    pub(super) how: How,
    pub(super) default: Option<Fallback>,
    pub(super) compress: Option<Compress>,
    /// What the field asks of parameters, where the user says it.
    pub(super) bound: Option<Vec<WherePredicate>>,
}

impl OfField {
    pub(super) fn new(attributes: &[Attribute], is_named: bool, errors: &mut Errors) -> Self {
        let mut names = Names::default();
        let mut rename = Slot::new("rename");
        let mut default = Slot::new("default");
        let mut compress = Slot::new("compress");
        let mut skip = Slot::new("skip");
        let mut serde = Slot::new("serde");
        let mut with = Slot::new("with");
        let mut bound = Slot::new("bound");
        for word in words(attributes, errors) {
            let name = word.name.clone();
            match name.to_string().as_str() {
                "rename" | "alias" if !is_named => {
                    let message = format!("`{name}` needs a field with a name, this has a place");
                    errors.at(name.span(), message);
                }
                "rename" => Names::rename(&mut rename, &word, errors),
                "alias" => names.alias(&word, errors),
                "skip" => {
                    word.alone(errors);
                    skip.set(&name, (), errors);
                }
                "serde" => {
                    word.alone(errors);
                    serde.set(&name, (), errors);
                }
                "with" => {
                    if let Some(path) = word.path("with = module", errors) {
                        with.set(&name, path, errors);
                    }
                }
                "default" => set_default(&mut default, &word, errors),
                "bound" => set_bound(&mut bound, &word, errors),
                "compress" => {
                    let text = word.text("compress = \"zstd:3\"", errors);
                    match text.as_ref().map(Compress::new) {
                        Some(Ok(how)) => compress.set(&name, how, errors),
                        Some(Err(error)) => errors.push(error),
                        None => {}
                    }
                }
                "crate" | "from" | "view" | "write_only" | "transparent" => {
                    word.misplaced("the type", errors);
                }
                _ => word.unknown(
                    "a field takes `skip`, `default`, `rename`, `alias`, `serde`, `with`, \
                     `compress` and `bound`",
                    errors,
                ),
            }
        }
        refuse_together(&skip, &serde, "what is skipped is not written", errors);
        refuse_together(&skip, &with, "what is skipped is not written", errors);
        refuse_together(
            &skip,
            &rename,
            "what is skipped has no name in a file",
            errors,
        );
        refuse_together(&skip, &compress, "what is skipped is not written", errors);
        refuse_together(&serde, &with, "`with` is serde's already", errors);
        for serde in [serde.is_set(), with.is_set()] {
            if let (true, Some(span)) = (serde, compress.span()) {
                errors.at(span, "what serde describes has no arrays to compress");
            }
        }
        if let (true, Some(alias)) = (skip.is_set(), names.aliases.first()) {
            errors.on(alias, "what is skipped has no name in a file");
        }
        names.name = rename.get().cloned();
        let how = match (skip.is_set(), serde.is_set(), take(with)) {
            (true, ..) => How::Skip,
            (_, _, Some(path)) => How::With(path),
            (_, true, _) => How::Serde,
            _ => How::Plain,
        };
        OfField {
            names,
            how,
            default: take(default),
            compress: take(compress),
            bound: take(bound),
        }
    }
}

fn take<T>(slot: Slot<T>) -> Option<T> {
    slot.into_inner()
}

fn refuse_together<A, B>(first: &Slot<A>, second: &Slot<B>, why: &str, errors: &mut Errors) {
    if let (true, Some(span)) = (first.is_set(), second.span()) {
        errors.at(span, why);
    }
}

fn set_default(slot: &mut Slot<Fallback>, word: &Word, errors: &mut Errors) {
    let fallback = match word.is_alone() {
        true => Some(Fallback::Default(word.span())),
        false => word
            .function("default = function", errors)
            .map(Fallback::Function),
    };
    if let Some(fallback) = fallback {
        slot.set(&word.name, fallback, errors);
    }
}

fn set_bound(slot: &mut Slot<Vec<WherePredicate>>, word: &Word, errors: &mut Errors) {
    if let Some(predicates) = word.predicates(errors) {
        slot.set(&word.name, predicates, errors);
    }
}

impl Fallback {
    pub(super) fn span(&self) -> Span {
        match self {
            Fallback::Default(span) => *span,
            Fallback::Function(path) => path.span(),
        }
    }
}

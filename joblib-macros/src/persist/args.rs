//! Interprets the options of `#[persist(..)]` on a type, a variant and a field.

use proc_macro2::{Ident, Span};
use syn::spanned::Spanned;
use syn::{Attribute, ExprPath, LitStr, Path, Type, WherePredicate};

use super::compress::FieldCompression;
use super::meta::{Meta, parse_options};
use crate::errors::ErrorList;
use crate::option_slot::OptionSlot;

const TYPE_OPTIONS: [&str; 8] = [
    "from",
    "view",
    "default",
    "transparent",
    "write_only",
    "bound",
    "remote",
    "crate",
];

const VARIANT_OPTIONS: [&str; 3] = ["rename", "alias", "skip"];

const FIELD_OPTIONS: [&str; 10] = [
    "skip", "default", "rename", "alias", "serde", "with", "remote", "getter", "compress", "bound",
];

/// The options of a type.
pub(super) struct TypeArgs {
    pub(super) krate: Option<Path>,
    /// Older versions of the type, in the order they are tried.
    pub(super) olds: Vec<Type>,
    /// The name of its view type.
    pub(super) view: Option<Ident>,
    /// Whether the type is only written and never read.
    pub(super) is_write_only: bool,
    /// Whether files contain its only field in its place.
    pub(super) is_transparent: bool,
    /// The value that supplies the fields that a file lacks.
    pub(super) default: Option<MissingField>,
    /// The bounds of the implementations, if the user sets them.
    pub(super) bound: Option<Vec<WherePredicate>>,
    /// The type of another crate that this type describes.
    pub(super) remote: Option<Type>,
}

impl TypeArgs {
    pub(super) fn new(attributes: &[Attribute], errors: &mut ErrorList) -> Self {
        let mut krate = OptionSlot::new("crate");
        let mut view = OptionSlot::new("view");
        let mut write_only = OptionSlot::new("write_only");
        let mut transparent = OptionSlot::new("transparent");
        let mut default = OptionSlot::new("default");
        let mut bound = OptionSlot::new("bound");
        let mut remote = OptionSlot::new("remote");
        let mut olds = Vec::new();
        for option in parse_options(attributes, errors) {
            let name = option.name.clone();
            match name.to_string().as_str() {
                "crate" => {
                    if let Some(path) = option.path("crate = path", errors) {
                        krate.set(&name, path, errors);
                    }
                }
                "from" => olds.extend(option.ty("from = OldModel", errors)),
                "view" => {
                    let path = option.path("view = Name", errors);
                    match path.as_ref().map(|path| path.get_ident()) {
                        Some(Some(ident)) => view.set(&name, ident.clone(), errors),
                        Some(None) => errors.on(path, "`view` takes a name, as in `view = Name`"),
                        None => {}
                    }
                }
                "write_only" => {
                    option.expect_no_value(errors);
                    write_only.set(&name, (), errors);
                }
                "transparent" => {
                    option.expect_no_value(errors);
                    transparent.set(&name, (), errors);
                }
                "default" => set_default(&mut default, &option, errors),
                "bound" => set_bound(&mut bound, &option, errors),
                "remote" => {
                    if let Some(ty) = option.ty("remote = other::Type", errors) {
                        remote.set(&name, ty, errors);
                    }
                }
                "skip" | "with" | "serde" | "getter" | "compress" => {
                    option.misplaced("a field", errors);
                }
                "rename" | "alias" => {
                    let message = format!(
                        "`{name}` belongs on a field or a variant; a type can be renamed without it"
                    );
                    errors.at(name.span(), message);
                }
                _ => option.unknown(
                    &TYPE_OPTIONS,
                    "a type takes `from = Old`, `view = Name`, `default`, `transparent`, \
                     `write_only`, `bound`, `remote = Type` and `crate = path`",
                    errors,
                ),
            }
        }
        if write_only.is_set() && !olds.is_empty() {
            errors.on(
                &olds[0],
                "`from` has no effect on a `write_only` type; remove one of them",
            );
        }
        if let (true, Some(old)) = (transparent.is_set(), olds.first()) {
            errors.on(
                old,
                "a `transparent` type is stored as its field; put `from` on the type of the field",
            );
        }
        reject_together(
            &transparent,
            &default,
            "`default` has no effect on a `transparent` type, because its field is always \
             stored; remove one of them",
            errors,
        );
        TypeArgs {
            krate: krate.get().cloned(),
            olds,
            view: view.get().cloned(),
            is_write_only: write_only.is_set(),
            is_transparent: transparent.is_set(),
            default: default.into_inner(),
            bound: bound.into_inner(),
            remote: remote.into_inner(),
        }
    }
}

/// The names of a field or a variant in files.
#[derive(Default)]
pub(super) struct FileNames {
    pub(super) name: Option<LitStr>,
    pub(super) aliases: Vec<LitStr>,
}

impl FileNames {
    fn alias(&mut self, option: &Meta, errors: &mut ErrorList) {
        let Some(alias) = option.text("alias = \"old_name\"", errors) else {
            return;
        };
        match self.aliases.iter().any(|it| it.value() == alias.value()) {
            true => errors.on(alias, "duplicate `alias`; keep one"),
            false => self.aliases.push(alias),
        }
    }

    fn rename(slot: &mut OptionSlot<LitStr>, option: &Meta, errors: &mut ErrorList) {
        if let Some(text) = option.text("rename = \"name\"", errors) {
            slot.set(&option.name, text, errors);
        }
    }
}

/// The options of a variant.
#[derive(Default)]
pub(super) struct VariantArgs {
    pub(super) names: FileNames,
    /// Whether files never contain the variant.
    pub(super) is_skipped: bool,
}

impl VariantArgs {
    pub(super) fn new(attributes: &[Attribute], errors: &mut ErrorList) -> Self {
        let mut names = FileNames::default();
        let mut rename = OptionSlot::new("rename");
        let mut skip = OptionSlot::new("skip");
        for option in parse_options(attributes, errors) {
            match option.name.to_string().as_str() {
                "rename" => FileNames::rename(&mut rename, &option, errors),
                "alias" => names.alias(&option, errors),
                "skip" => {
                    option.expect_no_value(errors);
                    skip.set(&option.name, (), errors);
                }
                "default" | "with" | "serde" | "getter" | "compress" => {
                    option.misplaced("a field", errors);
                }
                "remote" => option.misplaced("the type or a field", errors),
                "crate" | "from" | "view" | "write_only" | "transparent" | "bound" => {
                    option.misplaced("the type", errors);
                }
                _ => option.unknown(
                    &VARIANT_OPTIONS,
                    "a variant takes `rename`, `alias` and `skip`",
                    errors,
                ),
            }
        }
        reject_together(&skip, &rename, SKIPPED_NAME, errors);
        if let (true, Some(alias)) = (skip.is_set(), names.aliases.first()) {
            errors.on(alias, SKIPPED_NAME);
        }
        names.name = rename.get().cloned();
        let is_skipped = skip.is_set();
        VariantArgs { names, is_skipped }
    }
}

/// How a field is encoded.
pub(super) enum FieldCodec {
    /// By its `Persist` implementation.
    Plain,
    /// As nothing: an array of length 0, whose element type needs no `Persist`.
    Empty,
    /// Through serde.
    Serde,
    /// By the functions `serialize` and `deserialize` of a module.
    With(Path),
    /// Not stored.
    Skip,
}

/// The source of the value of a field that a file lacks.
pub(super) enum MissingField {
    Default(Span),
    Function(ExprPath),
}

/// The options of a field.
pub(super) struct FieldArgs {
    pub(super) names: FileNames,
    pub(super) how: FieldCodec,
    pub(super) default: Option<MissingField>,
    pub(super) compress: Option<FieldCompression>,
    /// The bounds that the field needs, if the user sets them.
    pub(super) bound: Option<Vec<WherePredicate>>,
    /// The type that describes the type of the field.
    pub(super) remote: Option<Path>,
    /// The function that returns the field of a value of the described type.
    pub(super) getter: Option<ExprPath>,
}

impl FieldArgs {
    pub(super) fn new(attributes: &[Attribute], is_named: bool, errors: &mut ErrorList) -> Self {
        let mut names = FileNames::default();
        let mut rename = OptionSlot::new("rename");
        let mut default = OptionSlot::new("default");
        let mut compress = OptionSlot::new("compress");
        let mut skip = OptionSlot::new("skip");
        let mut serde = OptionSlot::new("serde");
        let mut with = OptionSlot::new("with");
        let mut bound = OptionSlot::new("bound");
        let mut remote = OptionSlot::new("remote");
        let mut getter = OptionSlot::new("getter");
        for option in parse_options(attributes, errors) {
            let name = option.name.clone();
            match name.to_string().as_str() {
                "rename" | "alias" if !is_named => {
                    let message =
                        format!("`{name}` needs a named field; this one is stored by its position");
                    errors.at(name.span(), message);
                }
                "rename" => FileNames::rename(&mut rename, &option, errors),
                "alias" => names.alias(&option, errors),
                "skip" => {
                    option.expect_no_value(errors);
                    skip.set(&name, (), errors);
                }
                "serde" => {
                    option.expect_no_value(errors);
                    serde.set(&name, (), errors);
                }
                "with" => {
                    if let Some(path) = option.path("with = module", errors) {
                        with.set(&name, path, errors);
                    }
                }
                "remote" => {
                    if let Some(path) = option.path("remote = Definition", errors) {
                        remote.set(&name, path, errors);
                    }
                }
                "getter" => {
                    if let Some(path) = option.function("getter = Type::function", errors) {
                        getter.set(&name, path, errors);
                    }
                }
                "default" => set_default(&mut default, &option, errors),
                "bound" => set_bound(&mut bound, &option, errors),
                "compress" => {
                    let text = option.text("compress = \"zstd:3\"", errors);
                    match text.as_ref().map(FieldCompression::new) {
                        Some(Ok(how)) => compress.set(&name, how, errors),
                        Some(Err(error)) => errors.push(error),
                        None => {}
                    }
                }
                "crate" | "from" | "view" | "write_only" | "transparent" => {
                    option.misplaced("the type", errors);
                }
                _ => option.unknown(
                    &FIELD_OPTIONS,
                    "a field takes `skip`, `default`, `rename`, `alias`, `serde`, `with`, \
                     `remote`, `getter`, `compress` and `bound`",
                    errors,
                ),
            }
        }
        reject_together(&skip, &serde, SKIPPED_VALUE, errors);
        reject_together(&skip, &with, SKIPPED_VALUE, errors);
        reject_together(&skip, &remote, SKIPPED_VALUE, errors);
        reject_together(&skip, &getter, SKIPPED_VALUE, errors);
        for (uses_serde, name) in [(serde.is_set(), "serde"), (with.is_set(), "with")] {
            if let (true, Some(span)) = (uses_serde, remote.span()) {
                errors.at(
                    span,
                    format!("`{name}` already says how the field is written; remove `remote`"),
                );
            }
        }
        reject_together(&skip, &rename, SKIPPED_NAME, errors);
        reject_together(&skip, &compress, SKIPPED_VALUE, errors);
        reject_together(
            &serde,
            &with,
            "`with` already uses serde; remove `serde`",
            errors,
        );
        for uses_serde in [serde.is_set(), with.is_set()] {
            if let (true, Some(span)) = (uses_serde, compress.span()) {
                errors.at(
                    span,
                    "`compress` does not support fields that serde encodes; remove one of them",
                );
            }
        }
        if let (true, Some(alias)) = (skip.is_set(), names.aliases.first()) {
            errors.on(alias, SKIPPED_NAME);
        }
        names.name = rename.get().cloned();
        let how = match (skip.is_set(), serde.is_set(), take(with)) {
            (true, ..) => FieldCodec::Skip,
            (_, _, Some(path)) => FieldCodec::With(path),
            (_, true, _) => FieldCodec::Serde,
            _ => FieldCodec::Plain,
        };
        FieldArgs {
            names,
            how,
            default: take(default),
            compress: take(compress),
            bound: take(bound),
            remote: take(remote),
            getter: take(getter),
        }
    }
}

const SKIPPED_NAME: &str = "`rename` and `alias` have no effect with `skip`; remove one of them";

const SKIPPED_VALUE: &str = "`serde`, `with`, `remote`, `getter` and `compress` have no effect with `skip`; remove one of \
     them";

fn take<T>(slot: OptionSlot<T>) -> Option<T> {
    slot.into_inner()
}

fn reject_together<A, B>(
    first: &OptionSlot<A>,
    second: &OptionSlot<B>,
    why: &str,
    errors: &mut ErrorList,
) {
    if let (true, Some(span)) = (first.is_set(), second.span()) {
        errors.at(span, why);
    }
}

fn set_default(slot: &mut OptionSlot<MissingField>, option: &Meta, errors: &mut ErrorList) {
    let fallback = match option.has_no_value() {
        true => Some(MissingField::Default(option.span())),
        false => option
            .function("default = function", errors)
            .map(MissingField::Function),
    };
    if let Some(fallback) = fallback {
        slot.set(&option.name, fallback, errors);
    }
}

fn set_bound(slot: &mut OptionSlot<Vec<WherePredicate>>, option: &Meta, errors: &mut ErrorList) {
    if let Some(predicates) = option.predicates(errors) {
        slot.set(&option.name, predicates, errors);
    }
}

impl MissingField {
    pub(super) fn span(&self) -> Span {
        match self {
            MissingField::Default(span) => *span,
            MissingField::Function(path) => path.span(),
        }
    }
}

//! `#[persist(..)]`: the words on a type, a variant and a field.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Attribute, Lit, LitStr, Path, Token, Type};

use crate::errors::Errors;
use crate::slot::Slot;

/// One word of an attribute, with what it is set to.
struct Word {
    name: Ident,
    value: Value,
}

enum Value {
    None,
    Text(LitStr),
    Type(Box<Type>),
    /// What no word takes.
    Literal,
}

impl Parse for Word {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let name = input.call(Ident::parse_any)?;
        if input.parse::<Option<Token![=]>>()?.is_none() {
            let value = Value::None;
            return Ok(Word { name, value });
        }
        let value = if input.peek(LitStr) {
            Value::Text(input.parse()?)
        } else if input.peek(Lit) {
            input.parse::<Lit>()?;
            Value::Literal
        } else {
            Value::Type(input.parse()?)
        };
        Ok(Word { name, value })
    }
}

impl Word {
    fn span(&self) -> Span {
        self.name.span()
    }

    fn text(&self, example: &str, errors: &mut Errors) -> Option<LitStr> {
        match &self.value {
            Value::Text(text) if !text.value().is_empty() => Some(text.clone()),
            _ => {
                let name = &self.name;
                errors.at(self.span(), format!("`{name}` wants a text: `{example}`"));
                None
            }
        }
    }

    /// A path, which may stand in quotes as serde has it.
    fn path(&self, example: &str, errors: &mut Errors) -> Option<Path> {
        let path = match &self.value {
            Value::Text(text) => text.parse_with(Path::parse_mod_style).ok(),
            Value::Type(ty) => match whole(ty) {
                Type::Path(path) if path.qself.is_none() => Some(path.path.clone()),
                _ => None,
            },
            Value::None | Value::Literal => None,
        };
        if path.is_none() {
            let name = &self.name;
            errors.at(self.span(), format!("`{name}` wants a path: `{example}`"));
        }
        path
    }

    fn ty(&self, example: &str, errors: &mut Errors) -> Option<Type> {
        let ty = match &self.value {
            Value::Text(text) => text.parse().ok(),
            Value::Type(ty) => Some((**ty).clone()),
            Value::None | Value::Literal => None,
        };
        if ty.is_none() {
            let name = &self.name;
            errors.at(self.span(), format!("`{name}` wants a type: `{example}`"));
        }
        ty
    }

    /// Makes sure that it has no value.
    fn alone(&self, errors: &mut Errors) {
        if !matches!(self.value, Value::None) {
            let name = &self.name;
            errors.at(self.span(), format!("`{name}` takes no value"));
        }
    }

    fn misplaced(&self, place: &str, errors: &mut Errors) {
        let name = &self.name;
        errors.at(self.span(), format!("`{name}` belongs on {place}"));
    }

    fn unknown(&self, known: &str, errors: &mut Errors) {
        let name = &self.name;
        let message = format!("`{name}` is not known here; {known}");
        errors.at(self.span(), message);
    }
}

/// The type without what a macro by example puts around it.
pub(super) fn whole(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => whole(&group.elem),
        Type::Paren(group) => whole(&group.elem),
        ty => ty,
    }
}

fn words(attributes: &[Attribute], errors: &mut Errors) -> Vec<Word> {
    let mut words = Vec::new();
    for attribute in attributes.iter().filter(|it| it.path().is_ident("persist")) {
        match attribute.parse_args_with(Punctuated::<Word, Token![,]>::parse_terminated) {
            Ok(more) => words.extend(more),
            Err(error) => errors.push(error),
        }
    }
    words
}

/// What stands on a type.
pub(super) struct OfType {
    pub(super) krate: Option<Path>,
    /// Older types, in the order they are tried.
    pub(super) olds: Vec<Type>,
    /// What the type of its view is called.
    pub(super) view: Option<Ident>,
    /// Whether it is written and never read.
    pub(super) is_write_only: bool,
}

impl OfType {
    pub(super) fn new(attributes: &[Attribute], errors: &mut Errors) -> Self {
        let mut krate = Slot::new("crate");
        let mut view = Slot::new("view");
        let mut write_only = Slot::new("write_only");
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
                "skip" | "default" | "with" | "serde" | "compress" => {
                    word.misplaced("a field", errors);
                }
                "rename" | "alias" => {
                    let message = format!(
                        "`{name}` belongs on a field or a variant; the name of a type can change"
                    );
                    errors.at(name.span(), message);
                }
                _ => word.unknown(
                    "a type takes `from = Old`, `view = Name`, `write_only` and `crate = path`",
                    errors,
                ),
            }
        }
        if write_only.is_set() && !olds.is_empty() {
            errors.on(&olds[0], "a type that is never read has no older ones");
        }
        OfType {
            krate: krate.get().cloned(),
            olds,
            view: view.get().cloned(),
            is_write_only: write_only.is_set(),
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
pub(super) fn of_variant(attributes: &[Attribute], errors: &mut Errors) -> Names {
    let mut names = Names::default();
    let mut rename = Slot::new("rename");
    for word in words(attributes, errors) {
        match word.name.to_string().as_str() {
            "rename" => Names::rename(&mut rename, &word, errors),
            "alias" => names.alias(&word, errors),
            "skip" | "default" | "with" | "serde" | "compress" => {
                word.misplaced("a field", errors);
            }
            "crate" | "from" | "view" | "write_only" => word.misplaced("the type", errors),
            _ => word.unknown("a variant takes `rename` and `alias`", errors),
        }
    }
    names.name = rename.get().cloned();
    names
}

/// How a field is written.
pub(super) enum How {
    /// By its own `Persist`.
    Plain,
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
    Path(Path),
}

/// What stands on a field.
pub(super) struct OfField {
    pub(super) names: Names,
    pub(super) how: How,
    pub(super) default: Option<Fallback>,
    pub(super) compress: Option<Compress>,
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
                "default" => {
                    let fallback = match word.value {
                        Value::None => Some(Fallback::Default(name.span())),
                        _ => word.path("default = function", errors).map(Fallback::Path),
                    };
                    if let Some(fallback) = fallback {
                        default.set(&name, fallback, errors);
                    }
                }
                "compress" => {
                    let text = word.text("compress = \"zstd:3\"", errors);
                    match text.as_ref().map(Compress::new) {
                        Some(Ok(how)) => compress.set(&name, how, errors),
                        Some(Err(error)) => errors.push(error),
                        None => {}
                    }
                }
                "crate" | "from" | "view" | "write_only" => word.misplaced("the type", errors),
                _ => word.unknown(
                    "a field takes `skip`, `default`, `rename`, `alias`, `serde`, `with` \
                     and `compress`",
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

/// How an array is compressed, as a text says it.
pub(super) struct Compress {
    variant: Ident,
    level: Option<i64>,
}

/// A way to compress.
struct Compression {
    name: &'static str,
    variant: &'static str,
    feature: &'static str,
    is_there: bool,
    usual: i64,
    levels: std::ops::RangeInclusive<i64>,
}

macro_rules! compressions {
    ($($name:literal = $variant:literal, $feature:literal, $usual:literal of $levels:expr;)*) => {
        [$(Compression {
            name: $name,
            variant: $variant,
            feature: $feature,
            is_there: cfg!(feature = $feature),
            usual: $usual,
            levels: $levels,
        }),*]
    };
}

/// The compressions, as joblib's `Compress` has them.
const COMPRESSIONS: [Compression; 6] = compressions! {
    "zstd" = "Zstd", "zstd", 3 of 1..=22;
    "lz4" = "Lz4", "lz4", 0 of 0..=0;
    "zlib" = "Zlib", "zlib", 3 of 1..=9;
    "gzip" = "Gzip", "zlib", 3 of 1..=9;
    "bz2" = "Bz2", "bz2", 9 of 1..=9;
    "xz" = "Xz", "xz", 6 of 0..=9;
};

impl Compress {
    fn new(text: &LitStr) -> syn::Result<Self> {
        let value = text.value();
        let refuse = |message: String| Err(syn::Error::new(text.span(), message));
        if value == "none" {
            let variant = Ident::new("None", text.span());
            return Ok(Compress {
                variant,
                level: None,
            });
        }
        let (name, level) = match value.split_once(':') {
            Some((name, level)) => (name, Some(level)),
            None => (&*value, None),
        };
        let Some(known) = COMPRESSIONS.iter().find(|it| it.name == name) else {
            return refuse(format!(
                "`{value}` is no compression; write \"none\", \"zstd\", \"lz4\", \"zlib\", \
                 \"gzip\", \"bz2\" or \"xz\", and a level after it as in \"zstd:3\""
            ));
        };
        let Compression { usual, levels, .. } = known;
        let variant = Ident::new(known.variant, text.span());
        // A word that is wrong with every feature is told first.
        if !known.is_there && (level.is_none() || *levels != (0..=0)) {
            return refuse(format!(
                "compressing with {name} needs the feature `{}` of the crate `joblib`",
                known.feature
            ));
        }
        if *levels == (0..=0) {
            return match level {
                None => Ok(Compress {
                    variant,
                    level: None,
                }),
                Some(_) => refuse(format!("`{name}` has no levels; write \"{name}\"")),
            };
        }
        let number = level.map_or(Ok(*usual), str::parse);
        match number {
            Ok(number) if levels.contains(&number) => Ok(Compress {
                variant,
                level: Some(number),
            }),
            _ => {
                let (least, most) = (levels.start(), levels.end());
                refuse(format!(
                    "`{value}`: the levels of {name} go from {least} to {most}, as in \
                     \"{name}:{usual}\""
                ))
            }
        }
    }
}

impl ToTokens for Compress {
    fn to_tokens(&self, out: &mut TokenStream) {
        let variant = &self.variant;
        let level = self.level.map(proc_macro2::Literal::i64_unsuffixed);
        out.extend(match level {
            Some(level) => quote!(#variant(#level)),
            None => quote!(#variant),
        });
    }
}

impl Fallback {
    pub(super) fn span(&self) -> Span {
        match self {
            Fallback::Default(span) => *span,
            Fallback::Path(path) => path.span(),
        }
    }
}

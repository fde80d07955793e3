//! Parses the options of `#[persist(..)]`. The module `args` interprets them.

use proc_macro2::{Ident, Span};
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Attribute, ExprPath, Lit, LitStr, Path, Token, Type, WherePredicate};

use crate::errors::ErrorList;
use crate::option;
use crate::spelling;

/// One option of the attribute, with its value.
pub(super) struct Meta {
    pub(super) name: Ident,
    value: MetaValue,
}

enum MetaValue {
    None,
    Text(LitStr),
    Type(Box<Type>),
    /// A literal other than a string, which no option takes.
    Literal,
}

impl Parse for Meta {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let name = option::name(input, "persist", "default")?;
        if input.parse::<Option<Token![=]>>()?.is_none() {
            let value = MetaValue::None;
            return Ok(Meta { name, value });
        }
        let value = if input.peek(LitStr) {
            MetaValue::Text(input.parse()?)
        } else if input.peek(Lit) {
            input.parse::<Lit>()?;
            MetaValue::Literal
        } else {
            MetaValue::Type(input.parse()?)
        };
        Ok(Meta { name, value })
    }
}

impl Meta {
    pub(super) fn span(&self) -> Span {
        self.name.span()
    }

    pub(super) fn text(&self, example: &str, errors: &mut ErrorList) -> Option<LitStr> {
        match &self.value {
            MetaValue::Text(text) if !text.value().is_empty() => Some(text.clone()),
            _ => {
                let name = &self.name;
                errors.at(
                    self.span(),
                    format!("`{name}` takes a non-empty string, as in `{example}`"),
                );
                None
            }
        }
    }

    /// Returns the value as a path, which may be in quotes as in serde's attributes.
    pub(super) fn path(&self, example: &str, errors: &mut ErrorList) -> Option<Path> {
        let path = match &self.value {
            MetaValue::Text(text) => text.parse_with(Path::parse_mod_style).ok(),
            MetaValue::Type(ty) => match whole(ty) {
                Type::Path(path) if path.qself.is_none() => Some(path.path.clone()),
                _ => None,
            },
            MetaValue::None | MetaValue::Literal => None,
        };
        if path.is_none() {
            let name = &self.name;
            errors.at(
                self.span(),
                format!("`{name}` takes a path, as in `{example}`"),
            );
        }
        path
    }

    /// Returns the value as the path of a function, such as `<T as Trait>::make`.
    pub(super) fn function(&self, example: &str, errors: &mut ErrorList) -> Option<ExprPath> {
        let function = match &self.value {
            MetaValue::Text(text) => text.parse().ok(),
            MetaValue::Type(ty) => match whole(ty) {
                Type::Path(path) => Some(ExprPath {
                    attrs: Vec::new(),
                    qself: path.qself.clone(),
                    path: path.path.clone(),
                }),
                _ => None,
            },
            MetaValue::None | MetaValue::Literal => None,
        };
        if function.is_none() {
            let name = &self.name;
            errors.at(
                self.span(),
                format!("`{name}` takes a path, as in `{example}`"),
            );
        }
        function
    }

    /// Returns the value as `where` predicates in quotes, which may be empty.
    pub(super) fn predicates(&self, errors: &mut ErrorList) -> Option<Vec<WherePredicate>> {
        let MetaValue::Text(text) = &self.value else {
            let message =
                "`bound` takes `where` predicates in quotes, as in `bound = \"T: Clone\"`";
            errors.at(self.span(), message);
            return None;
        };
        let parser = Punctuated::<WherePredicate, Token![,]>::parse_terminated;
        match text.parse_with(parser) {
            Ok(predicates) => Some(predicates.into_iter().collect()),
            Err(error) => {
                errors.push(error);
                None
            }
        }
    }

    /// Returns whether the option has no value.
    pub(super) fn has_no_value(&self) -> bool {
        matches!(self.value, MetaValue::None)
    }

    pub(super) fn ty(&self, example: &str, errors: &mut ErrorList) -> Option<Type> {
        let ty = match &self.value {
            MetaValue::Text(text) => text.parse().ok(),
            MetaValue::Type(ty) => Some((**ty).clone()),
            MetaValue::None | MetaValue::Literal => None,
        };
        if ty.is_none() {
            let name = &self.name;
            errors.at(
                self.span(),
                format!("`{name}` takes a type, as in `{example}`"),
            );
        }
        ty
    }

    /// Reports an error if the option has a value.
    pub(super) fn expect_no_value(&self, errors: &mut ErrorList) {
        if !matches!(self.value, MetaValue::None) {
            let name = &self.name;
            errors.at(
                self.span(),
                format!("`{name}` takes no value; write `{name}` alone"),
            );
        }
    }

    pub(super) fn misplaced(&self, place: &str, errors: &mut ErrorList) {
        let name = &self.name;
        errors.at(self.span(), format!("`{name}` belongs on {place}"));
    }

    /// Reports an unknown option. `known` are the valid options; `takes` describes them in
    /// the message.
    pub(super) fn unknown(&self, known: &[&str], takes: &str, errors: &mut ErrorList) {
        let name = &self.name;
        let hint = spelling::hint(&name.to_string(), known);
        let message = format!("unknown option `{name}`{hint}; {takes}");
        errors.at(self.span(), message);
    }
}

/// Returns the type without the groups that `macro_rules!` puts around fragments.
pub(super) fn whole(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => whole(&group.elem),
        Type::Paren(group) => whole(&group.elem),
        ty => ty,
    }
}

pub(super) fn parse_options(attributes: &[Attribute], errors: &mut ErrorList) -> Vec<Meta> {
    let mut options = Vec::new();
    for attribute in attributes.iter().filter(|it| it.path().is_ident("persist")) {
        match attribute.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated) {
            Ok(more) => options.extend(more),
            Err(error) => errors.push(error),
        }
    }
    options
}

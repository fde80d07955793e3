//! Parses `#[key(..)]`: `crate = path` and `bound = ".."` on a type, `skip` on
//! a field.

use proc_macro2::Ident;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{
    Attribute, Data, DeriveInput, Expr, Field, LitStr, Path, Token, WherePredicate, parse_quote,
};

use crate::errors::ErrorList;
use crate::option;
use crate::option_slot::OptionSlot;
use crate::spelling;

/// One option of the attribute, with its value.
struct Meta {
    name: Ident,
    value: MetaValue,
}

enum MetaValue {
    None,
    Path(Path),
    Text(LitStr),
    /// An expression that no option takes.
    Other,
}

impl Parse for Meta {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let name = option::name(input, "key", "skip")?;
        if input.parse::<Option<Token![=]>>()?.is_none() {
            let value = MetaValue::None;
            return Ok(Meta { name, value });
        }
        let value = if input.peek(LitStr) {
            MetaValue::Text(input.parse()?)
        } else if input.fork().call(Path::parse_mod_style).is_ok() {
            MetaValue::Path(input.call(Path::parse_mod_style)?)
        } else {
            input.parse::<Expr>()?;
            MetaValue::Other
        };
        Ok(Meta { name, value })
    }
}

fn parse_options(attributes: &[Attribute], errors: &mut ErrorList) -> Vec<Meta> {
    let mut options = Vec::new();
    for attribute in attributes.iter().filter(|it| it.path().is_ident("key")) {
        match attribute.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated) {
            Ok(more) => options.extend(more),
            Err(error) => errors.push(error),
        }
    }
    options
}

/// The options of the type.
pub(super) struct KeyOptions {
    /// The path of the joblib crate.
    pub(super) krate: Path,
    /// The bounds of the implementation, if the user sets them.
    pub(super) bound: Option<Vec<WherePredicate>>,
}

impl KeyOptions {
    pub(super) fn of_type(input: &DeriveInput, errors: &mut ErrorList) -> Self {
        let mut krate = OptionSlot::new("crate");
        let mut bound = OptionSlot::new("bound");
        for Meta { name, value } in parse_options(&input.attrs, errors) {
            match (name.to_string().as_str(), value) {
                ("crate", MetaValue::Path(path)) => krate.set(&name, path, errors),
                ("crate", _) => {
                    errors.at(name.span(), "`crate` takes a path, as in `crate = path`");
                }
                ("bound", MetaValue::Text(text)) => match predicates(&text) {
                    Ok(predicates) => bound.set(&name, predicates, errors),
                    Err(error) => errors.push(error),
                },
                ("bound", _) => errors.at(
                    name.span(),
                    "`bound` takes `where` predicates in quotes, as in `bound = \"T: Clone\"`",
                ),
                ("skip", _) => errors.at(
                    name.span(),
                    "`skip` belongs on a field; to leave a type out of keys, skip the fields of \
                     that type",
                ),
                _ => unknown(
                    &name,
                    &["bound", "crate"],
                    "a type takes `bound` and `crate = path`",
                    errors,
                ),
            }
        }
        if let Data::Enum(data) = &input.data {
            for variant in &data.variants {
                for Meta { name, .. } in parse_options(&variant.attrs, errors) {
                    unknown(
                        &name,
                        &[],
                        "a variant takes no options, its fields take `skip`",
                        errors,
                    );
                }
            }
        }
        let krate = krate.get().cloned();
        KeyOptions {
            krate: krate.unwrap_or_else(|| parse_quote!(::joblib)),
            bound: bound.into_inner(),
        }
    }
}

/// Returns whether the field is left out of the key.
pub(super) fn is_skipped(field: &Field, errors: &mut ErrorList) -> bool {
    let mut skip = OptionSlot::new("skip");
    for Meta { name, value } in parse_options(&field.attrs, errors) {
        match (name.to_string().as_str(), value) {
            ("skip", MetaValue::None) => skip.set(&name, (), errors),
            ("skip", _) => errors.at(name.span(), "`skip` takes no value; write `skip` alone"),
            ("crate", _) => errors.at(name.span(), "`crate = path` belongs on the type"),
            ("bound", _) => errors.at(name.span(), "`bound` belongs on the type"),
            _ => unknown(&name, &["skip"], "a field takes `skip`", errors),
        }
    }
    skip.is_set()
}

fn predicates(text: &LitStr) -> syn::Result<Vec<WherePredicate>> {
    let parser = Punctuated::<WherePredicate, Token![,]>::parse_terminated;
    Ok(text.parse_with(parser)?.into_iter().collect())
}

/// Reports the unknown option `name`. `known` are the valid options; `takes` describes
/// them in the message.
fn unknown(name: &Ident, known: &[&str], takes: &str, errors: &mut ErrorList) {
    let hint = spelling::hint(&name.to_string(), known);
    errors.at(
        name.span(),
        format!("unknown option `{name}`{hint}; {takes}"),
    );
}

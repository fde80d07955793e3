//! What is known of a type and decided about it, before any code is written.

use std::collections::HashMap;

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Data, DeriveInput, Field, Fields, LitStr, Member, Type, Visibility};

use super::args::{Compress, Fallback, How, Names, OfField, OfType, of_variant, whole};
use crate::errors::Errors;
use crate::krate::Krate;

/// A type that is to have `Persist`.
pub(super) struct Model<'a> {
    pub(super) input: &'a DeriveInput,
    pub(super) options: OfType,
    pub(super) view: Ident,
    /// One of a struct, one for each variant of an enum.
    pub(super) shapes: Vec<Shape<'a>>,
    pub(super) is_enum: bool,
    /// Whether mistakes were found: the code of the implementations would only
    /// repeat them.
    pub(super) is_wrong: bool,
}

/// A struct, or a variant of an enum.
pub(super) struct Shape<'a> {
    pub(super) variant: Option<&'a Ident>,
    /// What files call the variant.
    pub(super) name: String,
    pub(super) aliases: Vec<LitStr>,
    pub(super) fields: &'a Fields,
    pub(super) parts: Vec<Part<'a>>,
}

/// A field.
pub(super) struct Part<'a> {
    pub(super) field: &'a Field,
    pub(super) member: Member,
    /// Its place among all fields of the type.
    pub(super) number: usize,
    /// The variable that stands for it.
    pub(super) binding: Ident,
    /// What files call it; empty for a field with a place.
    pub(super) name: String,
    pub(super) aliases: Vec<LitStr>,
    pub(super) how: How,
    pub(super) default: Option<Fallback>,
    pub(super) compress: Option<Compress>,
}

impl<'a> Model<'a> {
    /// The model of what the user wrote, unless it is nothing that can have
    /// `Persist`.
    pub(super) fn new(input: &'a DeriveInput, errors: &mut Errors) -> Option<Self> {
        let options = OfType::new(&input.attrs, errors);
        let view = options.view.clone();
        let view = view.unwrap_or_else(|| format_ident!("{}View", input.ident.unraw()));
        let (mut shapes, is_enum) = match &input.data {
            Data::Struct(data) => {
                let shape = Shape::new(None, Names::default(), &data.fields, errors);
                (vec![shape], false)
            }
            Data::Enum(data) => {
                let shapes = data.variants.iter().map(|variant| {
                    let names = of_variant(&variant.attrs, errors);
                    Shape::new(Some(&variant.ident), names, &variant.fields, errors)
                });
                (shapes.collect(), true)
            }
            Data::Union(data) => {
                let message = "a union has no `Persist`, as nothing tells which field it holds";
                errors.at(data.union_token.span, message);
                return None;
            }
        };
        let parts = shapes.iter_mut().flat_map(|shape| &mut shape.parts);
        parts.enumerate().for_each(|(at, part)| part.number = at);
        let mut model = Model {
            input,
            options,
            view,
            shapes,
            is_enum,
            is_wrong: false,
        };
        model.check(errors);
        model.is_wrong = errors.are_there();
        Some(model)
    }

    pub(super) fn krate(&self) -> Krate<'_> {
        Krate::new(self.options.krate.as_ref(), proc_macro2::Span::call_site())
    }

    pub(super) fn visibility(&self) -> &Visibility {
        &self.input.vis
    }

    /// The fields that are written.
    pub(super) fn written(&self) -> impl Iterator<Item = &Part<'a>> {
        self.shapes.iter().flat_map(Shape::written)
    }

    /// Whether it has a type of its own that shows it in a map: what borrows
    /// nothing from one shows itself.
    pub(super) fn has_view(&self) -> bool {
        let mut written = self.written();
        !self.is_wrong && written.any(|part| matches!(part.how, How::Plain))
    }

    fn check(&self, errors: &mut Errors) {
        let variants = self.shapes.iter().filter_map(|shape| {
            let span = shape.variant?.span();
            let own = shape.variant?.unraw().to_string();
            Some((own, shape.name.clone(), &shape.aliases, span))
        });
        distinct(variants, errors);
        for shape in &self.shapes {
            let named = shape.written().filter(|part| !part.name.is_empty());
            let names = named.map(|part| {
                let own = part.field.ident.as_ref().map(|it| it.unraw().to_string());
                let span = part.member.span();
                (
                    own.unwrap_or_default(),
                    part.name.clone(),
                    &part.aliases,
                    span,
                )
            });
            distinct(names, errors);
            shape.check_order(errors);
        }
        if !self.options.is_write_only {
            self.check_borrowed(errors);
        }
    }

    /// A reference cannot be read back, whatever it refers to.
    fn check_borrowed(&self, errors: &mut Errors) {
        let plain = self.written().filter(|part| matches!(part.how, How::Plain));
        for part in plain {
            if let Type::Reference(ty) = whole(&part.field.ty) {
                let message = "a field that borrows cannot be read back; own the value, or put \
                               `#[persist(write_only)]` on a type that is only written";
                errors.on(ty, message);
            }
        }
    }
}

/// Refuses names in files that stand for two things, of each of which it is
/// given what it is called, by itself and in files.
fn distinct<'n>(
    names: impl Iterator<Item = (String, String, &'n Vec<LitStr>, proc_macro2::Span)>,
    errors: &mut Errors,
) {
    let mut seen: HashMap<String, String> = HashMap::new();
    for (own, name, aliases, span) in names {
        let name = std::iter::once((name, span));
        let others = aliases.iter().map(|alias| (alias.value(), alias.span()));
        for (name, span) in name.chain(others) {
            if let Some(first) = seen.insert(name.clone(), own.clone()) {
                let message = match first == own {
                    true => format!("`{own}` is called `{name}` in files already"),
                    false => {
                        format!("two are called `{name}` in files, `{first}` and `{own}`")
                    }
                };
                errors.at(span, message);
            }
        }
    }
}

impl<'a> Shape<'a> {
    fn new(
        variant: Option<&'a Ident>,
        names: Names,
        fields: &'a Fields,
        errors: &mut Errors,
    ) -> Self {
        let is_named = matches!(fields, Fields::Named(_));
        let parts = fields.members().zip(fields).enumerate();
        let parts = parts.map(|(at, (member, field))| {
            let OfField {
                names,
                how,
                default,
                compress,
            } = OfField::new(&field.attrs, is_named, errors);
            let own = field.ident.as_ref().map(|it| it.unraw().to_string());
            Part {
                field,
                member,
                number: at,
                binding: format_ident!("__joblib_{at}"),
                name: called(names.name, own),
                aliases: names.aliases,
                how,
                default,
                compress,
            }
        });
        Shape {
            variant,
            parts: parts.collect(),
            name: called(names.name, variant.map(|it| it.unraw().to_string())),
            aliases: names.aliases,
            fields,
        }
    }

    pub(super) fn written(&self) -> impl Iterator<Item = &Part<'a>> {
        self.parts.iter().filter(|part| !part.is_skipped())
    }

    /// Fields without names are known by their places, so that one that older
    /// files lack comes after all they have.
    fn check_order(&self, errors: &mut Errors) {
        if !matches!(self.fields, Fields::Unnamed(_)) {
            return;
        }
        let mut has_default = false;
        for part in self.written() {
            if has_default && part.default.is_none() {
                let message = "a field after one with `default` needs it too, as files know \
                               both by their places";
                errors.on(&part.field.ty, message);
            }
            has_default |= part.default.is_some();
        }
    }

    /// What the struct or variant is called within an implementation.
    pub(super) fn path(&self) -> TokenStream {
        match self.variant {
            Some(variant) => quote!(Self::#variant),
            None => quote!(Self),
        }
    }
}

fn called(name: Option<LitStr>, own: Option<String>) -> String {
    match name {
        Some(name) => name.value(),
        None => own.unwrap_or_default(),
    }
}

impl Part<'_> {
    pub(super) fn is_skipped(&self) -> bool {
        matches!(self.how, How::Skip)
    }
}

//! What is known of a type and decided about it, before any code is written.

use std::collections::HashMap;

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{
    Data, DeriveInput, Expr, ExprLit, Field, Fields, GenericArgument, Generics, Lit, LitStr,
    Member, PathArguments, Type, Variant, Visibility, WherePredicate,
};

use super::args::{FieldArgs, FieldCodec, MissingField, TypeArgs, VariantArgs};
use super::compress::FieldCompression;
use super::known::{is_known, is_marker};
use super::meta::whole;
use crate::crate_path::Krate;
use crate::errors::ErrorList;
use crate::lints::{elsewhere, generics_elsewhere, is_deprecated, lints};
use crate::packed::is_packed;

/// A type that is to have `Persist`.
pub(super) struct Model<'a> {
    pub(super) input: &'a DeriveInput,
    /// Its name in generated code.
    pub(super) ident: Ident,
    /// Its parameters there.
    pub(super) generics: Generics,
    pub(super) options: TypeArgs,
    pub(super) view: Ident,
    /// One of a struct, one for each variant of an enum.
    pub(super) shapes: Vec<Shape<'a>>,
    pub(super) is_enum: bool,
    /// Whether fields lie where no reference may point.
    pub(super) is_packed: bool,
    /// Whether mistakes were found: the code of the implementations would only
    /// repeat them.
    pub(super) is_wrong: bool,
}

/// A struct, or a variant of an enum.
pub(super) struct Shape<'a> {
    pub(super) variant: Option<&'a Variant>,
    /// Its name in generated code.
    pub(super) ident: Option<Ident>,
    /// Its number in files; nothing of a struct, and of a variant that no file
    /// has.
    pub(super) number: Option<u64>,
    /// What files call the variant.
    pub(super) name: String,
    pub(super) aliases: Vec<LitStr>,
    /// Whether no file has it.
    pub(super) is_skipped: bool,
    pub(super) fields: &'a Fields,
    pub(super) parts: Vec<PersistField<'a>>,
}

/// A field.
pub(super) struct PersistField<'a> {
    pub(super) field: &'a Field,
    pub(super) member: Member,
    /// Its place among all fields of the type.
    pub(super) number: usize,
    /// The variable that stands for it.
    pub(super) binding: Ident,
    /// What files call it; empty for a field with a place.
    pub(super) name: String,
    pub(super) aliases: Vec<LitStr>,
    pub(super) how: FieldCodec,
    pub(super) default: Option<MissingField>,
    pub(super) compress: Option<FieldCompression>,
    /// What it asks of parameters, where the user says it.
    pub(super) bound: Option<Vec<WherePredicate>>,
}

/// What shows a value in a map.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum ViewDebug {
    /// A type of its own.
    View,
    /// The value itself, as it borrows nothing.
    Itself,
    /// What shows its only field.
    Field,
}

impl<'a> Model<'a> {
    /// The model of what the user wrote, unless it is nothing that can have
    /// `Persist`.
    pub(super) fn new(input: &'a DeriveInput, errors: &mut ErrorList) -> Option<Self> {
        let options = TypeArgs::new(&input.attrs, errors);
        let view = options.view.clone();
        let view = view.unwrap_or_else(|| format_ident!("{}View", input.ident.unraw()));
        let view = elsewhere(&view);
        let (mut shapes, is_enum) = match &input.data {
            Data::Struct(data) => {
                let shape = Shape::new(None, VariantArgs::default(), &data.fields, errors);
                (vec![shape], false)
            }
            Data::Enum(data) => {
                let shapes = data.variants.iter().map(|variant| {
                    let of_variant = VariantArgs::new(&variant.attrs, errors);
                    Shape::new(Some(variant), of_variant, &variant.fields, errors)
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
        let variants = shapes.iter_mut().filter(|it| is_enum && !it.is_skipped);
        variants
            .zip(0..)
            .for_each(|(shape, number)| shape.number = Some(number));
        let mut model = Model {
            input,
            ident: elsewhere(&input.ident),
            generics: generics_elsewhere(&input.generics),
            options,
            view,
            shapes,
            is_enum,
            is_packed: is_packed(&input.attrs),
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

    /// What derived code calls.
    pub(super) fn derived(&self) -> TokenStream {
        let krate = self.krate();
        quote!(#krate::__private::persist)
    }

    /// The type by its name.
    pub(super) fn own(&self) -> TokenStream {
        let ident = &self.ident;
        let (_, generics, _) = self.generics.split_for_impl();
        quote!(#ident #generics)
    }

    /// What stands on all that is generated: lints that the user has set for the
    /// type, and leave to use what is deprecated of it.
    pub(super) fn lints(&self) -> TokenStream {
        let variants = self
            .shapes
            .iter()
            .filter_map(|it| it.variant)
            .map(|it| &it.attrs);
        let fields = self
            .shapes
            .iter()
            .flat_map(|it| it.fields)
            .map(|it| &it.attrs);
        let mut all = std::iter::once(&self.input.attrs)
            .chain(variants)
            .chain(fields);
        let deprecated = all
            .any(|it| is_deprecated(it))
            .then(|| quote!(#[allow(deprecated)]));
        let lints = lints(&self.input.attrs);
        quote!(#(#lints)* #deprecated)
    }

    /// Whether it has type parameters.
    pub(super) fn is_generic(&self) -> bool {
        self.generics.type_params().next().is_some()
    }

    /// What files have: the struct, or the variants that are not skipped.
    pub(super) fn in_files(&self) -> impl Iterator<Item = &Shape<'a>> {
        self.shapes.iter().filter(|shape| !shape.is_skipped)
    }

    /// All fields of those.
    pub(super) fn parts(&self) -> impl Iterator<Item = &PersistField<'a>> {
        self.in_files().flat_map(|shape| &shape.parts)
    }

    /// The fields that are written.
    pub(super) fn written(&self) -> impl Iterator<Item = &PersistField<'a>> {
        self.parts().filter(|part| !part.is_skipped())
    }

    /// Those that have their trait themselves.
    pub(super) fn plain(&self) -> impl Iterator<Item = &PersistField<'a>> {
        self.written()
            .filter(|part| matches!(part.how, FieldCodec::Plain))
    }

    /// Whether a view has the field as the value has it.
    pub(super) fn is_owned(&self, part: &PersistField<'_>) -> bool {
        matches!(
            part.how,
            FieldCodec::Serde | FieldCodec::With(_) | FieldCodec::Empty
        )
    }

    /// The only field that is written.
    pub(super) fn field(&self) -> Option<&PersistField<'a>> {
        self.written().next()
    }

    /// What shows a value in a map: what borrows nothing from one shows itself.
    pub(super) fn shown(&self) -> ViewDebug {
        match self.is_wrong {
            true => ViewDebug::Itself,
            false if self.options.is_transparent => ViewDebug::Field,
            false if self.plain().next().is_some() => ViewDebug::View,
            false => ViewDebug::Itself,
        }
    }

    fn check(&self, errors: &mut ErrorList) {
        let variants = self.in_files().filter_map(|shape| {
            let ident = &shape.variant?.ident;
            let own = ident.unraw().to_string();
            Some((own, shape.name.clone(), &shape.aliases, ident.span()))
        });
        distinct(variants, errors);
        for shape in self.in_files() {
            let named = shape.written().filter(|part| !part.name.is_empty());
            let names = named.map(|part| {
                let own = part.field.ident.as_ref().map(|it| it.unraw().to_string());
                let own = own.unwrap_or_default();
                (own, part.name.clone(), &part.aliases, part.span())
            });
            distinct(names, errors);
            if self.options.default.is_none() {
                shape.check_order(errors);
            }
        }
        self.check_whole(errors);
        if !self.options.is_write_only {
            self.check_borrowed(errors);
        }
    }

    /// Words on the type that not every type can keep.
    fn check_whole(&self, errors: &mut ErrorList) {
        if let (Some(default), true) = (&self.options.default, self.is_enum) {
            let message = "`default` stands for fields of a struct; put it on the fields of \
                           variants";
            errors.at(default.span(), message);
        }
        if self.options.is_transparent && (self.is_enum || self.written().count() != 1) {
            let message = "a transparent type is a struct with one field that is written; skip \
                           the others";
            errors.at(self.input.ident.span(), message);
        }
    }

    /// A reference cannot be read back, whatever it refers to.
    fn check_borrowed(&self, errors: &mut ErrorList) {
        for part in self.plain() {
            if let Some(ty) = borrowed(&part.field.ty) {
                let message = "a field that borrows cannot be read back; own the value, or put \
                               `#[persist(write_only)]` on a type that is only written";
                errors.on(ty, message);
            }
        }
    }
}

/// Whether it is `[T; 0]`, in so many words: no value of `T` is in it.
fn is_empty_array(ty: &Type) -> bool {
    let Type::Array(array) = whole(ty) else {
        return false;
    };
    match &array.len {
        Expr::Lit(ExprLit {
            lit: Lit::Int(len), ..
        }) => matches!(len.base10_parse::<u64>(), Ok(0)),
        _ => false,
    }
}

/// The reference in a type, where it is plain that a value holds one.
pub(super) fn borrowed(ty: &Type) -> Option<&Type> {
    match whole(ty) {
        ty @ Type::Reference(_) => Some(ty),
        Type::Tuple(it) => it.elems.iter().find_map(borrowed),
        Type::Array(it) => borrowed(&it.elem),
        Type::Path(it) if it.qself.is_none() => {
            let last = it.path.segments.last()?;
            let PathArguments::AngleBracketed(arguments) = &last.arguments else {
                return None;
            };
            let holds = is_known(&last.ident) && !is_marker(&last.ident);
            let mut types = arguments.args.iter().filter_map(|it| match it {
                GenericArgument::Type(ty) => Some(ty),
                _ => None,
            });
            holds.then(|| types.find_map(borrowed)).flatten()
        }
        _ => None,
    }
}

/// Refuses names in files that stand for two things, of each of which it is
/// given what it is called, by itself and in files.
fn distinct<'n>(
    names: impl Iterator<Item = (String, String, &'n Vec<LitStr>, proc_macro2::Span)>,
    errors: &mut ErrorList,
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
        variant: Option<&'a Variant>,
        VariantArgs { names, is_skipped }: VariantArgs,
        fields: &'a Fields,
        errors: &mut ErrorList,
    ) -> Self {
        let is_named = matches!(fields, Fields::Named(_));
        let parts = fields.members().zip(fields).enumerate();
        let parts = parts.map(|(at, (mut member, field))| {
            if let Member::Named(ident) = &mut member {
                *ident = elsewhere(ident);
            }
            let FieldArgs {
                names,
                how,
                default,
                compress,
                bound,
            } = FieldArgs::new(&field.attrs, is_named, errors);
            let own = field.ident.as_ref().map(|it| it.unraw().to_string());
            let how = match how {
                FieldCodec::Plain if is_empty_array(&field.ty) => FieldCodec::Empty,
                how => how,
            };
            PersistField {
                field,
                member,
                number: at,
                binding: format_ident!("__joblib_{at}"),
                name: called(names.name, own),
                aliases: names.aliases,
                how,
                default,
                compress,
                bound,
            }
        });
        Shape {
            variant,
            ident: variant.map(|it| elsewhere(&it.ident)),
            number: None,
            is_skipped,
            parts: parts.collect(),
            name: called(names.name, variant.map(|it| it.ident.unraw().to_string())),
            aliases: names.aliases,
            fields,
        }
    }

    pub(super) fn written(&self) -> impl Iterator<Item = &PersistField<'a>> {
        self.parts.iter().filter(|part| !part.is_skipped())
    }

    /// Fields without names are known by their places, so that one that older
    /// files lack comes after all they have.
    fn check_order(&self, errors: &mut ErrorList) {
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

    /// What the struct, or the variant of `ty`, is called within an
    /// implementation. `Self` before a variant could be a type of a trait.
    pub(super) fn path(&self, ty: &Ident) -> TokenStream {
        match &self.ident {
            Some(variant) => quote!(#ty::#variant),
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

impl PersistField<'_> {
    /// Where its name stands, or its type if it has none.
    fn span(&self) -> proc_macro2::Span {
        match &self.field.ident {
            Some(ident) => ident.span(),
            None => self.field.ty.span(),
        }
    }

    pub(super) fn is_skipped(&self) -> bool {
        matches!(self.how, FieldCodec::Skip)
    }
}

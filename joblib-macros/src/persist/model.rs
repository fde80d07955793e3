//! The model of a type that derives `Persist`: its fields, its options and the
//! decisions that the rendering modules share.

use std::collections::HashMap;

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{
    Data, DeriveInput, Expr, ExprLit, ExprPath, Field, Fields, GenericArgument, Generics, Lit,
    LitStr, Member, Path, PathArguments, Type, Variant, Visibility, WherePredicate,
};

use super::args::{FieldArgs, FieldCodec, MissingField, TypeArgs, VariantArgs};
use super::compress::FieldCompression;
use super::known::{is_known, is_marker};
use super::meta::whole;
use super::remote;
use crate::crate_path::Krate;
use crate::errors::ErrorList;
use crate::lints::{hygienic, hygienic_generics, is_deprecated, lints};
use crate::packed::is_packed;

/// A type that derives `Persist`.
pub(super) struct Model<'a> {
    pub(super) input: &'a DeriveInput,
    /// Its name in generated code.
    pub(super) ident: Ident,
    /// Its parameters in generated code.
    pub(super) generics: Generics,
    pub(super) options: TypeArgs,
    pub(super) view: Ident,
    /// One shape for a struct, one per variant for an enum.
    pub(super) shapes: Vec<Shape<'a>>,
    pub(super) is_enum: bool,
    /// Whether the type is packed, so that its fields cannot be borrowed.
    pub(super) is_packed: bool,
    /// Whether there are errors, in which case the implementations have no code that
    /// would cause further errors.
    pub(super) is_wrong: bool,
}

/// A struct, or a variant of an enum.
pub(super) struct Shape<'a> {
    pub(super) variant: Option<&'a Variant>,
    /// Its name in generated code.
    pub(super) ident: Option<Ident>,
    /// The number of the variant in files. `None` for a struct and for a skipped
    /// variant.
    pub(super) number: Option<u64>,
    /// The name of the variant in files.
    pub(super) name: String,
    pub(super) aliases: Vec<LitStr>,
    /// Whether files never contain it.
    pub(super) is_skipped: bool,
    pub(super) fields: &'a Fields,
    pub(super) parts: Vec<FieldModel<'a>>,
}

/// A field.
pub(super) struct FieldModel<'a> {
    pub(super) field: &'a Field,
    pub(super) member: Member,
    /// Its index among all fields of the type.
    pub(super) number: usize,
    /// The variable that is bound to it in patterns.
    pub(super) binding: Ident,
    /// Its name in files, empty for an unnamed field.
    pub(super) name: String,
    pub(super) aliases: Vec<LitStr>,
    pub(super) how: FieldCodec,
    pub(super) default: Option<MissingField>,
    pub(super) compress: Option<FieldCompression>,
    /// The bounds that it needs, if the user sets them.
    pub(super) bound: Option<Vec<WherePredicate>>,
    /// The type that describes its type, if its type is of another crate.
    pub(super) remote: Option<Path>,
    /// The type that is written: its own, or the one that the definition writes.
    pub(super) ty: Type,
    /// The function that returns it, if its type describes another one.
    pub(super) getter: Option<ExprPath>,
}

/// The kind of type that is the view of a value.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum ViewDebug {
    /// A derived view type.
    View,
    /// The type itself, because its view would not borrow the map.
    Itself,
    /// The view of its only field.
    Field,
}

impl<'a> Model<'a> {
    /// Builds the model, except for a union, which cannot derive `Persist`.
    pub(super) fn new(input: &'a DeriveInput, errors: &mut ErrorList) -> Option<Self> {
        let options = TypeArgs::new(&input.attrs, errors);
        let view = options.view.clone();
        let view = view.unwrap_or_else(|| format_ident!("{}View", input.ident.unraw()));
        let view = hygienic(&view);
        let krate = Krate::new(options.krate.as_ref(), proc_macro2::Span::call_site());
        let krate = krate.to_token_stream();
        let (mut shapes, is_enum) = match &input.data {
            Data::Struct(data) => {
                let shape = Shape::new(None, VariantArgs::default(), &data.fields, &krate, errors);
                (vec![shape], false)
            }
            Data::Enum(data) => {
                let shapes = data.variants.iter().map(|variant| {
                    let of_variant = VariantArgs::new(&variant.attrs, errors);
                    Shape::new(Some(variant), of_variant, &variant.fields, &krate, errors)
                });
                (shapes.collect(), true)
            }
            Data::Union(data) => {
                let message = "`Persist` cannot be derived for a union, because its active field \
                               is unknown; use an enum instead";
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
            ident: hygienic(&input.ident),
            generics: hygienic_generics(&input.generics),
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

    /// Returns the path of the runtime module that derived code calls.
    pub(super) fn derived(&self) -> TokenStream {
        let krate = self.krate();
        quote!(#krate::__private::persist)
    }

    /// Returns the type with its generic arguments.
    pub(super) fn own(&self) -> TokenStream {
        let ident = &self.ident;
        let (_, generics, _) = self.generics.split_for_impl();
        quote!(#ident #generics)
    }

    /// Returns the attributes of all generated items: the lint levels that the user sets
    /// on the type, and `allow(deprecated)` if any of it is deprecated.
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

    /// Returns whether the type has type parameters.
    pub(super) fn is_generic(&self) -> bool {
        self.generics.type_params().next().is_some()
    }

    /// Returns the shapes in files: the struct, or the variants that are not skipped.
    pub(super) fn in_files(&self) -> impl Iterator<Item = &Shape<'a>> {
        self.shapes.iter().filter(|shape| !shape.is_skipped)
    }

    /// Returns all fields of the shapes in files.
    pub(super) fn parts(&self) -> impl Iterator<Item = &FieldModel<'a>> {
        self.in_files().flat_map(|shape| &shape.parts)
    }

    /// Returns the fields that are written.
    pub(super) fn written(&self) -> impl Iterator<Item = &FieldModel<'a>> {
        self.parts().filter(|part| !part.is_skipped())
    }

    /// Returns the written fields that are encoded by their own trait.
    pub(super) fn plain(&self) -> impl Iterator<Item = &FieldModel<'a>> {
        self.written()
            .filter(|part| matches!(part.how, FieldCodec::Plain))
    }

    /// Returns whether the field has the same type in the view as in the value.
    pub(super) fn is_owned(&self, part: &FieldModel<'_>) -> bool {
        matches!(
            part.how,
            FieldCodec::Serde | FieldCodec::With(_) | FieldCodec::Empty
        )
    }

    /// Returns the first written field, which is the only one of a transparent type.
    pub(super) fn field(&self) -> Option<&FieldModel<'a>> {
        self.written().next()
    }

    /// Returns the kind of the view. A value without fields that borrow the map is its own
    /// view.
    pub(super) fn view_kind(&self) -> ViewDebug {
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
        check_distinct(variants, errors);
        for shape in self.in_files() {
            let named = shape.written().filter(|part| !part.name.is_empty());
            let names = named.map(|part| {
                let own = part.field.ident.as_ref().map(|it| it.unraw().to_string());
                let own = own.unwrap_or_default();
                (own, part.name.clone(), &part.aliases, part.span())
            });
            check_distinct(names, errors);
            if self.options.default.is_none() {
                shape.check_order(errors);
            }
        }
        self.check_whole(errors);
        self.check_getters(errors);
        if !self.options.is_write_only {
            self.check_borrowed(errors);
        }
    }

    /// Checks the options of the type that not every kind of type supports.
    fn check_whole(&self, errors: &mut ErrorList) {
        if let (Some(default), true) = (&self.options.default, self.is_enum) {
            let message = "`default` does not support enums; put it on the fields of the variants";
            errors.at(default.span(), message);
        }
        if self.options.is_transparent && (self.is_enum || self.written().count() != 1) {
            let message = "a `transparent` type must be a struct with exactly one stored field; \
                           mark the others with `skip`";
            errors.at(self.input.ident.span(), message);
        }
    }

    /// Reports getters where no other type is described.
    fn check_getters(&self, errors: &mut ErrorList) {
        let getters = self.parts().filter_map(|part| part.getter.as_ref());
        for getter in getters {
            if self.options.remote.is_none() {
                let message = "`getter` reads the field of another type; name that type on this one \
                               with `#[persist(remote = Type)]`";
                errors.on(getter, message);
            } else if self.is_enum {
                errors.on(
                    getter,
                    "`getter` does not support enums, which have no private fields",
                );
            }
        }
    }

    /// Reports fields that contain references, since reading cannot create references.
    fn check_borrowed(&self, errors: &mut ErrorList) {
        for part in self.plain() {
            if let Some(ty) = borrowed(&part.field.ty) {
                let message = "a field that borrows cannot be read back; store an owned value, or \
                               put `#[persist(write_only)]` on a type that is only written";
                errors.on(ty, message);
            }
        }
    }
}

/// Returns whether the type is literally `[T; 0]`, which contains no value of `T`.
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

/// Returns the first reference in a type, if its values certainly contain it.
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

/// Reports names in files that are not unique. For each item, `names` has its name in
/// Rust, its name and aliases in files, and the span for errors.
fn check_distinct<'n>(
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
                    true => format!("`{own}` already has the name `{name}` in files; remove one"),
                    false => {
                        format!(
                            "`{first}` and `{own}` have the same name `{name}` in files; rename \
                             one"
                        )
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
        krate: &TokenStream,
        errors: &mut ErrorList,
    ) -> Self {
        let is_named = matches!(fields, Fields::Named(_));
        let parts = fields.members().zip(fields).enumerate();
        let parts = parts.map(|(at, (mut member, field))| {
            if let Member::Named(ident) = &mut member {
                *ident = hygienic(ident);
            }
            let FieldArgs {
                names,
                how,
                default,
                compress,
                bound,
                remote,
                getter,
            } = FieldArgs::new(&field.attrs, is_named, errors);
            let own = field.ident.as_ref().map(|it| it.unraw().to_string());
            let how = match how {
                FieldCodec::Plain if is_empty_array(&field.ty) => FieldCodec::Empty,
                how => how,
            };
            FieldModel {
                field,
                member,
                number: at,
                binding: format_ident!("__joblib_{at}"),
                name: name_in_files(names.name, own),
                aliases: names.aliases,
                how,
                default,
                compress,
                bound,
                ty: match &remote {
                    Some(definition) => remote::field_type(krate, definition),
                    None => field.ty.clone(),
                },
                remote,
                getter,
            }
        });
        Shape {
            variant,
            ident: variant.map(|it| hygienic(&it.ident)),
            number: None,
            is_skipped,
            parts: parts.collect(),
            name: name_in_files(names.name, variant.map(|it| it.ident.unraw().to_string())),
            aliases: names.aliases,
            fields,
        }
    }

    pub(super) fn written(&self) -> impl Iterator<Item = &FieldModel<'a>> {
        self.parts.iter().filter(|part| !part.is_skipped())
    }

    /// Reports fields without a default after one with a default. Unnamed fields are
    /// stored by position, so fields that older files lack must be last.
    fn check_order(&self, errors: &mut ErrorList) {
        if !matches!(self.fields, Fields::Unnamed(_)) {
            return;
        }
        let mut has_default = false;
        for part in self.written() {
            if has_default && part.default.is_none() {
                let message = "a field after one with `default` needs `default` too, because \
                               unnamed fields are stored by position";
                errors.on(&part.field.ty, message);
            }
            has_default |= part.default.is_some();
        }
    }

    /// Returns the path of the struct, or of the variant of `ty`, inside an
    /// implementation. `Self::Variant` could also mean an associated type of a trait.
    pub(super) fn path(&self, ty: &Ident) -> TokenStream {
        match &self.ident {
            Some(variant) => quote!(#ty::#variant),
            None => quote!(Self),
        }
    }
}

fn name_in_files(name: Option<LitStr>, own: Option<String>) -> String {
    match name {
        Some(name) => name.value(),
        None => own.unwrap_or_default(),
    }
}

impl FieldModel<'_> {
    /// Returns whether the field is written by its own trait or by a definition of its type.
    pub(super) fn is_plain(&self) -> bool {
        matches!(self.how, FieldCodec::Plain)
    }

    /// Returns the span of its name, or of its type if it is unnamed.
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

//! The `where` clauses of derived items: that of the type, extended by the bounds
//! that its fields need, or by the bounds that the user sets.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

use super::args::{FieldCodec, MissingField};
use super::model::{FieldModel, Model};
use super::requirements::{FieldRequirements, RequirementFinder};

/// The bounds in addition to the `where` clause of the type.
#[derive(Default)]
pub(super) struct ExtraBounds {
    /// Bounds of all derived items.
    all: Vec<TokenStream>,
    /// Bounds of `Save` and `Persist`, but not of the view.
    values: Vec<TokenStream>,
    /// Bounds of `Persist`.
    read: Vec<TokenStream>,
    /// Bounds of `Debug` for the view.
    debug_bounds: Vec<TokenStream>,
}

impl ExtraBounds {
    pub(super) fn new(model: &Model<'_>) -> Self {
        let mut bounds = ExtraBounds::default();
        if let Some(stated) = &model.options.bound {
            bounds
                .all
                .extend(stated.iter().map(ToTokens::to_token_stream));
        }
        bounds.plain(model);
        for part in model.parts() {
            match (&part.bound, &model.options.bound) {
                (Some(stated), _) => {
                    bounds
                        .all
                        .extend(stated.iter().map(ToTokens::to_token_stream));
                }
                (None, Some(_)) => {}
                (None, None) => bounds.value(model, part),
            }
        }
        if model.options.default.is_some() && model.is_generic() && model.options.bound.is_none() {
            let own = model.own();
            bounds.values.push(quote!(#own: ::core::default::Default));
        }
        bounds
    }

    /// Returns the clause of the `Save` implementation.
    pub(super) fn of_save(&self, model: &Model<'_>) -> TokenStream {
        clause(model, [&self.all, &self.values])
    }

    /// Returns the clause of the `Persist` implementation.
    pub(super) fn of_persist(&self, model: &Model<'_>) -> TokenStream {
        clause(model, [&self.all, &self.values, &self.read])
    }

    /// Returns the clause of the view type.
    pub(super) fn of_view(&self, model: &Model<'_>) -> TokenStream {
        clause(model, [&self.all])
    }

    /// Returns the clause of the `Debug` implementation for the view. Whether views that
    /// depend on type parameters have `Debug` is known only for concrete types, so the
    /// clause requires it.
    pub(super) fn of_debug(&self, model: &Model<'_>) -> TokenStream {
        clause(model, [&self.all, &self.debug_bounds])
    }

    /// Adds the bounds that fields with the trait itself need.
    fn plain(&mut self, model: &Model<'_>) {
        let krate = model.krate();
        let trait_ = match model.options.is_write_only {
            true => quote!(#krate::persist::Save),
            false => quote!(#krate::persist::Persist),
        };
        let (inferred, stated) = (requirements(model, false), requirements(model, true));
        let types = inferred.fields.iter().chain(&inferred.types);
        self.all.extend(types.map(|ty| quote!(#ty: #trait_)));
        if model.options.is_write_only {
            return;
        }
        for (ty, needed) in &inferred.others {
            let bounds = &needed.bounds;
            self.all.push(quote!(#ty: #bounds));
        }
        let of = |ty| quote!(<#ty as #krate::persist::Persist>);
        let debug = quote!(::core::fmt::Debug);
        for ty in inferred.fields.iter().chain(&stated.fields).map(of) {
            self.debug_bounds
                .push(quote!(#ty::View<'__joblib, __JoblibMode>: #debug));
        }
        for ty in inferred.types.iter().map(of) {
            self.debug_bounds
                .push(quote!(#ty::View<'__joblib, __JoblibMode>: #debug));
            self.debug_bounds
                .push(quote!(#ty::Views<'__joblib, __JoblibMode>: #debug));
        }
        for (key, _) in inferred.others.iter().filter(|(_, it)| !it.is_all) {
            self.debug_bounds.push(quote!(#key: #debug));
        }
    }

    /// Adds the bounds that a field needs if serde encodes it, or if its value can come
    /// from a default.
    fn value(&mut self, model: &Model<'_>, part: &FieldModel<'_>) {
        let derived = model.derived();
        let ty = &part.field.ty;
        if !RequirementFinder::new(&model.ident, &model.generics).is_generic(ty) {
            return;
        }
        let default = quote!(#ty: ::core::default::Default);
        match (&part.how, &part.default) {
            (_, Some(MissingField::Function(_))) => {}
            (FieldCodec::Skip, _) if model.options.default.is_some() => {}
            (FieldCodec::Skip, _) => self.read.push(default),
            (_, Some(MissingField::Default(_))) => self.values.push(default),
            _ => {}
        }
        if let FieldCodec::Serde = part.how {
            self.values.push(match model.options.is_write_only {
                true => quote!(#ty: #derived::ViaSerialize),
                false => quote!(#ty: #derived::ViaSerde<()>),
            });
        }
        if model.is_owned(part) && !matches!(part.how, FieldCodec::Empty) {
            let generics = &model.generics;
            let named = generics.type_params().map(|it| &it.ident);
            let named = named.filter(|it| crate::bounds::mentions(ty, it));
            self.debug_bounds
                .extend(named.map(|it| quote!(#it: ::core::fmt::Debug)));
        }
    }
}

/// Returns the requirements of the plain fields, either of those whose bounds the user
/// sets (`is_stated`) or of the others.
fn requirements(model: &Model<'_>, is_stated: bool) -> FieldRequirements {
    let mut finder = RequirementFinder::new(&model.ident, &model.generics);
    let plain = model
        .written()
        .filter(|it| matches!(it.how, FieldCodec::Plain));
    for part in plain {
        let by_user = part.bound.is_some() || model.options.bound.is_some();
        if by_user == is_stated {
            finder.field(&part.ty);
        }
    }
    finder.finish()
}

fn clause<const N: usize>(model: &Model<'_>, more: [&Vec<TokenStream>; N]) -> TokenStream {
    let own = model.generics.where_clause.iter();
    let own = own.flat_map(|clause| &clause.predicates);
    let mut all = own.map(ToTokens::to_token_stream).collect::<Vec<_>>();
    all.extend(more.into_iter().flatten().cloned());
    match all.is_empty() {
        true => TokenStream::new(),
        false => quote!(where #(#all,)*),
    }
}

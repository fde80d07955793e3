//! Renders the additional items of transparent types. A slice of them is encoded like a
//! slice of their fields, so that numbers are contiguous. They can also be map keys if
//! their fields can.

use proc_macro2::TokenStream;
use quote::quote;

use super::field;
use super::load::load_one;
use super::model::{FieldModel, Model};

/// Returns the field of a transparent type, if it is encoded by its own trait.
fn plain<'m, 'a>(model: &'m Model<'a>) -> Option<&'m FieldModel<'a>> {
    let part = model.field().filter(|_| model.options.is_transparent)?;
    let is_plain =
        part.is_plain() && part.remote.is_none() && part.compress.is_none() && !model.is_packed;
    (is_plain && !model.is_wrong).then_some(part)
}

/// Returns the items of `Save` that describe and write many values.
pub(super) fn saved(model: &Model<'_>) -> Option<TokenStream> {
    let part = plain(model)?;
    let (krate, derived, member) = (model.krate(), model.derived(), &part.member);
    let of = field::save_trait(model, part);
    let result = quote!(::core::result::Result<(), #krate::persist::Error>);
    let writer = quote!(__joblib_writer: &mut #derived::BodyWriter<'__joblib, '_>);
    let field = quote!(|__joblib_value: &'__joblib Self| &__joblib_value.#member);
    let within = saved_within(model, part);
    let record = stored(model, part);
    Some(quote! {
        #within

        #record

        fn schema_of_many(__joblib_schemas: &mut #derived::SchemaBuilder) -> ::core::primitive::u32 {
            #of::schema_of_many(__joblib_schemas)
        }

        fn save_many<'__joblib>(__joblib_values: &'__joblib [Self], #writer) -> #result {
            match #derived::only_fields(__joblib_values, #field) {
                ::core::option::Option::Some(__joblib_fields) => {
                    #of::save_many(__joblib_fields, __joblib_writer)
                }
                ::core::option::Option::None => {
                    let __joblib_fields = #derived::fields(__joblib_values, #field);
                    #of::save_each(__joblib_fields, __joblib_writer)
                }
            }
        }

        fn save_each<'__joblib, __JoblibEach>(
            __joblib_values: __JoblibEach,
            #writer
        ) -> #result
        where
            Self: '__joblib,
            __JoblibEach: ::core::iter::ExactSizeIterator<Item = &'__joblib Self>
                + ::core::clone::Clone
                + '__joblib,
        {
            let __joblib_fields = #derived::fields_of_each(__joblib_values, #field);
            #of::save_each(__joblib_fields, __joblib_writer)
        }

        fn save_pieces<'__joblib>(
            __joblib_front: &'__joblib [Self],
            __joblib_back: &'__joblib [Self],
            #writer
        ) -> #result {
            let __joblib_fields =
                #derived::fields_of_pieces(__joblib_front, __joblib_back, #field);
            #of::save_each(__joblib_fields, __joblib_writer)
        }
    })
}

/// Returns the items of `Save` for arrays of numbers and records, where the type is stored
/// like its field.
fn stored(model: &Model<'_>, part: &FieldModel<'_>) -> TokenStream {
    let (derived, member) = (model.derived(), &part.member);
    let of = field::save_trait(model, part);
    let is_alone = is_alone(model, part);
    quote! {
        fn cells() -> ::core::option::Option<#derived::IsElement<Self>> {
            #derived::cells_of_only(#of::cells(), #is_alone)
        }

        fn lengths(__joblib_each: &mut dyn ::core::ops::FnMut(::core::primitive::usize)) {
            #of::lengths(__joblib_each);
        }

        const RECORD: ::core::option::Option<#derived::RecordLayout> = #derived::RecordLayout::only(
            #of::RECORD,
            ::core::mem::size_of::<Self>(),
            #is_alone,
        );

        #[inline]
        fn store(&self, __joblib_out: &mut [::core::primitive::u8]) {
            #of::store(&self.#member, __joblib_out);
        }
    }
}

/// Returns the expression for whether all other fields are markers, which have no value.
fn is_alone(model: &Model<'_>, part: &FieldModel<'_>) -> TokenStream {
    let derived = model.derived();
    let others = model.parts().filter(|it| it.number != part.number);
    let are_markers = others.map(|it| {
        let ty = &it.field.ty;
        quote! {{
            use #derived::NotMarker as _;
            #derived::MarkerProbe::<#ty>::__JOBLIB_IS_MARKER
        }}
    });
    quote!(true #(&& #are_markers)*)
}

/// Returns the row layout of the type in a memory map.
pub(super) fn rows(model: &Model<'_>) -> Option<TokenStream> {
    plain(model).map(|part| field::row_layout(model, part))
}

/// Returns the items of `Save` that describe and write a value as a key of an ordered map.
fn saved_within(model: &Model<'_>, part: &FieldModel<'_>) -> TokenStream {
    let (krate, derived, member) = (model.krate(), model.derived(), &part.member);
    let of = field::save_trait(model, part);
    quote! {
        const ORDER: #derived::KeyOrder = #of::ORDER;

        const IS_RANKED: ::core::primitive::bool = #of::IS_RANKED;

        fn rank(&self) -> ::core::primitive::u64 {
            #of::rank(&self.#member)
        }

        fn save_rank(
            __joblib_rank: ::core::primitive::u64,
            __joblib_writer: &mut #derived::BodyWriter<'_, '_>,
        ) {
            #of::save_rank(__joblib_rank, __joblib_writer);
        }

        fn order(
            &self,
            __joblib_lend: &mut dyn ::core::ops::FnMut(&[::core::primitive::u8]),
        ) {
            #of::order(&self.#member, __joblib_lend);
        }

        fn schema_within(__joblib_schemas: &mut #derived::SchemaBuilder) -> ::core::primitive::u32 {
            #derived::SchemaBuilder::transparent_within(
                __joblib_schemas,
                #derived::identity::<Self>(),
                #of::schema_within,
                <Self as #krate::persist::Save>::schema,
            )
        }

        fn save_within<'__joblib>(
            &'__joblib self,
            __joblib_writer: &mut #derived::BodyWriter<'__joblib, '_>,
        ) -> ::core::result::Result<(), #krate::persist::Error> {
            #of::save_within(&self.#member, __joblib_writer)
        }
    }
}

/// Returns the items of `Persist` that read and map a value in records and as a map key.
pub(super) fn loaded_within(model: &Model<'_>) -> Option<TokenStream> {
    let part = plain(model)?;
    let (krate, derived) = (model.krate(), model.derived());
    let of = field::persist_trait(model, part);
    let fields = |read: TokenStream| {
        let fields = model.parts().map(move |it| {
            let member = &it.member;
            let value = match it.number == part.number {
                true => read.clone(),
                false => load_one(model, &model.shapes[0], it),
            };
            quote!(#member: #value)
        });
        quote!(::core::result::Result::Ok(Self { #(#fields),* }))
    };
    let within = fields(quote!(#of::load_within(__joblib_reader)?));
    let fetched = fields(quote!(#of::fetch(__joblib_bytes)?));
    let own = quote!(<Self as #krate::persist::Persist>);
    let sight = quote!(__joblib_sight: &mut #derived::RecordView<'__joblib, __JoblibMode>);
    Some(quote! {
        #[inline]
        fn fetch(
            __joblib_bytes: &[::core::primitive::u8],
        ) -> ::core::result::Result<Self, #derived::InvalidRecord> {
            #fetched
        }

        fn view_record<'__joblib, __JoblibMode: #krate::persist::MapMode>(
            #sight,
        ) -> ::core::result::Result<#own::View<'__joblib, __JoblibMode>, #krate::persist::Error> {
            #of::view_record(__joblib_sight)
        }

        fn view_records<'__joblib, __JoblibMode: #krate::persist::MapMode>(
            #sight,
            __joblib_count: ::core::primitive::usize,
        ) -> ::core::result::Result<#own::Views<'__joblib, __JoblibMode>, #krate::persist::Error> {
            #of::view_records(__joblib_sight, __joblib_count)
        }

        fn load_within(
            __joblib_reader: &mut #derived::BodyReader<'_>,
        ) -> ::core::result::Result<Self, #krate::persist::Error> {
            #within
        }

        fn view_within<'__joblib, __JoblibMode: #krate::persist::MapMode>(
            __joblib_viewer: &mut #derived::Viewer<'__joblib, __JoblibMode>,
        ) -> ::core::result::Result<
            <Self as #krate::persist::Persist>::View<'__joblib, __JoblibMode>,
            #krate::persist::Error,
        > {
            #of::view_within(__joblib_viewer)
        }
    })
}

/// Returns the items of `Persist` that read many values.
pub(super) fn loaded(model: &Model<'_>) -> Option<TokenStream> {
    let part = plain(model)?;
    let (krate, derived) = (model.krate(), model.derived());
    let of = field::persist_trait(model, part);
    let fields = model.parts().map(|it| {
        let member = &it.member;
        let value = match it.number == part.number {
            true => quote!(__joblib_field),
            false => load_one(model, &model.shapes[0], it),
        };
        quote!(#member: #value)
    });
    Some(quote! {
        fn load_many(
            __joblib_reader: &mut #derived::BodyReader<'_>,
        ) -> ::core::result::Result<#krate::__private::Vec<Self>, #krate::persist::Error> {
            let __joblib_fields = #of::load_many(__joblib_reader)?;
            ::core::result::Result::Ok(#derived::from_fields(__joblib_fields, |__joblib_field| {
                Self { #(#fields),* }
            }))
        }
    })
}

/// Returns the view type of many values, and the expression that creates it.
pub(super) fn found(model: &Model<'_>) -> Option<(TokenStream, TokenStream)> {
    let part = plain(model)?;
    let of = field::persist_trait(model, part);
    Some((
        quote!(#of::Views<'__joblib, __JoblibMode>),
        quote!(#of::view_many(__joblib_viewer)),
    ))
}

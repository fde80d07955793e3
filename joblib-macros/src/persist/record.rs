//! Renders the record layout of structs that may consist of numbers only, which arrays of
//! records store. The types of the fields decide at compile time whether the struct is a
//! record.

use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};
use syn::Type;

use super::field::{self, span_of};
use super::known::{is_known, is_number};
use super::map_view::member;
use super::meta::whole;
use super::model::{FieldModel, Model};
use super::pieces::ReadPieces;
use super::requirements::RequirementFinder;

/// Returns whether the type may be a record, as far as its syntax shows it.
fn may_be_plain(model: &Model<'_>) -> bool {
    let is_plain = |part: &FieldModel<'_>| {
        part.is_plain()
            && part.remote.is_none()
            && part.compress.is_none()
            && may_be_number(&part.ty)
    };
    let is_struct = !model.is_enum && !model.is_wrong && !model.options.is_transparent;
    is_struct
        && model.options.olds.is_empty()
        && model.parts().next().is_some()
        && model.parts().all(is_plain)
        && is_sized(model)
}

/// Returns whether the type is certainly `Sized`. Only the last field of a `write_only`
/// type can be unsized.
fn is_sized(model: &Model<'_>) -> bool {
    let finder = RequirementFinder::new(&model.ident, &model.generics);
    let last = model.parts().last();
    !model.options.is_write_only
        || last.is_some_and(|part| match whole(&part.ty) {
            Type::Array(_) => true,
            ty => match (finder.as_parameter(ty), ty) {
                (Some(parameter), _) => !finder.may_be_unsized(parameter),
                (None, Type::Path(it)) => it
                    .path
                    .segments
                    .last()
                    .is_some_and(|it| is_number(&it.ident)),
                _ => false,
            },
        })
}

/// Returns whether the type may be a number, an array of numbers or a record. It is not if
/// its name is that of another known type.
fn may_be_number(ty: &Type) -> bool {
    let is_other = |name: &Ident| is_known(name) && !is_number(name);
    match whole(ty) {
        Type::Array(it) => may_be_number(&it.elem),
        Type::Path(it) => it
            .path
            .segments
            .last()
            .is_some_and(|it| !is_other(&it.ident)),
        _ => false,
    }
}

/// Returns the items of `Save` with the record layout and the code that writes a record.
pub(super) fn saved(model: &Model<'_>) -> Option<TokenStream> {
    if !may_be_plain(model) {
        return None;
    }
    let derived = model.derived();
    let fields = model.parts().map(|part| {
        let (of, member) = (field::save_trait(model, part), &part.member);
        quote_spanned!(span_of(part)=> (#of::RECORD, ::core::mem::offset_of!(Self, #member)))
    });
    let lengths = model.parts().map(|part| {
        let of = field::save_trait(model, part);
        quote_spanned!(span_of(part)=> #of::lengths(__joblib_each);)
    });
    let stored = model.parts().map(|part| {
        let (of, member) = (field::save_trait(model, part), &part.member);
        // Fields of a packed type cannot be borrowed, so they are copied.
        let value = match model.is_packed {
            true => quote!(&{ self.#member }),
            false => quote!(&self.#member),
        };
        quote_spanned! {span_of(part)=>
            #derived::RecordWriter::field(&mut __joblib_record, #of::RECORD, #value, #of::store);
        }
    });
    Some(quote! {
        const RECORD: ::core::option::Option<#derived::RecordLayout> =
            #derived::RecordLayout::of(&[#(#fields),*], ::core::mem::size_of::<Self>());

        fn lengths(__joblib_each: &mut dyn ::core::ops::FnMut(::core::primitive::usize)) {
            #(#lengths)*
        }

        #[inline]
        fn store(&self, __joblib_out: &mut [::core::primitive::u8]) {
            let mut __joblib_record = #derived::RecordWriter::new(__joblib_out);
            #(#stored)*
        }
    })
}

/// Returns the items of `Persist` that read and map records.
pub(super) fn loaded(model: &Model<'_>) -> Option<TokenStream> {
    if !may_be_plain(model) {
        return None;
    }
    let (krate, derived) = (model.krate(), model.derived());
    let fetch = fetch(model);
    let view = view(model);
    let result = |ty| quote!(::core::result::Result<#ty, #krate::persist::Error>);
    let fetched = quote!(::core::result::Result<Self, #derived::InvalidRecord>);
    let own = quote!(<Self as #krate::persist::Persist>);
    let viewed = result(quote!(#own::View<'__joblib, __JoblibMode>));
    let all_viewed = result(quote!(#own::Views<'__joblib, __JoblibMode>));
    let sight = quote!(__joblib_sight: &mut #derived::RecordView<'__joblib, __JoblibMode>);
    Some(quote! {
        #[inline]
        fn fetch(__joblib_bytes: &[::core::primitive::u8]) -> #fetched {
            #fetch
        }

        fn view_record<'__joblib, __JoblibMode: #krate::persist::MapMode>(#sight) -> #viewed {
            #view
        }

        fn view_records<'__joblib, __JoblibMode: #krate::persist::MapMode>(
            #sight,
            __joblib_count: ::core::primitive::usize,
        ) -> #all_viewed {
            #derived::RecordView::many::<Self>(__joblib_sight, __joblib_count)
        }
    })
}

fn fetch(model: &Model<'_>) -> TokenStream {
    let derived = model.derived();
    let values = model.parts().map(|part| {
        let (saved, loaded) = (
            field::save_trait(model, part),
            field::persist_trait(model, part),
        );
        quote_spanned! {span_of(part)=>
            #derived::RecordReader::field(__joblib_record, #saved::RECORD, #loaded::fetch)?
        }
    });
    let ReadPieces { before, values } = ReadPieces::new(values.collect(), |values| {
        quote! {
            #derived::RecordReader::piece(__joblib_record, |__joblib_record| {
                ::core::result::Result::Ok(#values)
            })?
        }
    });
    let members = model.parts().map(|part| &part.member);
    quote! {
        let __joblib_record = &mut #derived::RecordReader::new(__joblib_bytes);
        #before
        let __joblib_value = Self { #(#members: #values),* };
        #derived::RecordReader::end(__joblib_record)?;
        ::core::result::Result::Ok(__joblib_value)
    }
}

fn view(model: &Model<'_>) -> TokenStream {
    let (krate, derived) = (model.krate(), model.derived());
    let values = model.parts().map(|part| {
        let of = field::persist_trait(model, part);
        quote_spanned!(span_of(part)=> #of::view_record(__joblib_sight)?)
    });
    let ReadPieces { before, values } = ReadPieces::new(values.collect(), |values| {
        quote! {
            #derived::RecordView::piece(__joblib_sight, |__joblib_sight| {
                ::core::result::Result::Ok(#values)
            })?
        }
    });
    let members = model.parts().enumerate();
    let members = members.map(|(place, part)| member(place, part));
    let view = &model.view;
    let align = quote! {
        #derived::RecordView::align(__joblib_sight, <Self as #krate::persist::Save>::RECORD)?;
    };
    quote! {
        #align
        #before
        let __joblib_value = #view { #(#members: #values),* };
        #align
        ::core::result::Result::Ok(__joblib_value)
    }
}

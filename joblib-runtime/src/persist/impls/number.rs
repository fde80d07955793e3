//! Numbers, `bool` and `char`, as single values and in slices.

use crate::persist::derive_support::{
    AsArray, BodyReader, BodyWriter, OneByOne, RecordView, SchemaBuilder, Viewer,
};
use crate::persist::error::Error;
use crate::persist::mode::MapMode;
use crate::persist::number::{self, Number, NumberKind};
use crate::persist::record::{self, InvalidRecord, RecordLayout};
use crate::persist::row::{IsElement, one_by_one};
use crate::persist::sorted_keys::KeyOrder;
use crate::persist::strided::StridedIter;
use crate::persist::traits::{Persist, Save};

/// Numbers whose slices are arrays.
macro_rules! numbers {
    ($($ty:ty = $kind:ident, |$value:ident, $writer:ident| $save:expr, |$reader:ident| $load:expr;)*) => {$(
        impl Save for $ty {
            fn schema(schemas: &mut SchemaBuilder) -> u32 {
                schemas.number(NumberKind::$kind)
            }

            fn schema_of_many(schemas: &mut SchemaBuilder) -> u32 {
                schemas.array(NumberKind::$kind)
            }

            #[inline]
            fn cells() -> Option<IsElement<Self>> {
                Some(IsElement::new())
            }

            const RECORD: Option<RecordLayout> = Some(RecordLayout::number(NumberKind::$kind));

            #[inline]
            fn store(&self, out: &mut [u8]) {
                record::store(self, out);
            }

            const ORDER: KeyOrder = NumberKind::$kind.order();
            const ASCENDS: bool = NumberKind::$kind.is_ordered();

            const IS_RANKED: bool = NumberKind::$kind.size() <= 8;

            #[inline]
            fn rank(&self) -> u64 {
                number::rank(self)
            }

            #[inline]
            fn save_rank(rank: u64, writer: &mut BodyWriter<'_, '_>) {
                let bytes = number::of_rank(NumberKind::$kind, rank);
                writer.raw(&bytes[..NumberKind::$kind.size().min(8)]);
            }

            #[inline]
            fn order(&self, lend: &mut dyn FnMut(&[u8])) {
                number::order(self, lend);
            }

            fn schema_within(schemas: &mut SchemaBuilder) -> u32 {
                schemas.fixed(NumberKind::$kind)
            }

            #[inline]
            fn save_within<'v>(&'v self, writer: &mut BodyWriter<'v, '_>) -> Result<(), Error> {
                writer.fixed(self);
                Ok(())
            }

            #[inline]
            fn save<'v>(&'v self, $writer: &mut BodyWriter<'v, '_>) -> Result<(), Error> {
                let $value = *self;
                $save;
                Ok(())
            }

            fn save_many<'v>(values: &'v [Self], writer: &mut BodyWriter<'v, '_>) -> Result<(), Error> {
                writer.length(values.len());
                writer.numbers(values);
                Ok(())
            }

            fn save_each<'v, I>(values: I, writer: &mut BodyWriter<'v, '_>) -> Result<(), Error>
            where
                I: ExactSizeIterator<Item = &'v Self> + Clone + 'v,
            {
                writer.length(values.len());
                writer.strided(NumberKind::$kind, StridedIter(values, IsElement::new()))
            }

            fn save_pieces<'v>(
                front: &'v [Self],
                back: &'v [Self],
                writer: &mut BodyWriter<'v, '_>,
            ) -> Result<(), Error> {
                writer.length(front.len() + back.len());
                writer.pieces(IsElement::new(), front, back)
            }
        }

        impl Persist for $ty {
            type View<'m, M: MapMode> = $ty;
            type Views<'m, M: MapMode> = M::Slice<'m, $ty>;
            type Rows = AsArray;

            #[inline]
            fn load($reader: &mut BodyReader<'_>) -> Result<Self, Error> {
                $load
            }

            #[inline]
            fn load_within(reader: &mut BodyReader<'_>) -> Result<Self, Error> {
                reader.fixed()
            }

            fn load_many(reader: &mut BodyReader<'_>) -> Result<Vec<Self>, Error> {
                let count = reader.count()?;
                reader.numbers(count)
            }

            #[inline]
            fn view<'m, M: MapMode>(viewer: &mut Viewer<'m, M>) -> Result<$ty, Error> {
                Self::load(viewer.reader())
            }

            #[inline]
            fn view_within<'m, M: MapMode>(viewer: &mut Viewer<'m, M>) -> Result<$ty, Error> {
                viewer.reader().fixed()
            }

            fn view_many<'m, M: MapMode>(
                viewer: &mut Viewer<'m, M>,
            ) -> Result<M::Slice<'m, $ty>, Error> {
                let count = viewer.reader().count()?;
                viewer.numbers(count)
            }

            #[inline]
            fn fetch(bytes: &[u8]) -> Result<Self, InvalidRecord> {
                record::fetch(bytes)
            }

            #[inline]
            fn view_record<'m, M: MapMode>(sight: &mut RecordView<'m, M>) -> Result<$ty, Error> {
                sight.value()
            }

            fn view_records<'m, M: MapMode>(
                sight: &mut RecordView<'m, M>,
                count: usize,
            ) -> Result<M::Slice<'m, $ty>, Error> {
                sight.slice(count)
            }
        }
    )*};
}

numbers! {
    u8 = U8, |value, writer| writer.raw(&[value]), |reader| Ok(reader.raw::<1>()?[0]);
    u16 = U16, |value, writer| writer.varint(value.into()), |reader| narrow(reader.varint()?);
    u32 = U32, |value, writer| writer.varint(value.into()), |reader| narrow(reader.varint()?);
    u64 = U64, |value, writer| writer.varint(value), |reader| reader.varint();
    u128 = U128, |value, writer| writer.wide(value), |reader| reader.wide();
    i8 = I8, |value, writer| writer.raw(&value.to_le_bytes()), |reader| Ok(i8::from_le_bytes(reader.raw()?));
    i16 = I16, |value, writer| writer.signed(value.into()), |reader| narrow(reader.signed()?);
    i32 = I32, |value, writer| writer.signed(value.into()), |reader| narrow(reader.signed()?);
    i64 = I64, |value, writer| writer.signed(value), |reader| reader.signed();
    i128 = I128, |value, writer| writer.wide_signed(value), |reader| reader.wide_signed();
    f32 = F32, |value, writer| writer.raw(&value.to_le_bytes()), |reader| Ok(f32::from_le_bytes(reader.raw()?));
    f64 = F64, |value, writer| writer.raw(&value.to_le_bytes()), |reader| Ok(f64::from_le_bytes(reader.raw()?));
    bool = Bool, |value, writer| writer.raw(&[value.into()]), |reader| reader.flag();
}

#[cfg(target_pointer_width = "64")]
numbers! {
    usize = U64, |value, writer| writer.varint(value as u64), |reader| narrow(reader.varint()?);
    isize = I64, |value, writer| writer.signed(value as i64), |reader| narrow(reader.signed()?);
}

#[cfg(feature = "half")]
numbers! {
    half::f16 = F16, |value, writer| writer.raw(&value.to_le_bytes()), |reader| Ok(half::f16::from_le_bytes(reader.raw()?));
    half::bf16 = BF16, |value, writer| writer.raw(&value.to_le_bytes()), |reader| Ok(half::bf16::from_le_bytes(reader.raw()?));
}

#[cfg(feature = "num-complex")]
numbers! {
    num_complex::Complex<f32> = C32,
        |value, writer| {
            writer.raw(&value.re.to_le_bytes());
            writer.raw(&value.im.to_le_bytes());
        },
        |reader| Ok(num_complex::Complex::new(f32::load(reader)?, f32::load(reader)?));
    num_complex::Complex<f64> = C64,
        |value, writer| {
            writer.raw(&value.re.to_le_bytes());
            writer.raw(&value.im.to_le_bytes());
        },
        |reader| Ok(num_complex::Complex::new(f64::load(reader)?, f64::load(reader)?));
}

fn narrow<W: Copy + std::fmt::Display, N: TryFrom<W>>(number: W) -> Result<N, Error> {
    let name = std::any::type_name::<N>();
    N::try_from(number)
        .map_err(|_| Error::damaged_body(format!("{number} is out of range for {name}")))
}

/// Types that are encoded as another type and validated when read. A type with a name
/// is distinct: a file with it can only be read as that type.
macro_rules! checked {
    (@schema $schemas:ident, $other:ty) => {
        <$other>::schema($schemas)
    };
    (@schema $schemas:ident, $other:ty, $name:literal) => {
        $schemas.named_type::<$other>($name)
    };
    ($([$($generics:tt)*] $ty:ty as $($name:literal of)? $other:ty, |$value:ident| $into:expr, |$back:ident| $from:expr $(, { $($saved:tt)* } { $($loaded:tt)* })?;)*) => {$(
        impl<$($generics)*> Save for $ty {
            fn schema(schemas: &mut SchemaBuilder) -> u32 {
                checked!(@schema schemas, $other $(, $name)?)
            }

            #[inline]
            fn save<'v>(&'v self, writer: &mut BodyWriter<'v, '_>) -> Result<(), Error> {
                let $value = self;
                let other: $other = $into;
                writer.temporary(|writer| other.save(writer))
            }

            $($($saved)*)?
        }

        impl<$($generics)*> Persist for $ty {
            type View<'m, M: MapMode> = $ty;
            one_by_one!();

            #[inline]
            fn load(reader: &mut BodyReader<'_>) -> Result<Self, Error> {
                let $back = <$other>::load(reader)?;
                $from
            }

            $($($loaded)*)?

            #[inline]
            fn view<'m, M: MapMode>(viewer: &mut Viewer<'m, M>) -> Result<Self, Error> {
                Self::load(viewer.reader())
            }
        }
    )*};
}

pub(super) use checked;

macro_rules! non_zero {
    ($($ty:ident as $other:ty;)*) => {
        checked! {$(
            [] std::num::$ty as $other,
                |value| value.get(),
                |number| {
                    Self::new(number).ok_or_else(|| Error::type_mismatch("0", concat!("a `", stringify!($ty), "`")))
                },
                {
                    const ORDER: KeyOrder = <$other>::ORDER;
                    const ASCENDS: bool = true;

                    const IS_RANKED: bool = <$other>::IS_RANKED;

                    #[inline]
                    fn rank(&self) -> u64 {
                        number::rank(&self.get())
                    }

                    #[inline]
                    fn save_rank(rank: u64, writer: &mut BodyWriter<'_, '_>) {
                        <$other>::save_rank(rank, writer);
                    }

                    #[inline]
                    fn order(&self, lend: &mut dyn FnMut(&[u8])) {
                        number::order(&self.get(), lend);
                    }

                    const RECORD: Option<RecordLayout> = Some(RecordLayout::checked(<$other as Number>::KIND));

                    #[inline]
                    fn store(&self, out: &mut [u8]) {
                        record::store(&self.get(), out);
                    }

                    fn schema_within(schemas: &mut SchemaBuilder) -> u32 {
                        <$other>::schema_within(schemas)
                    }

                    #[inline]
                    fn save_within<'v>(&'v self, writer: &mut BodyWriter<'v, '_>) -> Result<(), Error> {
                        writer.fixed(&self.get());
                        Ok(())
                    }
                }
                {
                    #[inline]
                    fn load_within(reader: &mut BodyReader<'_>) -> Result<Self, Error> {
                        let number = <$other>::load_within(reader)?;
                        Self::new(number).ok_or_else(|| Error::type_mismatch("0", concat!("a `", stringify!($ty), "`")))
                    }

                    fn view_within<'m, M: MapMode>(viewer: &mut Viewer<'m, M>) -> Result<Self, Error> {
                        Self::load_within(viewer.reader())
                    }

                    #[inline]
                    fn fetch(bytes: &[u8]) -> Result<Self, InvalidRecord> {
                        let number = record::fetch::<$other>(bytes)?;
                        Self::new(number).ok_or(InvalidRecord::Zero(concat!("a `", stringify!($ty), "`")))
                    }

                    #[inline]
                    fn view_record<'m, M: MapMode>(sight: &mut RecordView<'m, M>) -> Result<Self, Error> {
                        sight.value()
                    }

                    fn view_records<'m, M: MapMode>(
                        sight: &mut RecordView<'m, M>,
                        count: usize,
                    ) -> Result<Vec<Self>, Error> {
                        sight.many::<Self>(count)
                    }
                };
        )*}
    };
}

non_zero! {
    NonZeroU8 as u8;
    NonZeroU16 as u16;
    NonZeroU32 as u32;
    NonZeroU64 as u64;
    NonZeroU128 as u128;
    NonZeroI8 as i8;
    NonZeroI16 as i16;
    NonZeroI32 as i32;
    NonZeroI64 as i64;
    NonZeroI128 as i128;
}

#[cfg(target_pointer_width = "64")]
non_zero! {
    NonZeroUsize as usize;
    NonZeroIsize as isize;
}

impl Save for char {
    fn schema(schemas: &mut SchemaBuilder) -> u32 {
        schemas.char()
    }

    fn save<'v>(&'v self, writer: &mut BodyWriter<'v, '_>) -> Result<(), Error> {
        writer.bytes(self.encode_utf8(&mut [0; 4]).as_bytes())
    }
}

impl Persist for char {
    type View<'m, M: MapMode> = char;
    type Views<'m, M: MapMode> = Vec<char>;
    type Rows = OneByOne;

    fn load(reader: &mut BodyReader<'_>) -> Result<Self, Error> {
        let text = reader.text()?;
        let mut chars = text.chars();
        match (chars.next(), chars.next()) {
            (Some(char), None) => Ok(char),
            _ => Err(Error::damaged_body("text is not a single character")),
        }
    }

    fn view<'m, M: MapMode>(viewer: &mut Viewer<'m, M>) -> Result<char, Error> {
        Self::load(viewer.reader())
    }

    fn view_many<'m, M: MapMode>(viewer: &mut Viewer<'m, M>) -> Result<Vec<char>, Error> {
        viewer.many::<char>()
    }
}

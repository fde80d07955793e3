//! Keys of the values of polars arrays: which of them are null, then the others. Offsets,
//! slices, and the bytes under nulls and outside a slice do not count. A category counts as
//! its text, because its number depends on what the process did before.

use std::borrow::Cow;
use std::ops::Range;

use bytemuck::Pod;
use polars_arrow::array::{
    Array, BinaryArray, BinaryViewArray, BooleanArray, DictionaryArray, DictionaryKey,
    FixedSizeListArray, ListArray, PrimitiveArray, StructArray, Utf8ViewArray,
};
use polars_arrow::bitmap::utils::SlicesIterator;
use polars_arrow::bitmap::{Bitmap, MutableBitmap};
use polars_arrow::datatypes::{IntegerType, PhysicalType};
use polars_arrow::types::{NativeType, PrimitiveType};

use super::data_type::Unknown;
use crate::key::KeyHasher;

type Ranges = [Range<usize>];

/// Feeds the values in `ranges`, whose number is known.
pub(super) fn feed(
    array: &dyn Array,
    ranges: &Ranges,
    hasher: &mut KeyHasher,
) -> Result<(), Unknown> {
    let kind = array.dtype().to_physical_type();
    if kind == PhysicalType::Null {
        return Ok(());
    }
    let ranges = &*feed_nulls(array.validity(), ranges, hasher);
    match kind {
        PhysicalType::Boolean => feed_bits(cast::<BooleanArray>(array)?.values(), ranges, hasher),
        PhysicalType::Primitive(kind) => return feed_primitive(array, kind, ranges, hasher),
        PhysicalType::Utf8View => {
            let array = cast::<Utf8ViewArray>(array)?;
            each(ranges, |at| hasher.write_bytes(array.value(at).as_bytes()));
        }
        PhysicalType::BinaryView => {
            let array = cast::<BinaryViewArray>(array)?;
            each(ranges, |at| hasher.write_bytes(array.value(at)));
        }
        PhysicalType::LargeBinary => {
            let array = cast::<BinaryArray<i64>>(array)?;
            each(ranges, |at| hasher.write_bytes(array.value(at)));
        }
        PhysicalType::LargeList => {
            let array = cast::<ListArray<i64>>(array)?;
            let ranges = feed_lengths(array.offsets().buffer(), ranges, hasher);
            return feed(&**array.values(), &ranges, hasher);
        }
        PhysicalType::FixedSizeList => {
            let array = cast::<FixedSizeListArray>(array)?;
            let size = array.size();
            let ranges = ranges.iter().map(|it| it.start * size..it.end * size);
            let ranges: Vec<_> = ranges.collect();
            return feed(&**array.values(), &ranges, hasher);
        }
        PhysicalType::Struct => {
            for column in cast::<StructArray>(array)?.values() {
                feed(&**column, ranges, hasher)?;
            }
        }
        PhysicalType::Dictionary(IntegerType::UInt8) => feed_texts::<u8>(array, ranges, hasher)?,
        PhysicalType::Dictionary(IntegerType::UInt16) => feed_texts::<u16>(array, ranges, hasher)?,
        PhysicalType::Dictionary(IntegerType::UInt32) => feed_texts::<u32>(array, ranges, hasher)?,
        _ => return Err(Unknown),
    }
    Ok(())
}

fn cast<T: 'static>(array: &dyn Array) -> Result<&T, Unknown> {
    array.as_any().downcast_ref().ok_or(Unknown)
}

fn each(ranges: &Ranges, each: impl FnMut(usize)) {
    ranges.iter().cloned().flatten().for_each(each);
}

fn feed_primitive(
    array: &dyn Array,
    kind: PrimitiveType,
    ranges: &Ranges,
    hasher: &mut KeyHasher,
) -> Result<(), Unknown> {
    match kind {
        PrimitiveType::Int8 => feed_numbers::<i8>(array, ranges, hasher),
        PrimitiveType::Int16 => feed_numbers::<i16>(array, ranges, hasher),
        PrimitiveType::Int32 => feed_numbers::<i32>(array, ranges, hasher),
        PrimitiveType::Int64 => feed_numbers::<i64>(array, ranges, hasher),
        PrimitiveType::Int128 => feed_numbers::<i128>(array, ranges, hasher),
        PrimitiveType::UInt8 => feed_numbers::<u8>(array, ranges, hasher),
        PrimitiveType::UInt16 => feed_numbers::<u16>(array, ranges, hasher),
        PrimitiveType::UInt32 => feed_numbers::<u32>(array, ranges, hasher),
        PrimitiveType::UInt64 => feed_numbers::<u64>(array, ranges, hasher),
        PrimitiveType::UInt128 => feed_numbers::<u128>(array, ranges, hasher),
        PrimitiveType::Float16 => {
            feed_numbers::<polars_utils::float16::pf16>(array, ranges, hasher)
        }
        PrimitiveType::Float32 => feed_numbers::<f32>(array, ranges, hasher),
        PrimitiveType::Float64 => feed_numbers::<f64>(array, ranges, hasher),
        _ => Err(Unknown),
    }
}

/// Feeds the bits of numbers, so that `-0.0` is not `0.0` and a NaN equals itself.
fn feed_numbers<T: NativeType + Pod>(
    array: &dyn Array,
    ranges: &Ranges,
    hasher: &mut KeyHasher,
) -> Result<(), Unknown> {
    let numbers = cast::<PrimitiveArray<T>>(array)?.values().as_slice();
    for range in ranges {
        hasher.write(bytemuck::cast_slice(&numbers[range.clone()]));
    }
    Ok(())
}

fn feed_texts<K: DictionaryKey>(
    array: &dyn Array,
    ranges: &Ranges,
    hasher: &mut KeyHasher,
) -> Result<(), Unknown> {
    let array = cast::<DictionaryArray<K>>(array)?;
    let texts = cast::<Utf8ViewArray>(&**array.values())?;
    each(ranges, |at| {
        hasher.write_bytes(texts.value(array.key_value(at)).as_bytes());
    });
    Ok(())
}

/// Feeds which of the values in `ranges` are null, and returns the ranges of the others.
fn feed_nulls<'r>(
    validity: Option<&Bitmap>,
    ranges: &'r Ranges,
    hasher: &mut KeyHasher,
) -> Cow<'r, Ranges> {
    let Some(validity) = validity.filter(|validity| validity.unset_bits() > 0) else {
        hasher.write_u8(0);
        return Cow::Borrowed(ranges);
    };
    let mut valid = Vec::new();
    for range in ranges {
        let bits = validity.clone().sliced(range.start, range.len());
        let slices = SlicesIterator::new(&bits);
        valid.extend(slices.map(|(start, len)| {
            let start = range.start + start;
            start..start + len
        }));
    }
    let len = |ranges: &Ranges| ranges.iter().map(ExactSizeIterator::len).sum::<usize>();
    if len(&valid) == len(ranges) {
        hasher.write_u8(0);
        return Cow::Borrowed(ranges);
    }
    hasher.write_u8(1);
    feed_bits(validity, ranges, hasher);
    Cow::Owned(valid)
}

/// Feeds bits, eight in a byte, the first one lowest.
fn feed_bits(bits: &Bitmap, ranges: &Ranges, hasher: &mut KeyHasher) {
    let mut packed = MutableBitmap::new();
    for range in ranges {
        packed.extend_from_bitmap(&bits.clone().sliced(range.start, range.len()));
    }
    let len = packed.len();
    let bytes = &packed.as_slice()[..len.div_ceil(8)];
    let (last, whole) = match len % 8 {
        0 => (None, bytes),
        rest => match bytes.split_last() {
            // The bits after the last one are not part of the value.
            Some((last, whole)) => (Some(last & ((1 << rest) - 1)), whole),
            None => (None, bytes),
        },
    };
    hasher.write(whole);
    if let Some(last) = last {
        hasher.write_u8(last);
    }
}

/// Feeds the lengths of lists, and returns the ranges of their items.
fn feed_lengths(offsets: &[i64], ranges: &Ranges, hasher: &mut KeyHasher) -> Vec<Range<usize>> {
    let mut items = Vec::with_capacity(ranges.len());
    for range in ranges {
        let offsets = &offsets[range.start..=range.end];
        let lengths = offsets.windows(2).map(|it| it[1] - it[0]);
        lengths.for_each(|len| hasher.write(&len.to_le_bytes()));
        items.push(offsets[0] as usize..offsets[offsets.len() - 1] as usize);
    }
    items
}

//! Keys of the values of Arrow arrays: which of them are null, then the others. Offsets,
//! slices, and the bytes under nulls and outside a slice do not count. The values of a
//! dictionary count, in their order and also if no key refers to them, because a function
//! can read them.

use std::borrow::Cow;
use std::ops::Range;

use arrow_array::cast::AsArray;
use arrow_array::types::{Int16Type, Int32Type, Int64Type, RunEndIndexType};
use arrow_array::{Array, OffsetSizeTrait, RunArray, UnionArray};
use arrow_buffer::{ArrowNativeType, BooleanBuffer, BooleanBufferBuilder, NullBuffer};
use arrow_schema::DataType;

use crate::key::{KeyError, KeyHasher};

type Ranges = [Range<usize>];

/// Feeds the number of values of an array, and its values.
pub(super) fn feed(array: &dyn Array, hasher: &mut KeyHasher) {
    hasher.write_len(array.len());
    if cfg!(target_endian = "big") {
        return refuse(array, "big-endian machines are not supported", hasher);
    }
    feed_ranges(array, std::slice::from_ref(&(0..array.len())), hasher);
}

#[cold]
fn refuse(array: &dyn Array, why: &str, hasher: &mut KeyHasher) {
    hasher.fail(KeyError {
        type_name: "arrow Array",
        reason: format!("its data type is {}: {why}", array.data_type()),
    });
}

/// Feeds the values in `ranges`, whose number is known.
fn feed_ranges(array: &dyn Array, ranges: &Ranges, hasher: &mut KeyHasher) {
    let ranges = &*feed_nulls(array.nulls(), ranges, hasher);
    match array.data_type() {
        DataType::Null => {}
        DataType::Boolean => feed_bits(array.as_boolean().values(), ranges, hasher),
        DataType::Binary => {
            let array = array.as_binary::<i32>();
            feed_bytes(array.value_offsets(), array.value_data(), ranges, hasher);
        }
        DataType::LargeBinary => {
            let array = array.as_binary::<i64>();
            feed_bytes(array.value_offsets(), array.value_data(), ranges, hasher);
        }
        DataType::Utf8 => {
            let array = array.as_string::<i32>();
            feed_bytes(array.value_offsets(), array.value_data(), ranges, hasher);
        }
        DataType::LargeUtf8 => {
            let array = array.as_string::<i64>();
            feed_bytes(array.value_offsets(), array.value_data(), ranges, hasher);
        }
        DataType::BinaryView => {
            let array = array.as_binary_view();
            each(ranges, |at| hasher.write_bytes(array.value(at)));
        }
        DataType::Utf8View => {
            let array = array.as_string_view();
            each(ranges, |at| hasher.write_bytes(array.value(at).as_bytes()));
        }
        DataType::FixedSizeBinary(size) => feed_fixed(array, *size as usize, ranges, hasher),
        DataType::List(_) => {
            let array = array.as_list::<i32>();
            let ranges = feed_lengths(array.value_offsets(), ranges, hasher);
            feed_ranges(array.values(), &ranges, hasher);
        }
        DataType::LargeList(_) => {
            let array = array.as_list::<i64>();
            let ranges = feed_lengths(array.value_offsets(), ranges, hasher);
            feed_ranges(array.values(), &ranges, hasher);
        }
        DataType::Map(..) => {
            let array = array.as_map();
            let ranges = feed_lengths(array.value_offsets(), ranges, hasher);
            feed_ranges(array.entries(), &ranges, hasher);
        }
        DataType::ListView(_) => {
            let array = array.as_list_view::<i32>();
            let ranges = feed_views(array.value_offsets(), array.value_sizes(), ranges, hasher);
            feed_ranges(array.values(), &ranges, hasher);
        }
        DataType::LargeListView(_) => {
            let array = array.as_list_view::<i64>();
            let ranges = feed_views(array.value_offsets(), array.value_sizes(), ranges, hasher);
            feed_ranges(array.values(), &ranges, hasher);
        }
        DataType::FixedSizeList(_, size) => {
            let size = *size as usize;
            let ranges = ranges.iter().map(|it| it.start * size..it.end * size);
            let ranges: Vec<_> = ranges.collect();
            feed_ranges(array.as_fixed_size_list().values(), &ranges, hasher);
        }
        DataType::Struct(_) => {
            for column in array.as_struct().columns() {
                feed_ranges(column, ranges, hasher);
            }
        }
        DataType::Dictionary(..) => {
            let array = array.as_any_dictionary();
            feed_ranges(array.keys(), ranges, hasher);
            feed(array.values(), hasher);
        }
        DataType::Union(..) => feed_union(array.as_union(), ranges, hasher),
        DataType::RunEndEncoded(ends, _) => match ends.data_type() {
            DataType::Int16 => feed_runs(array.as_run::<Int16Type>(), ranges, hasher),
            DataType::Int32 => feed_runs(array.as_run::<Int32Type>(), ranges, hasher),
            _ => feed_runs(array.as_run::<Int64Type>(), ranges, hasher),
        },
        other => match other.primitive_width() {
            Some(width) => feed_fixed(array, width, ranges, hasher),
            None => refuse(array, "it is unknown to joblib", hasher),
        },
    }
}

fn each(ranges: &Ranges, each: impl FnMut(usize)) {
    ranges.iter().cloned().flatten().for_each(each);
}

/// Feeds which of the values in `ranges` are null, and returns the ranges of the others.
fn feed_nulls<'r>(
    nulls: Option<&NullBuffer>,
    ranges: &'r Ranges,
    hasher: &mut KeyHasher,
) -> Cow<'r, Ranges> {
    let Some(nulls) = nulls.filter(|nulls| nulls.null_count() > 0) else {
        hasher.write_u8(0);
        return Cow::Borrowed(ranges);
    };
    let mut valid = Vec::new();
    for range in ranges {
        let bits = nulls.inner().slice(range.start, range.len());
        valid.extend(
            bits.set_slices()
                .map(|(start, end)| range.start + start..range.start + end),
        );
    }
    let len = |ranges: &Ranges| ranges.iter().map(ExactSizeIterator::len).sum::<usize>();
    if len(&valid) == len(ranges) {
        hasher.write_u8(0);
        return Cow::Borrowed(ranges);
    }
    hasher.write_u8(1);
    feed_bits(nulls.inner(), ranges, hasher);
    Cow::Owned(valid)
}

/// Feeds bits, eight in a byte, the first one lowest.
fn feed_bits(bits: &BooleanBuffer, ranges: &Ranges, hasher: &mut KeyHasher) {
    let mut packed = BooleanBufferBuilder::new(0);
    for range in ranges {
        packed.append_buffer(&bits.slice(range.start, range.len()));
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

/// Feeds values of `width` bytes.
fn feed_fixed(array: &dyn Array, width: usize, ranges: &Ranges, hasher: &mut KeyHasher) {
    let data = array.to_data();
    let bytes = &data.buffers()[0].as_slice()[data.offset() * width..];
    for range in ranges {
        hasher.write(&bytes[range.start * width..range.end * width]);
    }
}

/// Feeds the lengths of lists, and returns the ranges of their items.
fn feed_lengths<O: OffsetSizeTrait>(
    offsets: &[O],
    ranges: &Ranges,
    hasher: &mut KeyHasher,
) -> Vec<Range<usize>> {
    let mut items = Vec::with_capacity(ranges.len());
    let mut lengths = Vec::new();
    for range in ranges {
        let offsets = &offsets[range.start..=range.end];
        let each = offsets.windows(2).map(|it| (it[1] - it[0]).as_usize());
        lengths.extend(each.flat_map(|len| (len as u64).to_le_bytes()));
        items.push(offsets[0].as_usize()..offsets[offsets.len() - 1].as_usize());
    }
    hasher.write(&lengths);
    items
}

fn feed_bytes<O: OffsetSizeTrait>(
    offsets: &[O],
    bytes: &[u8],
    ranges: &Ranges,
    hasher: &mut KeyHasher,
) {
    for items in feed_lengths(offsets, ranges, hasher) {
        hasher.write(&bytes[items]);
    }
}

/// As [`feed_lengths`], for lists that are anywhere in the items.
fn feed_views<O: OffsetSizeTrait>(
    offsets: &[O],
    sizes: &[O],
    ranges: &Ranges,
    hasher: &mut KeyHasher,
) -> Vec<Range<usize>> {
    let mut items = Vec::new();
    each(ranges, |at| {
        let (start, len) = (offsets[at].as_usize(), sizes[at].as_usize());
        hasher.write_len(len);
        items.push(start..start + len);
    });
    items
}

/// Feeds which field each value is of, then the values of each field.
fn feed_union(array: &UnionArray, ranges: &Ranges, hasher: &mut KeyHasher) {
    let ids = array.type_ids();
    each(ranges, |at| hasher.write(&ids[at].to_le_bytes()));
    let DataType::Union(fields, _) = array.data_type() else {
        return;
    };
    for (id, _) in fields.iter() {
        let mut items = Vec::new();
        each(ranges, |at| {
            if ids[at] == id {
                let at = array.value_offset(at);
                items.push(at..at + 1);
            }
        });
        feed_ranges(array.child(id), &items, hasher);
    }
}

/// Feeds the lengths of runs, as far as they are in the ranges, and their values.
fn feed_runs<R: RunEndIndexType>(array: &RunArray<R>, ranges: &Ranges, hasher: &mut KeyHasher) {
    let (ends, offset) = (array.run_ends().values(), array.run_ends().offset());
    let mut items = Vec::new();
    for range in ranges {
        let (mut at, end) = (range.start + offset, range.end + offset);
        let mut run = ends.partition_point(|end| end.as_usize() <= at);
        let first = run;
        while at < end {
            let next = ends[run].as_usize().min(end);
            hasher.write_len(next - at);
            (at, run) = (next, run + 1);
        }
        items.push(first..run);
    }
    feed_ranges(array.values(), &items, hasher);
}

//! Keys of Arrow data types, with the names, nullability and metadata of their fields.

use arrow_schema::{DataType, Field, Fields, IntervalUnit, Metadata, TimeUnit, UnionMode};

use crate::key::KeyHasher;

/// Feeds a data type. The numbers are part of every key, so they never change.
pub(super) fn feed(data_type: &DataType, hasher: &mut KeyHasher) {
    let number = number(data_type);
    hasher.write_u8(number);
    match data_type {
        DataType::Timestamp(unit, zone) => {
            time_unit(*unit, hasher);
            hasher.write_u8(zone.is_some().into());
            hasher.write_bytes(zone.as_deref().unwrap_or_default().as_bytes());
        }
        DataType::Time32(unit) | DataType::Time64(unit) | DataType::Duration(unit) => {
            time_unit(*unit, hasher);
        }
        DataType::Interval(unit) => hasher.write_u8(match unit {
            IntervalUnit::YearMonth => 0,
            IntervalUnit::DayTime => 1,
            IntervalUnit::MonthDayNano => 2,
        }),
        DataType::FixedSizeBinary(size) => hasher.write(&size.to_le_bytes()),
        DataType::List(item)
        | DataType::ListView(item)
        | DataType::LargeList(item)
        | DataType::LargeListView(item) => feed_field(item, hasher),
        DataType::FixedSizeList(item, size) => {
            feed_field(item, hasher);
            hasher.write(&size.to_le_bytes());
        }
        DataType::Struct(fields) => feed_fields(fields, hasher),
        DataType::Union(fields, mode) => {
            hasher.write_u8(match mode {
                UnionMode::Sparse => 0,
                UnionMode::Dense => 1,
            });
            hasher.write_len(fields.len());
            for (id, field) in fields.iter() {
                hasher.write(&id.to_le_bytes());
                feed_field(field, hasher);
            }
        }
        DataType::Dictionary(keys, values) => {
            feed(keys, hasher);
            feed(values, hasher);
        }
        DataType::Decimal32(precision, scale)
        | DataType::Decimal64(precision, scale)
        | DataType::Decimal128(precision, scale)
        | DataType::Decimal256(precision, scale) => {
            hasher.write_u8(*precision);
            hasher.write(&scale.to_le_bytes());
        }
        DataType::Map(entries, is_sorted) => {
            feed_field(entries, hasher);
            hasher.write_u8((*is_sorted).into());
        }
        DataType::RunEndEncoded(ends, values) => {
            feed_field(ends, hasher);
            feed_field(values, hasher);
        }
        _ => {}
    }
}

fn number(data_type: &DataType) -> u8 {
    match data_type {
        DataType::Null => 0,
        DataType::Boolean => 1,
        DataType::Int8 => 2,
        DataType::Int16 => 3,
        DataType::Int32 => 4,
        DataType::Int64 => 5,
        DataType::UInt8 => 6,
        DataType::UInt16 => 7,
        DataType::UInt32 => 8,
        DataType::UInt64 => 9,
        DataType::Float16 => 10,
        DataType::Float32 => 11,
        DataType::Float64 => 12,
        DataType::Timestamp(..) => 13,
        DataType::Date32 => 14,
        DataType::Date64 => 15,
        DataType::Time32(_) => 16,
        DataType::Time64(_) => 17,
        DataType::Duration(_) => 18,
        DataType::Interval(_) => 19,
        DataType::Binary => 20,
        DataType::FixedSizeBinary(_) => 21,
        DataType::LargeBinary => 22,
        DataType::BinaryView => 23,
        DataType::Utf8 => 24,
        DataType::LargeUtf8 => 25,
        DataType::Utf8View => 26,
        DataType::List(_) => 27,
        DataType::ListView(_) => 28,
        DataType::FixedSizeList(..) => 29,
        DataType::LargeList(_) => 30,
        DataType::LargeListView(_) => 31,
        DataType::Struct(_) => 32,
        DataType::Union(..) => 33,
        DataType::Dictionary(..) => 34,
        DataType::Decimal32(..) => 35,
        DataType::Decimal64(..) => 36,
        DataType::Decimal128(..) => 37,
        DataType::Decimal256(..) => 38,
        DataType::Map(..) => 39,
        DataType::RunEndEncoded(..) => 40,
    }
}

fn time_unit(unit: TimeUnit, hasher: &mut KeyHasher) {
    hasher.write_u8(match unit {
        TimeUnit::Second => 0,
        TimeUnit::Millisecond => 1,
        TimeUnit::Microsecond => 2,
        TimeUnit::Nanosecond => 3,
    });
}

pub(super) fn feed_fields(fields: &Fields, hasher: &mut KeyHasher) {
    hasher.write_len(fields.len());
    for field in fields {
        feed_field(field, hasher);
    }
}

pub(super) fn feed_field(field: &Field, hasher: &mut KeyHasher) {
    hasher.write_bytes(field.name().as_bytes());
    hasher.write_u8(field.is_nullable().into());
    hasher.write_u8((field.dict_is_ordered() == Some(true)).into());
    feed(field.data_type(), hasher);
    feed_metadata(field.metadata(), hasher);
}

/// Feeds metadata, which has the order of its names.
pub(super) fn feed_metadata(metadata: &Metadata, hasher: &mut KeyHasher) {
    hasher.write_len(metadata.len());
    for (name, value) in metadata.iter() {
        hasher.write_bytes(name.as_bytes());
        hasher.write_bytes(value.as_bytes());
    }
}

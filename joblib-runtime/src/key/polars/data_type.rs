//! Keys of polars data types, by the Arrow fields that they are exported as. These do not
//! depend on which data types polars is compiled with. The list is that of the data types
//! of polars: every other type is refused.

use polars_arrow::datatypes::{ArrowDataType, Field, IntegerType, TimeUnit};

use crate::key::KeyHasher;

/// A data type that is not on the list.
pub(super) struct Unknown;

/// Feeds a data type with the names of its fields and its categories. The numbers are part
/// of every key, so they never change.
pub(super) fn feed(field: &Field, hasher: &mut KeyHasher) -> Result<(), Unknown> {
    hasher.write_u8(number(&field.dtype)?);
    match &field.dtype {
        ArrowDataType::Timestamp(unit, zone) => {
            time_unit(*unit, hasher);
            hasher.write_u8(zone.is_some().into());
            hasher.write_bytes(zone.as_deref().unwrap_or_default().as_bytes());
        }
        ArrowDataType::Time64(unit) | ArrowDataType::Duration(unit) => time_unit(*unit, hasher),
        ArrowDataType::Decimal(precision, scale) => {
            hasher.write_len(*precision);
            hasher.write_len(*scale);
        }
        ArrowDataType::LargeList(item) => feed(item, hasher)?,
        ArrowDataType::FixedSizeList(item, size) => {
            hasher.write_len(*size);
            feed(item, hasher)?;
        }
        ArrowDataType::Struct(fields) => {
            hasher.write_len(fields.len());
            for field in fields {
                hasher.write_bytes(field.name.as_bytes());
                feed(field, hasher)?;
            }
        }
        ArrowDataType::Dictionary(codes, _, is_enum) => {
            hasher.write_u8(match codes {
                IntegerType::UInt8 => 0,
                IntegerType::UInt16 => 1,
                IntegerType::UInt32 => 2,
                _ => return Err(Unknown),
            });
            hasher.write_u8((*is_enum).into());
            feed_metadata(field, hasher);
        }
        // `Binary` and `BinaryOffset` differ in it.
        ArrowDataType::LargeBinary => feed_metadata(field, hasher),
        _ => {}
    }
    Ok(())
}

/// Feeds the metadata of polars: the categories of an enum, or the name of categories.
fn feed_metadata(field: &Field, hasher: &mut KeyHasher) {
    let metadata = field.metadata.as_deref();
    hasher.write_len(metadata.map_or(0, |it| it.len()));
    for (name, value) in metadata.into_iter().flatten() {
        hasher.write_bytes(name.as_bytes());
        hasher.write_bytes(value.as_bytes());
    }
}

fn number(data_type: &ArrowDataType) -> Result<u8, Unknown> {
    Ok(match data_type {
        ArrowDataType::Null => 0,
        ArrowDataType::Boolean => 1,
        ArrowDataType::Int8 => 2,
        ArrowDataType::Int16 => 3,
        ArrowDataType::Int32 => 4,
        ArrowDataType::Int64 => 5,
        ArrowDataType::Int128 => 6,
        ArrowDataType::UInt8 => 7,
        ArrowDataType::UInt16 => 8,
        ArrowDataType::UInt32 => 9,
        ArrowDataType::UInt64 => 10,
        ArrowDataType::UInt128 => 11,
        ArrowDataType::Float16 => 12,
        ArrowDataType::Float32 => 13,
        ArrowDataType::Float64 => 14,
        ArrowDataType::Timestamp(..) => 15,
        ArrowDataType::Date32 => 16,
        ArrowDataType::Time64(_) => 17,
        ArrowDataType::Duration(_) => 18,
        ArrowDataType::Decimal(..) => 19,
        ArrowDataType::Utf8View => 20,
        ArrowDataType::BinaryView => 21,
        ArrowDataType::LargeBinary => 22,
        ArrowDataType::LargeList(_) => 23,
        ArrowDataType::FixedSizeList(..) => 24,
        ArrowDataType::Struct(_) => 25,
        ArrowDataType::Dictionary(..) => 26,
        _ => return Err(Unknown),
    })
}

fn time_unit(unit: TimeUnit, hasher: &mut KeyHasher) {
    hasher.write_u8(match unit {
        TimeUnit::Second => 0,
        TimeUnit::Millisecond => 1,
        TimeUnit::Microsecond => 2,
        TimeUnit::Nanosecond => 3,
    });
}

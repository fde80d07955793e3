//! Keys of Arrow schemas, arrays and record batches. The key of an array is that of its
//! data type and its values; where the values are in memory does not count.

mod data_type;
mod values;

use arrow_array::types::{
    ArrowDictionaryKeyType, ArrowPrimitiveType, ByteArrayType, ByteViewType, RunEndIndexType,
};
use arrow_array::{
    Array, BooleanArray, DictionaryArray, FixedSizeBinaryArray, FixedSizeListArray,
    GenericByteArray, GenericByteViewArray, GenericListArray, GenericListViewArray, MapArray,
    NullArray, OffsetSizeTrait, PrimitiveArray, RecordBatch, RunArray, StructArray, UnionArray,
};
use arrow_schema::{DataType, Field, Schema};

use super::{Key, KeyHasher};

/// Equals the key of the array behind it, whose type is part of its data type.
impl Key for dyn Array + '_ {
    fn feed_type(hasher: &mut KeyHasher) {
        hasher.nominal("arrow", "Array", 0);
    }

    fn feed(&self, hasher: &mut KeyHasher) {
        data_type::feed(self.data_type(), hasher);
        values::feed(self, hasher);
    }
}

macro_rules! arrays {
    ($([$($generics:tt)*] $ty:ty;)*) => {$(
        impl<$($generics)*> Key for $ty {
            fn feed_type(hasher: &mut KeyHasher) {
                <dyn Array>::feed_type(hasher);
            }

            fn feed(&self, hasher: &mut KeyHasher) {
                let array: &dyn Array = self;
                array.feed(hasher);
            }
        }
    )*};
}

arrays! {
    [] NullArray;
    [] BooleanArray;
    [T: ArrowPrimitiveType] PrimitiveArray<T>;
    [T: ByteArrayType] GenericByteArray<T>;
    [T: ByteViewType] GenericByteViewArray<T>;
    [] FixedSizeBinaryArray;
    [O: OffsetSizeTrait] GenericListArray<O>;
    [O: OffsetSizeTrait] GenericListViewArray<O>;
    [] FixedSizeListArray;
    [] MapArray;
    [] StructArray;
    [] UnionArray;
    [K: ArrowDictionaryKeyType] DictionaryArray<K>;
    [R: RunEndIndexType] RunArray<R>;
}

impl Key for RecordBatch {
    fn feed_type(hasher: &mut KeyHasher) {
        hasher.nominal("arrow", "RecordBatch", 0);
    }

    fn feed(&self, hasher: &mut KeyHasher) {
        self.schema_ref().feed(hasher);
        hasher.write_len(self.num_rows());
        for column in self.columns() {
            values::feed(column, hasher);
        }
    }
}

impl Key for Schema {
    fn feed_type(hasher: &mut KeyHasher) {
        hasher.nominal("arrow", "Schema", 0);
    }

    fn feed(&self, hasher: &mut KeyHasher) {
        data_type::feed_fields(&self.fields, hasher);
        data_type::feed_metadata(&self.metadata, hasher);
    }
}

impl Key for Field {
    fn feed_type(hasher: &mut KeyHasher) {
        hasher.nominal("arrow", "Field", 0);
    }

    fn feed(&self, hasher: &mut KeyHasher) {
        data_type::feed_field(self, hasher);
    }
}

impl Key for DataType {
    fn feed_type(hasher: &mut KeyHasher) {
        hasher.nominal("arrow", "DataType", 0);
    }

    fn feed(&self, hasher: &mut KeyHasher) {
        data_type::feed(self, hasher);
    }
}

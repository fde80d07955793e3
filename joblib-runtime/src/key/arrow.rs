//! Keys of Arrow schemas, arrays and record batches. The key of an array is that of its
//! data type and its values; where the values are in memory does not count.

mod data_type;
mod values;

use arrow_array::{Array, RecordBatch};
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

/// Passes the concrete array types to a macro, each with its generic parameters.
macro_rules! each_array {
    ($implement:ident) => {
        $implement! {
            [] arrow_array::NullArray;
            [] arrow_array::BooleanArray;
            [T: arrow_array::types::ArrowPrimitiveType] arrow_array::PrimitiveArray<T>;
            [T: arrow_array::types::ByteArrayType] arrow_array::GenericByteArray<T>;
            [T: arrow_array::types::ByteViewType] arrow_array::GenericByteViewArray<T>;
            [] arrow_array::FixedSizeBinaryArray;
            [O: arrow_array::OffsetSizeTrait] arrow_array::GenericListArray<O>;
            [O: arrow_array::OffsetSizeTrait] arrow_array::GenericListViewArray<O>;
            [] arrow_array::FixedSizeListArray;
            [] arrow_array::MapArray;
            [] arrow_array::StructArray;
            [] arrow_array::UnionArray;
            [K: arrow_array::types::ArrowDictionaryKeyType] arrow_array::DictionaryArray<K>;
            [R: arrow_array::types::RunEndIndexType] arrow_array::RunArray<R>;
        }
    };
}
pub(crate) use each_array;

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

each_array!(arrays);

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

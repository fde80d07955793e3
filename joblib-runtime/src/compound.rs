//! The traits of serde that serialize elements, entries and fields, implemented by the
//! methods of one type.

/// Implements the traits for a type with the methods `part`, `field`, `key` and `close`.
macro_rules! serialize_compound {
    ($ty:ty, $error:ty) => {
        crate::compound::serialize_compound! {@ $ty, $error;
            SerializeSeq: serialize_element = part;
            SerializeTuple: serialize_element = part;
            SerializeTupleStruct: serialize_field = part;
            SerializeTupleVariant: serialize_field = part;
            SerializeStruct: serialize_field(name) = field;
            SerializeStructVariant: serialize_field(name) = field;
            SerializeMap: serialize_key = key, serialize_value = part;
        }
    };
    (@ $ty:ty, $error:ty; $($trait:ident: $($method:ident $(($name:ident))? = $own:ident),*;)*) => {$(
        impl serde::ser::$trait for $ty {
            type Ok = ();
            type Error = $error;

            $(fn $method<T: serde::Serialize + ?Sized>(
                &mut self,
                $($name: &'static str,)?
                value: &T,
            ) -> Result<(), $error> {
                self.$own($($name,)? value)
            })*

            fn end(self) -> Result<(), $error> {
                self.close()
            }
        }
    )*};
}

pub(crate) use serialize_compound;

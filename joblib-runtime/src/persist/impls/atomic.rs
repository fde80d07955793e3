//! Atomic numbers: encoded as the numbers that they hold.

use std::sync::atomic::{self, Ordering};

use crate::persist::derive_support::{BodyReader, BodyWriter, OneByOne, SchemaBuilder, Viewer};
use crate::persist::error::Error;
use crate::persist::mode::MapMode;
use crate::persist::traits::{Persist, Save};

macro_rules! atomics {
    ($($ty:ident as $number:ty;)*) => {$(
        impl Save for atomic::$ty {
            fn schema(schemas: &mut SchemaBuilder) -> u32 {
                <$number>::schema(schemas)
            }

            fn save<'v>(&'v self, writer: &mut BodyWriter<'v, '_>) -> Result<(), Error> {
                let number = self.load(Ordering::SeqCst);
                writer.temporary(|writer| number.save(writer))
            }
        }

        impl Persist for atomic::$ty {
            type View<'m, M: MapMode> = $number;
            type Views<'m, M: MapMode> = Vec<$number>;
            type Rows = OneByOne;

            fn load(reader: &mut BodyReader<'_>) -> Result<Self, Error> {
                <$number>::load(reader).map(Self::new)
            }

            fn view<'m, M: MapMode>(viewer: &mut Viewer<'m, M>) -> Result<$number, Error> {
                <$number>::load(viewer.reader())
            }

            fn view_many<'m, M: MapMode>(viewer: &mut Viewer<'m, M>) -> Result<Vec<$number>, Error> {
                viewer.many::<$number>()
            }
        }
    )*};
}

atomics! {
    AtomicBool as bool;
    AtomicU8 as u8;
    AtomicU16 as u16;
    AtomicU32 as u32;
    AtomicI8 as i8;
    AtomicI16 as i16;
    AtomicI32 as i32;
}

#[cfg(target_has_atomic = "64")]
atomics! {
    AtomicU64 as u64;
    AtomicI64 as i64;
}

#[cfg(target_pointer_width = "64")]
atomics! {
    AtomicUsize as usize;
    AtomicIsize as isize;
}

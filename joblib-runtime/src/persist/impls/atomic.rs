//! Atomic numbers: as the numbers they hold.

use std::sync::atomic::{self, Ordering};

use super::super::derived::{Apart, Reader, Schemas, Viewer, Writer};
use super::super::error::Error;
use super::super::mode::Mode;
use super::super::save::{Persist, Save};

macro_rules! atomics {
    ($($ty:ident as $number:ty;)*) => {$(
        impl Save for atomic::$ty {
            fn schema(schemas: &mut Schemas) -> u32 {
                <$number>::schema(schemas)
            }

            fn save<'v>(&'v self, writer: &mut Writer<'v, '_>) -> Result<(), Error> {
                let number = self.load(Ordering::SeqCst);
                writer.temporary(|writer| number.save(writer))
            }
        }

        impl Persist for atomic::$ty {
            type View<'m, M: Mode> = $number;
            type Views<'m, M: Mode> = Vec<$number>;
            type Rows = Apart;

            fn load(reader: &mut Reader<'_>) -> Result<Self, Error> {
                <$number>::load(reader).map(Self::new)
            }

            fn view<'m, M: Mode>(viewer: &mut Viewer<'m, M>) -> Result<$number, Error> {
                <$number>::load(viewer.reader())
            }

            fn view_many<'m, M: Mode>(viewer: &mut Viewer<'m, M>) -> Result<Vec<$number>, Error> {
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

//! Types that hold one value or none: pointers, options, cells. Pointers leave no trace
//! in files; a shared value is written once for each pointer to it.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::cmp::Reverse;
use std::marker::PhantomData;
use std::num::{Saturating, Wrapping};
use std::ops::{
    Bound, Range, RangeBounds, RangeFrom, RangeFull, RangeInclusive, RangeTo, RangeToInclusive,
};
use std::rc::Rc;
use std::sync::{Arc, Mutex, RwLock, TryLockError};

use super::number::checked;
use crate::persist::derive_support::{
    BodyReader, BodyWriter, OneByOne, RecordView, SchemaBuilder, Viewer,
};
use crate::persist::error::{Error, ErrorKind};
use crate::persist::mode::MapMode;
use crate::persist::record::{InvalidRecord, RecordLayout};
use crate::persist::row::one_by_one;
use crate::persist::sorted_keys::KeyOrder;
use crate::persist::traits::{Persist, Save};

macro_rules! transparent {
    ($([$($generics:tt)*] $ty:ty;)*) => {$(
        impl<$($generics)*> Save for $ty {
            fn schema(schemas: &mut SchemaBuilder) -> u32 {
                T::schema(schemas)
            }

            #[inline]
            fn save<'v>(&'v self, writer: &mut BodyWriter<'v, '_>) -> Result<(), Error> {
                writer.with_room(|writer| T::save(self, writer))
            }

            const ORDER: KeyOrder = T::ORDER;
            const ASCENDS: bool = T::ASCENDS;

            const IS_RANKED: bool = T::IS_RANKED;

            #[inline]
            fn rank(&self) -> u64 {
                T::rank(self)
            }

            #[inline]
            fn save_rank(rank: u64, writer: &mut BodyWriter<'_, '_>) {
                T::save_rank(rank, writer);
            }

            #[inline]
            fn order(&self, lend: &mut dyn FnMut(&[u8])) {
                T::order(self, lend);
            }

            fn schema_within(schemas: &mut SchemaBuilder) -> u32 {
                T::schema_within(schemas)
            }

            #[inline]
            fn save_within<'v>(&'v self, writer: &mut BodyWriter<'v, '_>) -> Result<(), Error> {
                writer.with_room(|writer| T::save_within(self, writer))
            }
        }
    )*};
}

transparent! {
    [T: Save + ?Sized] &T;
    [T: Save + ?Sized] &mut T;
    [T: Save + ToOwned + ?Sized] Cow<'_, T>;
}

/// Values up to this size are read on the stack, which avoids an extra box for
/// reference-counted pointers.
const SMALL: usize = 1 << 10;

/// Pointers to a value. The view is a box, since a type may contain itself through a
/// pointer. A large value is read directly into a box if its type supports it.
macro_rules! pointers {
    ($($ty:ident)*) => {$(
        transparent! { [T: Save + ?Sized] $ty<T>; }

        impl<T: Persist> Persist for $ty<T> {
            type View<'m, M: MapMode> = Box<T::View<'m, M>>;
            one_by_one!();

            fn load(reader: &mut BodyReader<'_>) -> Result<Self, Error> {
                match size_of::<T>() <= SMALL {
                    true => reader.with_room::<T, _>(|reader| T::load(reader).map($ty::new)),
                    false => reader.with_room_for(T::ON_STACK, |reader| {
                        T::load_boxed(reader).map($ty::from)
                    }),
                }
            }

            fn load_within(reader: &mut BodyReader<'_>) -> Result<Self, Error> {
                reader.with_room::<T, _>(|reader| match size_of::<T>() <= SMALL {
                    true => T::load_within(reader).map($ty::new),
                    // Only single numbers have another encoding inside maps.
                    false => T::load_boxed(reader).map($ty::from),
                })
            }

            fn view<'m, M: MapMode>(viewer: &mut Viewer<'m, M>) -> Result<Self::View<'m, M>, Error> {
                viewer.with_room::<T::View<'m, M>, _>(|viewer| T::view(viewer).map(Box::new))
            }

            fn view_within<'m, M: MapMode>(
                viewer: &mut Viewer<'m, M>,
            ) -> Result<Self::View<'m, M>, Error> {
                viewer.with_room::<T::View<'m, M>, _>(|viewer| T::view_within(viewer).map(Box::new))
            }
        }
    )*};
}

pointers!(Box Arc Rc);

impl<'a, T: Save + ToOwned + ?Sized> Persist for Cow<'a, T>
where
    T::Owned: Persist,
{
    type View<'m, M: MapMode> = <T::Owned as Persist>::View<'m, M>;
    type Views<'m, M: MapMode> = <T::Owned as Persist>::Views<'m, M>;
    type Rows = OneByOne;

    fn load(reader: &mut BodyReader<'_>) -> Result<Self, Error> {
        T::Owned::load(reader).map(Cow::Owned)
    }

    fn load_within(reader: &mut BodyReader<'_>) -> Result<Self, Error> {
        T::Owned::load_within(reader).map(Cow::Owned)
    }

    fn view<'m, M: MapMode>(viewer: &mut Viewer<'m, M>) -> Result<Self::View<'m, M>, Error> {
        T::Owned::view(viewer)
    }

    fn view_within<'m, M: MapMode>(viewer: &mut Viewer<'m, M>) -> Result<Self::View<'m, M>, Error> {
        T::Owned::view_within(viewer)
    }

    fn view_many<'m, M: MapMode>(viewer: &mut Viewer<'m, M>) -> Result<Self::Views<'m, M>, Error> {
        T::Owned::view_many(viewer)
    }
}

impl<T: Save> Save for Option<T> {
    fn schema(schemas: &mut SchemaBuilder) -> u32 {
        schemas.option::<T>()
    }

    fn save<'v>(&'v self, writer: &mut BodyWriter<'v, '_>) -> Result<(), Error> {
        writer.raw(&[self.is_some().into()]);
        self.iter().try_for_each(|value| value.save(writer))
    }
}

impl<T: Persist> Persist for Option<T> {
    type View<'m, M: MapMode> = Option<T::View<'m, M>>;
    one_by_one!();

    fn load(reader: &mut BodyReader<'_>) -> Result<Self, Error> {
        reader.flag()?.then(|| T::load(reader)).transpose()
    }

    fn view<'m, M: MapMode>(viewer: &mut Viewer<'m, M>) -> Result<Self::View<'m, M>, Error> {
        let is_some = viewer.reader().flag()?;
        is_some.then(|| T::view(viewer)).transpose()
    }
}

/// Types that contain a value directly.
macro_rules! holders {
    ($($ty:ident $([$bound:ident])? = $new:expr, |$value:ident, $writer:ident| $save:expr;)*) => {$(
        impl<T: Save $(+ $bound)?> Save for $ty<T> {
            fn schema(schemas: &mut SchemaBuilder) -> u32 {
                T::schema(schemas)
            }

            fn save<'v>(&'v self, $writer: &mut BodyWriter<'v, '_>) -> Result<(), Error> {
                let $value = self;
                $save
            }
        }

        impl<T: Persist $(+ $bound)?> Persist for $ty<T> {
            type View<'m, M: MapMode> = T::View<'m, M>;
            type Views<'m, M: MapMode> = Vec<T::View<'m, M>>;
            type Rows = OneByOne;

            fn load(reader: &mut BodyReader<'_>) -> Result<Self, Error> {
                T::load(reader).map($new)
            }

            fn view<'m, M: MapMode>(viewer: &mut Viewer<'m, M>) -> Result<Self::View<'m, M>, Error> {
                T::view(viewer)
            }

            fn view_many<'m, M: MapMode>(
                viewer: &mut Viewer<'m, M>,
            ) -> Result<Self::Views<'m, M>, Error> {
                viewer.many::<T>()
            }
        }
    )*};
}

holders! {
    Wrapping = Wrapping, |value, writer| value.0.save(writer);
    Saturating = Saturating, |value, writer| value.0.save(writer);
    Reverse = Reverse, |value, writer| value.0.save(writer);
    Cell [Copy] = Cell::new, |value, writer| {
        let value = value.get();
        writer.temporary(|writer| value.save(writer))
    };
    RefCell = RefCell::new, |value, writer| {
        let borrow = || value.try_borrow().map_err(|_| in_use("a `RefCell` is borrowed mutably"));
        writer.locked(|| borrow().map(Some), borrow)
    };
    Mutex = Mutex::new, |value, writer| {
        let poisoned = || in_use("a `Mutex` is poisoned");
        writer.locked(
            || if_unlocked(value.try_lock(), poisoned),
            || value.lock().map_err(|_| poisoned()),
        )
    };
    RwLock = RwLock::new, |value, writer| {
        let poisoned = || in_use("a `RwLock` is poisoned");
        writer.locked(
            || if_unlocked(value.try_read(), poisoned),
            || value.read().map_err(|_| poisoned()),
        )
    };
}

/// Returns the guard, or `None` if the lock is held.
fn if_unlocked<G>(
    tried: Result<G, TryLockError<G>>,
    poisoned: impl FnOnce() -> Error,
) -> Result<Option<G>, Error> {
    match tried {
        Ok(guard) => Ok(Some(guard)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Poisoned(_)) => Err(poisoned()),
    }
}

fn in_use(what: &str) -> Error {
    ErrorKind::Value(format!("{what}, so its value cannot be written")).into()
}

impl<T: ?Sized> Save for PhantomData<T> {
    fn schema(schemas: &mut SchemaBuilder) -> u32 {
        schemas.unit()
    }

    const RECORD: Option<RecordLayout> = Some(RecordLayout::nothing());

    fn save<'v>(&'v self, _: &mut BodyWriter<'v, '_>) -> Result<(), Error> {
        Ok(())
    }
}

impl<T: ?Sized> Persist for PhantomData<T> {
    type View<'m, M: MapMode> = PhantomData<T>;
    one_by_one!();

    fn load(_: &mut BodyReader<'_>) -> Result<Self, Error> {
        Ok(PhantomData)
    }

    fn view<'m, M: MapMode>(_: &mut Viewer<'m, M>) -> Result<Self, Error> {
        Ok(PhantomData)
    }

    #[inline]
    fn fetch(_: &[u8]) -> Result<Self, InvalidRecord> {
        Ok(PhantomData)
    }

    #[inline]
    fn view_record<'m, M: MapMode>(_: &mut RecordView<'m, M>) -> Result<Self, Error> {
        Ok(PhantomData)
    }
}

/// Weak pointers are written as nothing and read as pointers without a target: values
/// that point to each other would otherwise be written without end.
macro_rules! weak {
    ($($ty:ty;)*) => {$(
        impl<T: ?Sized> Save for $ty {
            fn schema(schemas: &mut SchemaBuilder) -> u32 {
                schemas.unit()
            }

            fn save<'v>(&'v self, _: &mut BodyWriter<'v, '_>) -> Result<(), Error> {
                Ok(())
            }
        }

        impl<T> Persist for $ty {
            type View<'m, M: MapMode> = ();
            type Views<'m, M: MapMode> = Vec<()>;
            type Rows = OneByOne;

            fn load(_: &mut BodyReader<'_>) -> Result<Self, Error> {
                Ok(Self::new())
            }

            fn view<'m, M: MapMode>(_: &mut Viewer<'m, M>) -> Result<(), Error> {
                Ok(())
            }

            fn view_many<'m, M: MapMode>(viewer: &mut Viewer<'m, M>) -> Result<Vec<()>, Error> {
                viewer.many::<()>()
            }
        }
    )*};
}

weak! {
    std::rc::Weak<T>;
    std::sync::Weak<T>;
}

/// The error for a range that has yielded its last item. Its bounds do not show this,
/// so it would be read as a range that still yields the item.
fn exhausted_range() -> Error {
    let message = "a `RangeInclusive` was iterated to its end, which its bounds do not show, so \
                   it cannot be written";
    ErrorKind::Value(message.to_owned()).into()
}

checked! {
    [T: Persist + Clone] Range<T> as "Range" of (T, T),
        |range| (range.start.clone(), range.end.clone()),
        |pair| Ok(pair.0..pair.1);
    [T: Persist + Clone] RangeInclusive<T> as "RangeInclusive" of (T, T),
        |range| match range.end_bound() {
            Bound::Excluded(_) => return Err(exhausted_range()),
            _ => (range.start().clone(), range.end().clone()),
        },
        |pair| Ok(pair.0..=pair.1);
    [T: Persist + Clone] RangeFrom<T> as "RangeFrom" of (T,),
        |range| (range.start.clone(),),
        |start| Ok(start.0..);
    [T: Persist + Clone] RangeTo<T> as "RangeTo" of (T,),
        |range| (range.end.clone(),),
        |end| Ok(..end.0);
    [T: Persist + Clone] RangeToInclusive<T> as "RangeToInclusive" of (T,),
        |range| (range.end.clone(),),
        |end| Ok(..=end.0);
    [] RangeFull as "RangeFull" of (), |_range| (), |_unit| Ok(..);
    [T: Persist + Clone] Bound<T> as "Bound" of (u8, Option<T>),
        |bound| match bound {
            Bound::Unbounded => (0, None),
            Bound::Included(value) => (1, Some(value.clone())),
            Bound::Excluded(value) => (2, Some(value.clone())),
        },
        |bound| match bound {
            (0, None) => Ok(Bound::Unbounded),
            (1, Some(value)) => Ok(Bound::Included(value)),
            (2, Some(value)) => Ok(Bound::Excluded(value)),
            _ => Err(Error::damaged_body("invalid bound")),
        };
}

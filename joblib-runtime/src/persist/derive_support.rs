//! What derived code calls.
//!
//! A field whose type lacks `Persist` is to be one error, at that field. So a
//! field is asked for its trait in one constant, and used by `Field`, whose
//! parameter contains that constant: where it is wrong, the compiler takes
//! every use of it as told.

use std::marker::PhantomData;

use serde::Serialize;
use serde::de::DeserializeOwned;

pub use super::debug_fallback::{DebugFallback, DebugOr, show_struct, show_tuple};
use super::error::ErrorKind;
pub use super::reader::BodyReader;
pub use super::record::{InvalidRecord, RecordLayout, RecordReader, RecordWriter};
pub use super::row::{AsArray, AsInner, AsOnlyField, IsElement, OneByOne, RowStorage};
pub use super::schema::{FieldDecl, FieldsDecl, Schema, SchemaBuilder, TypeDecl, VariantDecl};
pub use super::sorted_keys::KeyOrder;
pub use super::strided::Strided;
pub use super::viewer::{RecordView, Viewer};
pub use super::writer::BodyWriter;
use super::{Error, MapMode, Persist, Save};
pub use crate::type_identity::type_id as identity;

/// A type whose `Persist` is derived and leaves out no field, so that what is
/// read equals what was written.
pub trait Lossless: Save {}

impl<T: Lossless> Lossless for Option<T> {}

impl<T: Lossless, E: Persist> Lossless for Result<T, E> {}

impl<T: Lossless> Lossless for Vec<T> {}

impl<T: Lossless> Lossless for [T] {}

impl<T: Lossless> Lossless for Box<T> {}

/// A constant that is only there if the type of a field has its trait.
#[derive(Debug)]
pub enum Checked<const IS: bool> {}

/// A field with `Persist`, of which `C` is [`Checked`].
pub trait PersistField<C>: Sized {
    /// As of [`Persist`].
    type View<'m, M: MapMode>;

    /// As of [`Persist`].
    type Views<'m, M: MapMode>;

    /// As of [`Persist`].
    type Rows: RowStorage<Self>;

    /// As of [`Save`].
    const RECORD: Option<RecordLayout>;

    /// As of [`Save`].
    fn cells() -> Option<IsElement<Self>>;

    /// As of [`Save`].
    fn lengths(each: &mut dyn FnMut(usize));

    /// As of [`Save`].
    fn store(field: &Self, out: &mut [u8]);

    /// As of [`Persist`].
    ///
    /// # Errors
    ///
    /// Those of its type.
    fn fetch(bytes: &[u8]) -> Result<Self, InvalidRecord>;

    /// As of [`Persist`].
    ///
    /// # Errors
    ///
    /// Those of its type.
    fn view_record<'m, M: MapMode>(
        sight: &mut RecordView<'m, M>,
    ) -> Result<Self::View<'m, M>, Error>;

    /// As of [`Persist`].
    ///
    /// # Errors
    ///
    /// Those of its type.
    fn view_records<'m, M: MapMode>(
        sight: &mut RecordView<'m, M>,
        count: usize,
    ) -> Result<Self::Views<'m, M>, Error>;

    /// Adds the type of the field.
    fn schema(schemas: &mut SchemaBuilder) -> u32;

    /// Adds a sequence of it.
    fn schema_of_many(schemas: &mut SchemaBuilder) -> u32;

    /// As of [`Save`].
    const ORDER: KeyOrder;

    /// As of [`Save`].
    const IS_RANKED: bool;

    /// As of [`Save`].
    fn rank(field: &Self) -> u64;

    /// As of [`Save`].
    fn save_rank(rank: u64, writer: &mut BodyWriter<'_, '_>);

    /// As of [`Save`].
    fn order(field: &Self, lend: &mut dyn FnMut(&[u8]));

    /// As of [`Save`].
    fn schema_within(schemas: &mut SchemaBuilder) -> u32;

    /// As of [`Save`].
    ///
    /// # Errors
    ///
    /// Those of its type.
    fn save_within<'v>(field: &'v Self, writer: &mut BodyWriter<'v, '_>) -> Result<(), Error>;

    /// As of [`Persist`].
    ///
    /// # Errors
    ///
    /// Those of its type.
    fn load_within(reader: &mut BodyReader<'_>) -> Result<Self, Error>;

    /// As of [`Persist`].
    ///
    /// # Errors
    ///
    /// Those of its type.
    fn view_within<'m, M: MapMode>(viewer: &mut Viewer<'m, M>) -> Result<Self::View<'m, M>, Error>;

    /// Writes the field.
    ///
    /// # Errors
    ///
    /// Those of its type.
    fn save<'v>(field: &'v Self, writer: &mut BodyWriter<'v, '_>) -> Result<(), Error>;

    /// Writes the fields of many values, which lie one after another.
    ///
    /// # Errors
    ///
    /// Those of its type.
    fn save_many<'v>(fields: &'v [Self], writer: &mut BodyWriter<'v, '_>) -> Result<(), Error>;

    /// Writes the fields of many values.
    ///
    /// # Errors
    ///
    /// Those of its type.
    fn save_each<'v, I>(fields: I, writer: &mut BodyWriter<'v, '_>) -> Result<(), Error>
    where
        Self: 'v,
        I: ExactSizeIterator<Item = &'v Self> + Clone + 'v;

    /// Reads the field.
    ///
    /// # Errors
    ///
    /// Those of its type.
    fn load(reader: &mut BodyReader<'_>) -> Result<Self, Error>;

    /// Reads the fields of many values.
    ///
    /// # Errors
    ///
    /// Those of its type.
    fn load_many(reader: &mut BodyReader<'_>) -> Result<Vec<Self>, Error>;

    /// Finds the field.
    ///
    /// # Errors
    ///
    /// Those of its type.
    fn view<'m, M: MapMode>(viewer: &mut Viewer<'m, M>) -> Result<Self::View<'m, M>, Error>;

    /// Finds the fields of many values.
    ///
    /// # Errors
    ///
    /// Those of its type.
    fn view_many<'m, M: MapMode>(viewer: &mut Viewer<'m, M>) -> Result<Self::Views<'m, M>, Error>;
}

impl<T: Persist, C> PersistField<C> for T {
    type View<'m, M: MapMode> = <T as Persist>::View<'m, M>;
    type Views<'m, M: MapMode> = <T as Persist>::Views<'m, M>;
    type Rows = <T as Persist>::Rows;

    const RECORD: Option<RecordLayout> = T::RECORD;

    #[inline]
    fn cells() -> Option<IsElement<T>> {
        T::cells()
    }

    #[inline]
    fn lengths(each: &mut dyn FnMut(usize)) {
        T::lengths(each);
    }

    #[inline]
    fn store(field: &T, out: &mut [u8]) {
        T::store(field, out);
    }

    #[inline]
    fn fetch(bytes: &[u8]) -> Result<T, InvalidRecord> {
        <T as Persist>::fetch(bytes)
    }

    #[inline]
    fn view_record<'m, M: MapMode>(
        sight: &mut RecordView<'m, M>,
    ) -> Result<Self::View<'m, M>, Error> {
        <T as Persist>::view_record(sight)
    }

    #[inline]
    fn view_records<'m, M: MapMode>(
        sight: &mut RecordView<'m, M>,
        count: usize,
    ) -> Result<Self::Views<'m, M>, Error> {
        <T as Persist>::view_records(sight, count)
    }

    #[inline]
    fn save_many<'v>(fields: &'v [T], writer: &mut BodyWriter<'v, '_>) -> Result<(), Error> {
        T::save_many(fields, writer)
    }

    #[inline]
    fn schema(schemas: &mut SchemaBuilder) -> u32 {
        T::schema(schemas)
    }

    #[inline]
    fn schema_of_many(schemas: &mut SchemaBuilder) -> u32 {
        T::schema_of_many(schemas)
    }

    const ORDER: KeyOrder = T::ORDER;

    const IS_RANKED: bool = T::IS_RANKED;

    #[inline]
    fn rank(field: &T) -> u64 {
        T::rank(field)
    }

    #[inline]
    fn save_rank(rank: u64, writer: &mut BodyWriter<'_, '_>) {
        T::save_rank(rank, writer);
    }

    #[inline]
    fn order(field: &T, lend: &mut dyn FnMut(&[u8])) {
        T::order(field, lend);
    }

    #[inline]
    fn schema_within(schemas: &mut SchemaBuilder) -> u32 {
        T::schema_within(schemas)
    }

    #[inline]
    fn save_within<'v>(field: &'v T, writer: &mut BodyWriter<'v, '_>) -> Result<(), Error> {
        T::save_within(field, writer)
    }

    #[inline]
    fn load_within(reader: &mut BodyReader<'_>) -> Result<T, Error> {
        <T as Persist>::load_within(reader)
    }

    #[inline]
    fn view_within<'m, M: MapMode>(viewer: &mut Viewer<'m, M>) -> Result<Self::View<'m, M>, Error> {
        <T as Persist>::view_within(viewer)
    }

    #[inline]
    fn save<'v>(field: &'v T, writer: &mut BodyWriter<'v, '_>) -> Result<(), Error> {
        T::save(field, writer)
    }

    #[inline]
    fn save_each<'v, I>(fields: I, writer: &mut BodyWriter<'v, '_>) -> Result<(), Error>
    where
        T: 'v,
        I: ExactSizeIterator<Item = &'v T> + Clone + 'v,
    {
        T::save_each(fields, writer)
    }

    #[inline]
    fn load(reader: &mut BodyReader<'_>) -> Result<T, Error> {
        <T as Persist>::load(reader)
    }

    #[inline]
    fn load_many(reader: &mut BodyReader<'_>) -> Result<Vec<T>, Error> {
        <T as Persist>::load_many(reader)
    }

    #[inline]
    fn view<'m, M: MapMode>(viewer: &mut Viewer<'m, M>) -> Result<Self::View<'m, M>, Error> {
        <T as Persist>::view(viewer)
    }

    #[inline]
    fn view_many<'m, M: MapMode>(viewer: &mut Viewer<'m, M>) -> Result<Self::Views<'m, M>, Error> {
        <T as Persist>::view_many(viewer)
    }
}

/// A field that serde describes, of which `C` is [`Checked`].
pub trait ViaSerde<C>: Sized {
    /// Writes the field, which messages call `name`.
    ///
    /// # Errors
    ///
    /// Those of its `Serialize`.
    fn save(&self, name: &'static str, writer: &mut BodyWriter<'_, '_>) -> Result<(), Error>;

    /// Reads the field.
    ///
    /// # Errors
    ///
    /// Those of its `Deserialize`.
    fn load(name: &'static str, reader: &mut BodyReader<'_>) -> Result<Self, Error>;
}

impl<T: Serialize + DeserializeOwned, C> ViaSerde<C> for T {
    #[inline]
    fn save(&self, name: &'static str, writer: &mut BodyWriter<'_, '_>) -> Result<(), Error> {
        writer.serde(name, self)
    }

    #[inline]
    fn load(name: &'static str, reader: &mut BodyReader<'_>) -> Result<T, Error> {
        reader.serde(name)
    }
}

/// A field that serde describes, of a type that is only written.
pub trait ViaSerialize: Serialize {}

impl<T: Serialize + ?Sized> ViaSerialize for T {}

/// Whether serde describes `T`: a program with a `false` does not compile.
pub const fn is_described<T: Serialize + DeserializeOwned>() -> bool {
    true
}

/// The error for a variant that no file has.
///
/// # Errors
///
/// Always.
#[cold]
pub fn skipped(name: &str, variant: &str) -> Result<(), Error> {
    let message = format!(
        "a `{name}::{variant}` is not written, as `#[persist(skip)]` stands on the variant"
    );
    Err(ErrorKind::Value(message).into())
}

/// A type, which may be a marker.
#[derive(Debug)]
pub struct MarkerProbe<T: ?Sized>(PhantomData<T>);

impl<T: ?Sized> MarkerProbe<PhantomData<T>> {
    /// It is one. The name is no other trait's.
    pub const __JOBLIB_IS_MARKER: bool = true;
}

/// What says of a [`MarkerProbe`] that it is none, where nothing else says that it is.
pub trait NotMarker {
    /// It is none.
    const __JOBLIB_IS_MARKER: bool = false;
}

impl<T: ?Sized> NotMarker for MarkerProbe<T> {}

/// What is written as its only field is a number, or a row of numbers, if that is
/// one. `is_alone` says that no other field is there but markers.
#[inline]
pub fn cells_of_only<T, F>(cells: Option<IsElement<F>>, is_alone: bool) -> Option<IsElement<T>> {
    cells.map(|cells| cells.only(is_alone))
}

/// The only fields of many values, if these are nothing else in memory.
pub fn only_fields<'v, T, F>(values: &'v [T], field: impl Fn(&'v T) -> &'v F) -> Option<&'v [F]> {
    let is_it = |value: &'v T| std::ptr::eq(std::ptr::from_ref(field(value)).cast(), value);
    let are_like = size_of::<T>() == size_of::<F>() && align_of::<T>() >= align_of::<F>();
    let are_same = are_like && values.iter().all(is_it);
    // SAFETY: each value is as large as its field, which begins where it does. So
    // there are as many fields, one after another, and each is there for `'v`.
    are_same.then(|| unsafe { std::slice::from_raw_parts(values.as_ptr().cast(), values.len()) })
}

/// The only fields of many values, one after another.
pub fn fields<'v, T, F: 'v>(
    values: &'v [T],
    field: impl Fn(&'v T) -> &'v F + Clone + 'v,
) -> impl ExactSizeIterator<Item = &'v F> + Clone + 'v {
    values.iter().map(field)
}

/// The same of values in two pieces.
pub fn fields_of_pieces<'v, T, F: 'v>(
    front: &'v [T],
    back: &'v [T],
    field: impl Fn(&'v T) -> &'v F,
) -> impl ExactSizeIterator<Item = &'v F> + Clone + 'v {
    let fields: Vec<&F> = front.iter().chain(back).map(field).collect();
    fields.into_iter()
}

/// The same of values that are somewhere.
pub fn fields_of_each<'v, T: 'v, F: 'v>(
    values: impl ExactSizeIterator<Item = &'v T> + Clone + 'v,
    field: impl Fn(&'v T) -> &'v F + Clone + 'v,
) -> impl ExactSizeIterator<Item = &'v F> + Clone + 'v {
    values.map(field)
}

/// Many values, of which these are the only fields.
pub fn from_fields<T, F>(fields: Vec<F>, make: impl Fn(F) -> T) -> Vec<T> {
    fields.into_iter().map(make).collect()
}

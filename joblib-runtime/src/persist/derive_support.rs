//! The items that derived code uses.
//!
//! A field whose type lacks `Persist` should cause one error, at that field. Therefore
//! derived code requires the trait once per field, in a constant, and uses the field
//! through a trait whose parameter contains that constant. Where the constant is an
//! error, the compiler reports no further errors for its uses.

use std::marker::PhantomData;

use serde::Serialize;
use serde::de::DeserializeOwned;

pub use super::debug_fallback::{DebugFallback, DebugOr, show_struct, show_tuple};
use super::error::ErrorKind;
pub use super::persist_as::{load_as, save_as, schema_as};
pub use super::reader::BodyReader;
pub use super::record::{InvalidRecord, RecordLayout, RecordReader, RecordWriter};
pub use super::remote::{RemoteDefinition, RemoteField, SaveRemote, constrained};
pub use super::row::{AsArray, AsInner, AsOnlyField, IsElement, OneByOne, RowStorage};
pub use super::schema::{FieldDecl, FieldsDecl, Schema, SchemaBuilder, TypeDecl, VariantDecl};
pub use super::sorted_keys::KeyOrder;
pub use super::strided::Strided;
pub use super::viewer::{RecordView, Viewer};
pub use super::writer::BodyWriter;
use super::{Error, MapMode, Persist, Save};
pub use crate::type_identity::type_id as identity;

/// A type whose derived `Persist` skips no field, so that reading returns a value equal
/// to the one written.
pub trait Lossless: Save {}

impl<T: Lossless> Lossless for Option<T> {}

impl<T: Lossless, E: Persist> Lossless for Result<T, E> {}

impl<T: Lossless> Lossless for Vec<T> {}

impl<T: Lossless> Lossless for [T] {}

impl<T: Lossless> Lossless for Box<T> {}

/// A constant that exists only if the type of a field implements its trait.
#[derive(Debug)]
pub enum Checked<const IS: bool> {}

/// A field that implements `Persist`. `C` is [`Checked`].
pub trait PersistField<C>: Sized {
    /// As in [`Persist`].
    type View<'m, M: MapMode>;

    /// As in [`Persist`].
    type Views<'m, M: MapMode>;

    /// As in [`Persist`].
    type Rows: RowStorage<Self>;

    /// As in [`Save`].
    const RECORD: Option<RecordLayout>;

    /// As in [`Save`].
    fn cells() -> Option<IsElement<Self>>;

    /// As in [`Save`].
    fn lengths(each: &mut dyn FnMut(usize));

    /// As in [`Save`].
    fn store(field: &Self, out: &mut [u8]);

    /// As in [`Persist`].
    ///
    /// # Errors
    ///
    /// The errors of the field's type.
    fn fetch(bytes: &[u8]) -> Result<Self, InvalidRecord>;

    /// As in [`Persist`].
    ///
    /// # Errors
    ///
    /// The errors of the field's type.
    fn view_record<'m, M: MapMode>(
        records: &mut RecordView<'m, M>,
    ) -> Result<Self::View<'m, M>, Error>;

    /// As in [`Persist`].
    ///
    /// # Errors
    ///
    /// The errors of the field's type.
    fn view_records<'m, M: MapMode>(
        records: &mut RecordView<'m, M>,
        count: usize,
    ) -> Result<Self::Views<'m, M>, Error>;

    /// Adds the type of the field to the schema.
    fn schema(schemas: &mut SchemaBuilder) -> u32;

    /// Adds a sequence of the type to the schema.
    fn schema_of_many(schemas: &mut SchemaBuilder) -> u32;

    /// As in [`Save`].
    const ORDER: KeyOrder;

    /// As in [`Save`].
    const IS_RANKED: bool;

    /// As in [`Save`].
    fn rank(field: &Self) -> u64;

    /// As in [`Save`].
    fn save_rank(rank: u64, writer: &mut BodyWriter<'_, '_>);

    /// As in [`Save`].
    fn order(field: &Self, lend: &mut dyn FnMut(&[u8]));

    /// As in [`Save`].
    fn schema_within(schemas: &mut SchemaBuilder) -> u32;

    /// As in [`Save`].
    ///
    /// # Errors
    ///
    /// The errors of the field's type.
    fn save_within<'v>(field: &'v Self, writer: &mut BodyWriter<'v, '_>) -> Result<(), Error>;

    /// As in [`Persist`].
    ///
    /// # Errors
    ///
    /// The errors of the field's type.
    fn load_within(reader: &mut BodyReader<'_>) -> Result<Self, Error>;

    /// As in [`Persist`].
    ///
    /// # Errors
    ///
    /// The errors of the field's type.
    fn view_within<'m, M: MapMode>(viewer: &mut Viewer<'m, M>) -> Result<Self::View<'m, M>, Error>;

    /// Writes the field.
    ///
    /// # Errors
    ///
    /// The errors of the field's type.
    fn save<'v>(field: &'v Self, writer: &mut BodyWriter<'v, '_>) -> Result<(), Error>;

    /// Writes the fields of many values, which are contiguous in memory.
    ///
    /// # Errors
    ///
    /// The errors of the field's type.
    fn save_many<'v>(fields: &'v [Self], writer: &mut BodyWriter<'v, '_>) -> Result<(), Error>;

    /// Writes the fields of many values.
    ///
    /// # Errors
    ///
    /// The errors of the field's type.
    fn save_each<'v, I>(fields: I, writer: &mut BodyWriter<'v, '_>) -> Result<(), Error>
    where
        Self: 'v,
        I: ExactSizeIterator<Item = &'v Self> + Clone + 'v;

    /// Reads the field.
    ///
    /// # Errors
    ///
    /// The errors of the field's type.
    fn load(reader: &mut BodyReader<'_>) -> Result<Self, Error>;

    /// Reads the fields of many values.
    ///
    /// # Errors
    ///
    /// The errors of the field's type.
    fn load_many(reader: &mut BodyReader<'_>) -> Result<Vec<Self>, Error>;

    /// Creates a view of the field.
    ///
    /// # Errors
    ///
    /// The errors of the field's type.
    fn view<'m, M: MapMode>(viewer: &mut Viewer<'m, M>) -> Result<Self::View<'m, M>, Error>;

    /// Creates views of the fields of many values.
    ///
    /// # Errors
    ///
    /// The errors of the field's type.
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
        records: &mut RecordView<'m, M>,
    ) -> Result<Self::View<'m, M>, Error> {
        <T as Persist>::view_record(records)
    }

    #[inline]
    fn view_records<'m, M: MapMode>(
        records: &mut RecordView<'m, M>,
        count: usize,
    ) -> Result<Self::Views<'m, M>, Error> {
        <T as Persist>::view_records(records, count)
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

/// A field that uses serde. `C` is [`Checked`].
pub trait ViaSerde<C>: Sized {
    /// Writes the field. `name` is its name in messages.
    ///
    /// # Errors
    ///
    /// The errors of its `Serialize`.
    fn save(&self, name: &'static str, writer: &mut BodyWriter<'_, '_>) -> Result<(), Error>;

    /// Reads the field.
    ///
    /// # Errors
    ///
    /// The errors of its `Deserialize`.
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

/// A field that uses serde, of a type that is only written.
pub trait ViaSerialize: Serialize {}

impl<T: Serialize + ?Sized> ViaSerialize for T {}

/// Requires that `T` implements the traits of serde. A type that does not is a compile
/// error.
pub const fn is_described<T: Serialize + DeserializeOwned>() -> bool {
    true
}

/// Returns the error for writing a variant that is skipped.
///
/// # Errors
///
/// Always fails.
#[cold]
pub fn skipped(name: &str, variant: &str) -> Result<(), Error> {
    let message = format!(
        "`{name}::{variant}` cannot be written: the variant is marked with `#[persist(skip)]`"
    );
    Err(ErrorKind::Value(message).into())
}

/// Detects whether a type is a marker (`PhantomData`).
#[derive(Debug)]
pub struct MarkerProbe<T: ?Sized>(PhantomData<T>);

impl<T: ?Sized> MarkerProbe<PhantomData<T>> {
    /// The type is a marker. The prefix of the name avoids collisions with other traits.
    pub const __JOBLIB_IS_MARKER: bool = true;
}

/// The fallback of [`MarkerProbe`] for types that are not markers. The inherent
/// constant has priority.
pub trait NotMarker {
    /// The type is not a marker.
    const __JOBLIB_IS_MARKER: bool = false;
}

impl<T: ?Sized> NotMarker for MarkerProbe<T> {}

/// Returns the element description of a type that is written as its only field, if that
/// field is a number or a row of numbers. `is_alone` means that all other fields are
/// markers.
#[inline]
pub fn cells_of_only<T, F>(cells: Option<IsElement<F>>, is_alone: bool) -> Option<IsElement<T>> {
    cells.map(|cells| cells.only(is_alone))
}

/// Returns the only fields of many values as a slice, if the values have the same
/// layout in memory as the fields.
pub fn only_fields<'v, T, F>(values: &'v [T], field: impl Fn(&'v T) -> &'v F) -> Option<&'v [F]> {
    let is_it = |value: &'v T| std::ptr::eq(std::ptr::from_ref(field(value)).cast(), value);
    let are_like = size_of::<T>() == size_of::<F>() && align_of::<T>() >= align_of::<F>();
    let are_same = are_like && values.iter().all(is_it);
    // SAFETY: each value has the size of its field, and starts at the same address. So
    // the fields are contiguous, as many as there are values, and live for `'v`.
    are_same.then(|| unsafe { std::slice::from_raw_parts(values.as_ptr().cast(), values.len()) })
}

/// Iterates over the only fields of many values.
pub fn fields<'v, T, F: 'v>(
    values: &'v [T],
    field: impl Fn(&'v T) -> &'v F + Clone + 'v,
) -> impl ExactSizeIterator<Item = &'v F> + Clone + 'v {
    values.iter().map(field)
}

/// As [`fields`], for values in two slices.
pub fn fields_of_pieces<'v, T, F: 'v>(
    front: &'v [T],
    back: &'v [T],
    field: impl Fn(&'v T) -> &'v F,
) -> impl ExactSizeIterator<Item = &'v F> + Clone + 'v {
    let fields: Vec<&F> = front.iter().chain(back).map(field).collect();
    fields.into_iter()
}

/// As [`fields`], for values that are not contiguous.
pub fn fields_of_each<'v, T: 'v, F: 'v>(
    values: impl ExactSizeIterator<Item = &'v T> + Clone + 'v,
    field: impl Fn(&'v T) -> &'v F + Clone + 'v,
) -> impl ExactSizeIterator<Item = &'v F> + Clone + 'v {
    values.map(field)
}

/// Creates values from their only fields.
pub fn from_fields<T, F>(fields: Vec<F>, make: impl Fn(F) -> T) -> Vec<T> {
    fields.into_iter().map(make).collect()
}

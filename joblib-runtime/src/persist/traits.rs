//! The traits of values that can be written, read and mapped. `impls` has the
//! implementations for types of std and other crates; those for user types are derived.

use super::error::Error;
use super::mode::MapMode;
use super::reader::BodyReader;
use super::record::{InvalidRecord, RecordLayout};
use super::row::{IsElement, RowStorage};
use super::schema::{Schema, SchemaBuilder};
use super::sorted_keys::KeyOrder;
use super::viewer::{RecordView, Viewer};
use super::writer::BodyWriter;

/// A value that [`dump`](fn@super::dump) can write.
///
/// All types with [`Persist`] implement it, and so do slices, `str` and array views,
/// which are read back as their owned types.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be written by joblib",
    label = "`{Self}` lacks `Persist`",
    note = "derive `joblib::Persist` for it, or put `#[persist(serde)]` on the field if the type implements serde's traits",
    note = "for a type of another crate, enable the feature of joblib with the name of that crate, if there is one, or put the type in one of your own with `joblib::persist_as!`"
)]
pub trait Save {
    /// Adds the type to `schemas`.
    #[doc(hidden)]
    fn schema(schemas: &mut SchemaBuilder) -> u32;

    /// Adds a sequence of the type to `schemas`.
    #[doc(hidden)]
    fn schema_of_many(schemas: &mut SchemaBuilder) -> u32
    where
        Self: Sized,
    {
        match RecordLayout::many::<Self>() {
            Some(_) => schemas.records::<Self>(),
            None => schemas.seq::<Self>(),
        }
    }

    /// Returns a proof that it is a number or a row of numbers, if it is. A sequence of
    /// it is one array then.
    #[doc(hidden)]
    #[inline]
    fn cells() -> Option<IsElement<Self>>
    where
        Self: Sized,
    {
        None
    }

    /// Passes the lengths of rows to `each`, outermost first: of the type, if it has
    /// [`cells`](Save::cells), or of the rows in it, if it has a
    /// [`RECORD`](Save::RECORD).
    #[doc(hidden)]
    fn lengths(_each: &mut dyn FnMut(usize))
    where
        Self: Sized,
    {
    }

    /// The layout in an array of records, if it consists only of numbers.
    #[doc(hidden)]
    const RECORD: Option<RecordLayout> = None;

    /// Writes the value to its record `out`, which has its size and is zeroed. Only for
    /// types with a record.
    #[doc(hidden)]
    #[inline]
    fn store(&self, _out: &mut [u8]) {}

    /// Appends the value.
    #[doc(hidden)]
    fn save<'v>(&'v self, writer: &mut BodyWriter<'v, '_>) -> Result<(), Error>;

    /// How keys of the type are sorted in maps and sets.
    #[doc(hidden)]
    const ORDER: KeyOrder = KeyOrder::OfEncoding;

    /// Whether its `Ord` has the same order.
    #[doc(hidden)]
    const ASCENDS: bool = false;

    /// Whether it is a number of at most eight bytes, which has a [`rank`](Save::rank).
    #[doc(hidden)]
    const IS_RANKED: bool = false;

    /// Returns a number that identifies the value and, for types with
    /// [`KeyOrder::OfRank`], has the same order.
    #[doc(hidden)]
    #[inline]
    fn rank(&self) -> u64 {
        0
    }

    /// Appends the value with this rank, in its encoding in maps and sets sorted by key.
    #[doc(hidden)]
    #[inline]
    fn save_rank(_rank: u64, _writer: &mut BodyWriter<'_, '_>) {}

    /// Passes bytes with the same order as the values, for types with
    /// [`KeyOrder::OfBytes`].
    #[doc(hidden)]
    #[inline]
    fn order(&self, _lend: &mut dyn FnMut(&[u8])) {}

    /// Adds the type in its encoding in maps and sets sorted by key.
    #[doc(hidden)]
    fn schema_within(schemas: &mut SchemaBuilder) -> u32 {
        Self::schema(schemas)
    }

    /// Appends the value in its encoding in maps and sets sorted by key.
    #[doc(hidden)]
    #[inline]
    fn save_within<'v>(&'v self, writer: &mut BodyWriter<'v, '_>) -> Result<(), Error> {
        self.save(writer)
    }

    /// Appends `values` as a length-prefixed sequence.
    #[doc(hidden)]
    fn save_many<'v>(values: &'v [Self], writer: &mut BodyWriter<'v, '_>) -> Result<(), Error>
    where
        Self: Sized,
    {
        match RecordLayout::many::<Self>() {
            Some(record) => writer.records(record, values),
            None => writer.many(values.len(), values),
        }
    }

    /// As [`save_many`](Save::save_many), for values that are not contiguous.
    #[doc(hidden)]
    fn save_each<'v, I>(values: I, writer: &mut BodyWriter<'v, '_>) -> Result<(), Error>
    where
        Self: Sized + 'v,
        I: ExactSizeIterator<Item = &'v Self> + Clone + 'v,
    {
        writer.each(values.len(), values)
    }

    /// As [`save_many`](Save::save_many), for values in two slices.
    #[doc(hidden)]
    fn save_pieces<'v>(
        front: &'v [Self],
        back: &'v [Self],
        writer: &mut BodyWriter<'v, '_>,
    ) -> Result<(), Error>
    where
        Self: Sized,
    {
        writer.each(front.len() + back.len(), front.iter().chain(back))
    }
}

/// A value that [`dump`](fn@super::dump) writes, [`load`](fn@super::load) reads and
/// [`open`](fn@super::open) maps.
///
/// Derive it. Its methods are for derived code.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read by joblib",
    label = "`{Self}` lacks `Persist`",
    note = "derive `joblib::Persist` for it, or put `#[persist(serde)]` on the field if the type implements serde's traits",
    note = "for a type of another crate, enable the feature of joblib with the name of that crate, if there is one, or put the type in one of your own with `joblib::persist_as!`"
)]
pub trait Persist: Save + Sized {
    /// Always true. Derived code uses it once per field to require the trait.
    #[doc(hidden)]
    const IS: bool = true;

    /// The number of bytes on the stack while a value is read into a box.
    #[doc(hidden)]
    const ON_STACK: usize = size_of::<Self>();

    /// The view of a value in a mapped file: arrays borrow from the map, the rest is as
    /// in the value.
    type View<'m, M: MapMode>;

    /// The view of many values.
    #[doc(hidden)]
    type Views<'m, M: MapMode>;

    /// How rows of the type are stored and viewed in a map.
    #[doc(hidden)]
    type Rows: RowStorage<Self>;

    /// Returns the schema of the type.
    #[doc(hidden)]
    fn own_schema() -> Schema {
        Schema::of::<Self>()
    }

    /// Reads a value.
    #[doc(hidden)]
    fn load(reader: &mut BodyReader<'_>) -> Result<Self, Error>;

    /// Reads a value in its encoding in maps and sets sorted by key.
    #[doc(hidden)]
    #[inline]
    fn load_within(reader: &mut BodyReader<'_>) -> Result<Self, Error> {
        Self::load(reader)
    }

    /// Reads a value into a box, without a copy on the stack if the value is large.
    #[doc(hidden)]
    fn load_boxed(reader: &mut BodyReader<'_>) -> Result<Box<Self>, Error> {
        Self::load(reader).map(Box::new)
    }

    /// Reads many values.
    #[doc(hidden)]
    fn load_many(reader: &mut BodyReader<'_>) -> Result<Vec<Self>, Error> {
        reader.many_or_records()
    }

    /// Reads the value from its record.
    #[doc(hidden)]
    #[inline]
    fn fetch(_bytes: &[u8]) -> Result<Self, InvalidRecord> {
        Err(InvalidRecord::Type)
    }

    /// Creates the view of a value in a map.
    #[doc(hidden)]
    fn view<'m, M: MapMode>(viewer: &mut Viewer<'m, M>) -> Result<Self::View<'m, M>, Error>;

    /// Creates the view of a value in its encoding in maps sorted by key.
    #[doc(hidden)]
    fn view_within<'m, M: MapMode>(viewer: &mut Viewer<'m, M>) -> Result<Self::View<'m, M>, Error> {
        Self::view(viewer)
    }

    /// Creates the view of many values.
    #[doc(hidden)]
    fn view_many<'m, M: MapMode>(viewer: &mut Viewer<'m, M>) -> Result<Self::Views<'m, M>, Error>;

    /// Creates the view of a value in a record.
    #[doc(hidden)]
    fn view_record<'m, M: MapMode>(
        _records: &mut RecordView<'m, M>,
    ) -> Result<Self::View<'m, M>, Error> {
        Err(InvalidRecord::Type.into())
    }

    /// Creates the view of `count` contiguous values in a record.
    #[doc(hidden)]
    fn view_records<'m, M: MapMode>(
        _records: &mut RecordView<'m, M>,
        _count: usize,
    ) -> Result<Self::Views<'m, M>, Error> {
        Err(InvalidRecord::Type.into())
    }
}

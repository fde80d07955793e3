//! What can be written, and what can be read back and mapped. The impls for
//! types of std and of other crates are in `impls`, those for the user's are
//! derived.

use super::error::Error;
use super::mode::MapMode;
use super::reader::BodyReader;
use super::record::{InvalidRecord, RecordLayout};
use super::row::{IsElement, RowStorage};
use super::schema::{Schema, SchemaBuilder};
use super::sorted_keys::KeyOrder;
use super::viewer::{RecordView, Viewer};
use super::writer::BodyWriter;

/// A value that [`dump`](super::dump) can write.
///
/// Everything with [`Persist`] has it, and so do slices, `str` and views of
/// arrays, which are read back as what owns them.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be written by joblib",
    label = "`{Self}` lacks `Persist`",
    note = "derive `joblib::Persist` for it, or put `#[persist(serde)]` on the field if serde knows it"
)]
pub trait Save {
    /// Adds the type to `schemas`.
    #[doc(hidden)]
    fn schema(schemas: &mut SchemaBuilder) -> u32;

    /// Adds a sequence of the type.
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

    /// That it is a number, or a row of numbers, if it is: many are one array.
    #[doc(hidden)]
    #[inline]
    fn cells() -> Option<IsElement<Self>>
    where
        Self: Sized,
    {
        None
    }

    /// Hands on how long rows are, the outer ones first, of what has
    /// [`cells`](Save::cells), and of what has a [`RECORD`](Save::RECORD) those in it.
    #[doc(hidden)]
    fn lengths(_each: &mut dyn FnMut(usize))
    where
        Self: Sized,
    {
    }

    /// How it lies in an array of records, if it consists of nothing but numbers.
    #[doc(hidden)]
    const RECORD: Option<RecordLayout> = None;

    /// Puts what has a record into `out`, which has its size and is zero.
    #[doc(hidden)]
    #[inline]
    fn store(&self, _out: &mut [u8]) {}

    /// Appends the value.
    #[doc(hidden)]
    fn save<'v>(&'v self, writer: &mut BodyWriter<'v, '_>) -> Result<(), Error>;

    /// What keys of it are ordered by in maps and sets.
    #[doc(hidden)]
    const ORDER: KeyOrder = KeyOrder::OfEncoding;

    /// Whether its `Ord` is that order.
    #[doc(hidden)]
    const ASCENDS: bool = false;

    /// Whether it is a number of eight bytes at most, which its
    /// [`rank`](Save::rank) stands for.
    #[doc(hidden)]
    const IS_RANKED: bool = false;

    /// A number that stands for it and, of what has [`Order::OfRank`], is ordered as
    /// it is.
    #[doc(hidden)]
    #[inline]
    fn rank(&self) -> u64 {
        0
    }

    /// Appends that which has the rank as it stands in a map or a set with keys in
    /// their order.
    #[doc(hidden)]
    #[inline]
    fn save_rank(_rank: u64, _writer: &mut BodyWriter<'_, '_>) {}

    /// Lends bytes that are ordered as it is, of what has [`Order::OfBytes`].
    #[doc(hidden)]
    #[inline]
    fn order(&self, _lend: &mut dyn FnMut(&[u8])) {}

    /// Adds the type as it stands in a map or a set with keys in their order.
    #[doc(hidden)]
    fn schema_within(schemas: &mut SchemaBuilder) -> u32 {
        Self::schema(schemas)
    }

    /// Appends the value as it stands there.
    #[doc(hidden)]
    #[inline]
    fn save_within<'v>(&'v self, writer: &mut BodyWriter<'v, '_>) -> Result<(), Error> {
        self.save(writer)
    }

    /// Where most of what [`save`](Save::save) reads lies, for it to be fetched
    /// into the processor's memory ahead.
    #[doc(hidden)]
    fn contents(&self) -> *const u8 {
        std::ptr::from_ref(self).cast()
    }

    /// Appends `values` and their number.
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

    /// As [`save_many`](Save::save_many), of values that lie apart.
    #[doc(hidden)]
    fn save_each<'v, I>(values: I, writer: &mut BodyWriter<'v, '_>) -> Result<(), Error>
    where
        Self: Sized + 'v,
        I: ExactSizeIterator<Item = &'v Self> + Clone + 'v,
    {
        writer.each(values.len(), values)
    }

    /// As [`save_many`](Save::save_many), of values in two pieces.
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

/// A value that [`dump`](super::dump) writes, [`load`](super::load) reads and
/// [`open`](super::open) maps.
///
/// It is derived; the methods are for the derived code.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read by joblib",
    label = "`{Self}` lacks `Persist`",
    note = "derive `joblib::Persist` for it, or put `#[persist(serde)]` on the field if serde knows it"
)]
pub trait Persist: Save + Sized {
    /// That it is: what derived code asks once of each field.
    #[doc(hidden)]
    const IS: bool = true;

    /// Bytes of a value that are on the stack while it is read into a box.
    #[doc(hidden)]
    const ON_STACK: usize = size_of::<Self>();

    /// The value where it lies in a mapped file: arrays borrow the map, the
    /// rest is as in the value.
    type View<'m, M: MapMode>;

    /// Many of them.
    #[doc(hidden)]
    type Views<'m, M: MapMode>;

    /// How rows of it lie in a map.
    #[doc(hidden)]
    type Rows: RowStorage<Self>;

    /// What the type consists of.
    #[doc(hidden)]
    fn own_schema() -> Schema {
        Schema::of::<Self>()
    }

    /// Reads a value.
    #[doc(hidden)]
    fn load(reader: &mut BodyReader<'_>) -> Result<Self, Error>;

    /// Reads a value as it stands in a map or a set with keys in their order.
    #[doc(hidden)]
    #[inline]
    fn load_within(reader: &mut BodyReader<'_>) -> Result<Self, Error> {
        Self::load(reader)
    }

    /// Reads a value into a box; what is too large for the stack is never there.
    #[doc(hidden)]
    fn load_boxed(reader: &mut BodyReader<'_>) -> Result<Box<Self>, Error> {
        Self::load(reader).map(Box::new)
    }

    /// Reads many.
    #[doc(hidden)]
    fn load_many(reader: &mut BodyReader<'_>) -> Result<Vec<Self>, Error> {
        reader.several()
    }

    /// The value of which `bytes` are the record.
    #[doc(hidden)]
    #[inline]
    fn fetch(_bytes: &[u8]) -> Result<Self, InvalidRecord> {
        Err(InvalidRecord::Type)
    }

    /// Finds a value in a map.
    #[doc(hidden)]
    fn view<'m, M: MapMode>(viewer: &mut Viewer<'m, M>) -> Result<Self::View<'m, M>, Error>;

    /// Finds a value as it stands in a map with keys in their order.
    #[doc(hidden)]
    fn view_within<'m, M: MapMode>(viewer: &mut Viewer<'m, M>) -> Result<Self::View<'m, M>, Error> {
        Self::view(viewer)
    }

    /// Finds many.
    #[doc(hidden)]
    fn view_many<'m, M: MapMode>(viewer: &mut Viewer<'m, M>) -> Result<Self::Views<'m, M>, Error>;

    /// Finds a value in a record.
    #[doc(hidden)]
    fn view_record<'m, M: MapMode>(
        _sight: &mut RecordView<'m, M>,
    ) -> Result<Self::View<'m, M>, Error> {
        Err(InvalidRecord::Type.into())
    }

    /// Finds many, one after another in a record.
    #[doc(hidden)]
    fn view_records<'m, M: MapMode>(
        _sight: &mut RecordView<'m, M>,
        _count: usize,
    ) -> Result<Self::Views<'m, M>, Error> {
        Err(InvalidRecord::Type.into())
    }
}

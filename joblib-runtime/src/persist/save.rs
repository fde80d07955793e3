//! What can be written, and what can be read back and mapped. The impls for
//! types of std and of other crates are in `impls`, those for the user's are
//! derived.

use super::error::Error;
use super::mode::Mode;
use super::reader::Reader;
use super::schema::{Schema, Schemas};
use super::viewer::Viewer;
use super::writer::Writer;

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
    fn schema(schemas: &mut Schemas) -> u32;

    /// Adds a sequence of the type.
    #[doc(hidden)]
    fn schema_of_many(schemas: &mut Schemas) -> u32
    where
        Self: Sized,
    {
        schemas.seq::<Self>()
    }

    /// Appends the value.
    #[doc(hidden)]
    fn save<'v>(&'v self, writer: &mut Writer<'v, '_>) -> Result<(), Error>;

    /// Where most of what [`save`](Save::save) reads lies, for it to be fetched
    /// into the processor's memory ahead.
    #[doc(hidden)]
    fn contents(&self) -> *const u8 {
        std::ptr::from_ref(self).cast()
    }

    /// Appends `values` and their number.
    #[doc(hidden)]
    fn save_many<'v>(values: &'v [Self], writer: &mut Writer<'v, '_>) -> Result<(), Error>
    where
        Self: Sized,
    {
        writer.length(values.len());
        writer.with_room(|writer| values.iter().try_for_each(|value| writer.element(value)))
    }

    /// As [`save_many`](Save::save_many), of values that lie apart.
    #[doc(hidden)]
    fn save_each<'v, I>(values: I, writer: &mut Writer<'v, '_>) -> Result<(), Error>
    where
        Self: Sized + 'v,
        I: ExactSizeIterator<Item = &'v Self> + Clone + 'v,
    {
        writer.length(values.len());
        values
            .into_iter()
            .try_for_each(|value| writer.element(value))
    }

    /// As [`save_many`](Save::save_many), of values in two pieces.
    #[doc(hidden)]
    fn save_pieces<'v>(
        front: &'v [Self],
        back: &'v [Self],
        writer: &mut Writer<'v, '_>,
    ) -> Result<(), Error>
    where
        Self: Sized,
    {
        writer.length(front.len() + back.len());
        let mut all = front.iter().chain(back);
        writer.with_room(|writer| all.try_for_each(|value| writer.element(value)))
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
    type View<'m, M: Mode>;

    /// Many of them.
    #[doc(hidden)]
    type Views<'m, M: Mode>;

    /// What the type consists of.
    #[doc(hidden)]
    fn own_schema() -> Schema {
        Schema::of::<Self>()
    }

    /// Reads a value.
    #[doc(hidden)]
    fn load(reader: &mut Reader<'_>) -> Result<Self, Error>;

    /// Reads a value into a box; what is too large for the stack is never there.
    #[doc(hidden)]
    fn load_boxed(reader: &mut Reader<'_>) -> Result<Box<Self>, Error> {
        Self::load(reader).map(Box::new)
    }

    /// Reads many.
    #[doc(hidden)]
    fn load_many(reader: &mut Reader<'_>) -> Result<Vec<Self>, Error> {
        let count = reader.length()?;
        let mut values = reader.reserve(count)?;
        reader.with_room::<Self, _>(|reader| {
            for _ in 0..count {
                values.push(reader.element(Self::load)?);
            }
            Ok(())
        })?;
        Ok(values)
    }

    /// Finds a value in a map.
    #[doc(hidden)]
    fn view<'m, M: Mode>(viewer: &mut Viewer<'m, M>) -> Result<Self::View<'m, M>, Error>;

    /// Finds many.
    #[doc(hidden)]
    fn view_many<'m, M: Mode>(viewer: &mut Viewer<'m, M>) -> Result<Self::Views<'m, M>, Error>;
}

//! What derived code calls.
//!
//! A field whose type lacks `Persist` is to be one error, at that field. So a
//! field is asked for its trait in one constant, and used by `Field`, whose
//! parameter contains that constant: where it is wrong, the compiler takes
//! every use of it as told.

pub use serde::Serialize;
pub use serde::de::DeserializeOwned;

use super::error::ErrorKind;
pub use super::reader::Reader;
pub use super::schema::{Case, Head, Part, Schema, Schemas, Shape};
pub use super::shown::{Shown, Unshown, show_struct, show_tuple};
pub use super::strided::Strided;
pub use super::viewer::Viewer;
pub use super::writer::Writer;
use super::{Error, Mode, Persist, Save};
pub use crate::type_identity::type_id as identity;

/// A type whose `Persist` is derived and leaves out no field, so that what is
/// read equals what was written.
pub trait Whole: Save {}

impl<T: Whole> Whole for Option<T> {}

impl<T: Whole, E: Persist> Whole for Result<T, E> {}

impl<T: Whole> Whole for Vec<T> {}

impl<T: Whole> Whole for [T] {}

impl<T: Whole> Whole for Box<T> {}

/// A constant that is only there if the type of a field has its trait.
#[derive(Debug)]
pub enum Checked<const IS: bool> {}

/// A field with `Persist`, of which `C` is [`Checked`].
pub trait Field<C>: Sized {
    /// As of [`Persist`].
    type View<'m, M: Mode>;

    /// Adds the type of the field.
    fn schema(schemas: &mut Schemas) -> u32;

    /// Writes the field.
    ///
    /// # Errors
    ///
    /// Those of its type.
    fn save<'v>(field: &'v Self, writer: &mut Writer<'v, '_>) -> Result<(), Error>;

    /// Reads the field.
    ///
    /// # Errors
    ///
    /// Those of its type.
    fn load(reader: &mut Reader<'_>) -> Result<Self, Error>;

    /// Finds the field.
    ///
    /// # Errors
    ///
    /// Those of its type.
    fn view<'m, M: Mode>(viewer: &mut Viewer<'m, M>) -> Result<Self::View<'m, M>, Error>;
}

impl<T: Persist, C> Field<C> for T {
    type View<'m, M: Mode> = <T as Persist>::View<'m, M>;

    #[inline]
    fn schema(schemas: &mut Schemas) -> u32 {
        T::schema(schemas)
    }

    #[inline]
    fn save<'v>(field: &'v T, writer: &mut Writer<'v, '_>) -> Result<(), Error> {
        T::save(field, writer)
    }

    #[inline]
    fn load(reader: &mut Reader<'_>) -> Result<T, Error> {
        <T as Persist>::load(reader)
    }

    #[inline]
    fn view<'m, M: Mode>(viewer: &mut Viewer<'m, M>) -> Result<Self::View<'m, M>, Error> {
        <T as Persist>::view(viewer)
    }
}

/// A field that serde describes, of which `C` is [`Checked`].
pub trait Described<C>: Sized {
    /// Writes the field.
    ///
    /// # Errors
    ///
    /// Those of its `Serialize`.
    fn save(&self, writer: &mut Writer<'_, '_>) -> Result<(), Error>;

    /// Reads the field.
    ///
    /// # Errors
    ///
    /// Those of its `Deserialize`.
    fn load(reader: &mut Reader<'_>) -> Result<Self, Error>;
}

impl<T: Serialize + DeserializeOwned, C> Described<C> for T {
    #[inline]
    fn save(&self, writer: &mut Writer<'_, '_>) -> Result<(), Error> {
        writer.serde(self)
    }

    #[inline]
    fn load(reader: &mut Reader<'_>) -> Result<T, Error> {
        reader.serde()
    }
}

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

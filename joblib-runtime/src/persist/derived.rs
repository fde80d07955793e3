//! What derived code calls: each for one field, so that a field whose type
//! lacks the trait is one error at that field.

pub use super::reader::Reader;
pub use super::schema::{Case, Head, Part, Schema, Schemas, Shape};
pub use super::viewer::Viewer;
pub use super::writer::{Strided, Writer};

/// For fields of types that are written and read.
pub mod both {
    use crate::persist::derived::{Reader, Schemas, Viewer, Writer};
    use crate::persist::{Error, Mode, Persist};

    /// The type of the field.
    #[inline]
    pub fn schema<T: Persist>(schemas: &mut Schemas) -> u32 {
        T::schema(schemas)
    }

    /// Writes the field.
    ///
    /// # Errors
    ///
    /// Those of its type.
    #[inline]
    pub fn save<'v, T: Persist>(value: &'v T, writer: &mut Writer<'v, '_>) -> Result<(), Error> {
        value.save(writer)
    }

    /// Reads the field.
    ///
    /// # Errors
    ///
    /// Those of its type.
    #[inline]
    pub fn load<T: Persist>(reader: &mut Reader<'_>) -> Result<T, Error> {
        T::load(reader)
    }

    /// Finds the field.
    ///
    /// # Errors
    ///
    /// Those of its type.
    #[inline]
    pub fn view<'m, T: Persist, M: Mode>(
        viewer: &mut Viewer<'m, M>,
    ) -> Result<T::View<'m, M>, Error> {
        T::view(viewer)
    }
}

/// For fields of types that are only written.
pub mod only {
    use crate::persist::derived::{Schemas, Writer};
    use crate::persist::{Error, Save};

    /// The type of the field.
    #[inline]
    pub fn schema<T: Save>(schemas: &mut Schemas) -> u32 {
        T::schema(schemas)
    }

    /// Writes the field.
    ///
    /// # Errors
    ///
    /// Those of its type.
    #[inline]
    pub fn save<'v, T: Save>(value: &'v T, writer: &mut Writer<'v, '_>) -> Result<(), Error> {
        value.save(writer)
    }
}

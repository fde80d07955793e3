//! Fields of types from other crates, which a type with the same fields describes, as
//! serde's `remote` does.

use super::derive_support::{BodyReader, BodyWriter, SchemaBuilder, Viewer};
use super::error::Error;
use super::mode::MapMode;
use super::row::one_by_one;
use super::traits::{Persist, Save};

/// A type that describes how values of another type are written.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not describe another type",
    label = "put `#[derive(Persist)]` and `#[persist(remote = Type)]` on `{Self}`"
)]
pub trait SaveRemote: Save {
    /// The type of the values.
    type Remote;

    /// Appends a value as [`Save::save`] appends the description.
    ///
    /// # Errors
    ///
    /// The errors of its fields.
    fn save_remote<'v>(
        remote: &'v Self::Remote,
        writer: &mut BodyWriter<'v, '_>,
    ) -> Result<(), Error>;
}

/// A type that describes how values of another type are written and read.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not describe another type",
    label = "put `#[derive(Persist)]` and `#[persist(remote = Type)]` on `{Self}`"
)]
pub trait RemoteDefinition: SaveRemote + Persist {
    /// Returns the value that was described.
    fn into_remote(self) -> Self::Remote;
}

/// A value of the type that `D` describes.
#[repr(transparent)]
pub struct RemoteField<D: SaveRemote>(D::Remote);

impl<D: SaveRemote> RemoteField<D> {
    /// Returns the value as a field that `D` writes.
    pub fn of(value: &D::Remote) -> &Self {
        // SAFETY: `RemoteField` is `repr(transparent)` over `D::Remote`.
        unsafe { &*std::ptr::from_ref(value).cast() }
    }

    /// Returns the value.
    pub fn into_remote(self) -> D::Remote {
        self.0
    }
}

/// Returns the value, as a hint for the type of what a getter returns: a value or a
/// reference.
pub fn constrained<T: ?Sized>(value: &T) -> &T {
    value
}

impl<D: SaveRemote> Save for RemoteField<D> {
    fn schema(schemas: &mut SchemaBuilder) -> u32 {
        D::schema(schemas)
    }

    fn save<'v>(&'v self, writer: &mut BodyWriter<'v, '_>) -> Result<(), Error> {
        D::save_remote(&self.0, writer)
    }
}

impl<D: RemoteDefinition> Persist for RemoteField<D> {
    type View<'m, M: MapMode> = D::View<'m, M>;
    one_by_one!();

    fn load(reader: &mut BodyReader<'_>) -> Result<Self, Error> {
        Ok(RemoteField(D::load(reader)?.into_remote()))
    }

    fn view<'m, M: MapMode>(viewer: &mut Viewer<'m, M>) -> Result<Self::View<'m, M>, Error> {
        D::view(viewer)
    }
}

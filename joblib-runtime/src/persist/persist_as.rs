//! Types that are stored as another type: how the author of a type implements
//! [`Persist`](super::Persist) by hand.

use std::error::Error as StdError;

use super::error::Error;
use super::reader::BodyReader;
use super::schema::SchemaBuilder;
use super::traits::{Persist, Save};
use super::writer::BodyWriter;

/// A type that is stored as another type, to and from which its values are converted.
///
/// Implement it where `#[derive(Persist)]` does not fit: if a value must be checked when it
/// is read, or if its fields do not implement [`Persist`]. Then
/// [`persist_as!`](crate::persist_as) implements [`Persist`] with it.
///
/// ```
/// # use joblib_runtime as joblib;
/// use std::error::Error;
///
/// use joblib::persist::PersistAs;
///
/// /// Between 0 and 1.
/// #[derive(Debug, PartialEq)]
/// pub struct Probability(f64);
///
/// impl PersistAs for Probability {
///     type Stored = f64;
///     const NAME: &'static str = "weather::Probability";
///
///     fn to_stored(&self) -> f64 {
///         self.0
///     }
///
///     fn from_stored(stored: f64) -> Result<Self, Box<dyn Error + Send + Sync>> {
///         match (0.0..=1.0).contains(&stored) {
///             true => Ok(Probability(stored)),
///             false => Err(format!("{stored} is not between 0 and 1").into()),
///         }
///     }
/// }
///
/// joblib::persist_as!(Probability);
///
/// let mut file = Vec::new();
/// joblib::persist::Dump::new().write(&mut file, &vec![Probability(0.5)])?;
/// let read: Vec<Probability> = joblib::persist::Load::new().read(&file[..])?;
/// assert_eq!(read, [Probability(0.5)]);
/// # Ok::<(), Box<dyn Error>>(())
/// ```
pub trait PersistAs: Sized {
    /// The type that files contain. If it changes as a derived type may change, older files
    /// are still read.
    type Stored: Persist;

    /// The name of the type in files, with the name of its crate: `weather::Probability`. A
    /// file with a value of another name is not read as this type. It is an error at compile
    /// time if there is no `::` in it.
    const NAME: &'static str;

    /// Returns what is stored. It must contain everything that matters: equal values are
    /// stored as equal values.
    fn to_stored(&self) -> Self::Stored;

    /// Returns the value.
    ///
    /// # Errors
    ///
    /// Fails if there is no such value: `stored` may come from a damaged file. The message
    /// is part of the error that `load` returns.
    fn from_stored(stored: Self::Stored) -> Result<Self, Box<dyn StdError + Send + Sync>>;
}

/// Adds a type to the schema.
pub fn schema_as<T: PersistAs>(schemas: &mut SchemaBuilder) -> u32 {
    const {
        assert!(
            is_path(T::NAME),
            "`PersistAs::NAME` lacks the name of the crate, as in `weather::Probability`"
        )
    };
    schemas.named_type::<T::Stored>(T::NAME)
}

/// Whether there is a `::` in the name. The names of types of std have none.
const fn is_path(name: &str) -> bool {
    let (name, mut at) = (name.as_bytes(), 1);
    while at < name.len() {
        if name[at - 1] == b':' && name[at] == b':' {
            return true;
        }
        at += 1;
    }
    false
}

/// Writes what is stored for a value.
///
/// # Errors
///
/// The errors of the stored type.
pub fn save_as<T: PersistAs>(value: &T, writer: &mut BodyWriter<'_, '_>) -> Result<(), Error> {
    let stored = value.to_stored();
    writer.temporary(|writer| stored.save(writer))
}

/// Reads a value.
///
/// # Errors
///
/// The errors of the stored type, and of [`PersistAs::from_stored`].
pub fn load_as<T: PersistAs>(reader: &mut BodyReader<'_>) -> Result<T, Error> {
    T::from_stored(T::Stored::load(reader)?)
        .map_err(|error| Error::damaged_body(format!("not a valid `{}`: {error}", T::NAME)))
}

/// Implements [`Persist`] for a type that implements
/// [`PersistAs`](crate::persist::PersistAs).
///
/// The view of a value in a map is the value itself, converted when the file is opened. With
/// `view = stored` it is the view of what is stored, whose arrays are borrowed from the map;
/// `from_stored` does not check it. Parameters of the type are listed before it, with their
/// bounds.
///
/// ```
/// # use joblib_runtime as joblib;
/// use std::error::Error;
///
/// use joblib::persist::{Persist, PersistAs};
///
/// /// Rows of one length.
/// pub struct Table<T> {
///     width: usize,
///     cells: Vec<T>,
/// }
///
/// impl<T: Persist + Clone> PersistAs for Table<T> {
///     type Stored = (usize, Vec<T>);
///     const NAME: &'static str = "tables::Table";
///
///     fn to_stored(&self) -> (usize, Vec<T>) {
///         (self.width, self.cells.clone())
///     }
///
///     fn from_stored((width, cells): (usize, Vec<T>)) -> Result<Self, Box<dyn Error + Send + Sync>> {
///         match width > 0 && cells.len() % width == 0 {
///             true => Ok(Table { width, cells }),
///             false => Err(format!("{} cells in rows of {width}", cells.len()).into()),
///         }
///     }
/// }
///
/// joblib::persist_as!([T: Persist + Clone] Table<T>, view = stored);
///
/// # let directory = std::env::temp_dir().join(format!("persist_as-{}", std::process::id()));
/// # std::fs::create_dir_all(&directory)?;
/// # let path = directory.join("table.joblib");
/// let table = Table { width: 2, cells: vec![0.5; 1000] };
/// joblib::persist::dump(&table, &path)?;
/// let file = joblib::persist::open::<Table<f64>>(&path)?;
/// let (width, cells) = file.view(); // `cells` is a `&[f64]` in the map
/// assert_eq!((*width, cells.len()), (2, 1000));
/// # drop(file);
/// # std::fs::remove_dir_all(directory)?;
/// # Ok::<(), Box<dyn Error>>(())
/// ```
#[macro_export]
macro_rules! persist_as {
    ([$($generics:tt)*] $ty:ty) => {
        $crate::persist_as! {
            @impl [$($generics)*] $ty,
            $ty, ::std::vec::Vec<$ty>, viewer,
            $crate::persist::derive_support::load_as::<$ty>(viewer.reader()),
            viewer.many::<$ty>()
        }
    };
    ([$($generics:tt)*] $ty:ty, view = stored) => {
        $crate::persist_as! {
            @impl [$($generics)*] $ty,
            <<$ty as $crate::persist::PersistAs>::Stored as $crate::persist::Persist>::View<'m, M>,
            ::std::vec::Vec<Self::View<'m, M>>,
            viewer,
            <<$ty as $crate::persist::PersistAs>::Stored as $crate::persist::Persist>::view(viewer),
            viewer.many::<$ty>()
        }
    };
    (@impl [$($generics:tt)*] $ty:ty, $view:ty, $views:ty, $viewer:ident, $viewed:expr, $many:expr) => {
        impl<$($generics)*> $crate::persist::Save for $ty {
            fn schema(schemas: &mut $crate::persist::derive_support::SchemaBuilder) -> ::core::primitive::u32 {
                $crate::persist::derive_support::schema_as::<$ty>(schemas)
            }

            fn save<'v>(
                &'v self,
                writer: &mut $crate::persist::derive_support::BodyWriter<'v, '_>,
            ) -> ::core::result::Result<(), $crate::persist::Error> {
                $crate::persist::derive_support::save_as(self, writer)
            }
        }

        impl<$($generics)*> $crate::persist::Persist for $ty {
            type View<'m, M: $crate::persist::MapMode> = $view;
            type Views<'m, M: $crate::persist::MapMode> = $views;
            type Rows = $crate::persist::derive_support::OneByOne;

            fn load(
                reader: &mut $crate::persist::derive_support::BodyReader<'_>,
            ) -> ::core::result::Result<Self, $crate::persist::Error> {
                $crate::persist::derive_support::load_as(reader)
            }

            fn view<'m, M: $crate::persist::MapMode>(
                $viewer: &mut $crate::persist::derive_support::Viewer<'m, M>,
            ) -> ::core::result::Result<Self::View<'m, M>, $crate::persist::Error> {
                $viewed
            }

            fn view_many<'m, M: $crate::persist::MapMode>(
                $viewer: &mut $crate::persist::derive_support::Viewer<'m, M>,
            ) -> ::core::result::Result<Self::Views<'m, M>, $crate::persist::Error> {
                $many
            }
        }
    };
    ($ty:ty) => {
        $crate::persist_as!([] $ty);
    };
    ($ty:ty, view = stored) => {
        $crate::persist_as!([] $ty, view = stored);
    };
}

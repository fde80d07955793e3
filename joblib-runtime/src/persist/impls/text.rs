//! Text, paths, and C strings.

use std::ffi::{CStr, CString, OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use crate::persist::derive_support::{BodyReader, BodyWriter, OneByOne, SchemaBuilder, Viewer};
use crate::persist::error::Error;
use crate::persist::mode::MapMode;
use crate::persist::sorted_keys::KeyOrder;
use crate::persist::traits::{Persist, Save};

macro_rules! text {
    ($borrowed:ty, $owned:ty, $schema:ident, $order:ident, $ascends:literal, |$value:ident| $bytes:expr, |$reader:ident| $load:expr, |$viewer:ident| $view:expr, $many:path) => {
        impl Save for $borrowed {
            fn schema(schemas: &mut SchemaBuilder) -> u32 {
                schemas.$schema()
            }

            #[inline]
            fn save<'v>(&'v self, writer: &mut BodyWriter<'v, '_>) -> Result<(), Error> {
                let $value = self;
                writer.bytes($bytes)
            }

            const ORDER: KeyOrder = KeyOrder::$order;
            const ASCENDS: bool = $ascends;

            #[inline]
            fn order(&self, lend: &mut dyn FnMut(&[u8])) {
                let $value = self;
                lend($bytes);
            }
        }

        impl Save for $owned {
            fn schema(schemas: &mut SchemaBuilder) -> u32 {
                schemas.$schema()
            }

            #[inline]
            fn save<'v>(&'v self, writer: &mut BodyWriter<'v, '_>) -> Result<(), Error> {
                <$borrowed>::save(self, writer)
            }

            const ORDER: KeyOrder = KeyOrder::$order;
            const ASCENDS: bool = $ascends;

            #[inline]
            fn order(&self, lend: &mut dyn FnMut(&[u8])) {
                <$borrowed>::order(self, lend);
            }
        }

        impl Persist for $owned {
            type View<'m, M: MapMode> = &'m $borrowed;
            type Views<'m, M: MapMode> = Vec<&'m $borrowed>;
            type Rows = OneByOne;

            #[inline]
            fn load($reader: &mut BodyReader<'_>) -> Result<Self, Error> {
                $load
            }

            #[inline]
            fn view<'m, M: MapMode>($viewer: &mut Viewer<'m, M>) -> Result<&'m $borrowed, Error> {
                $view
            }

            fn view_many<'m, M: MapMode>(
                viewer: &mut Viewer<'m, M>,
            ) -> Result<Vec<&'m $borrowed>, Error> {
                $many(viewer)
            }
        }
    };
}

text!(
    str,
    String,
    text,
    OfBytes,
    true,
    |value| value.as_bytes(),
    |reader| reader.text(),
    |viewer| viewer.text(),
    Viewer::texts
);
text!(
    Path,
    PathBuf,
    path,
    OfEncoding,
    false,
    |value| value.as_os_str().as_bytes(),
    |reader| Ok(PathBuf::from(OsString::from_vec(reader.bytes()?))),
    |viewer| viewer
        .bytes()
        .map(|bytes| Path::new(OsStr::from_bytes(bytes))),
    Viewer::many::<PathBuf>
);
text!(
    OsStr,
    OsString,
    path,
    OfEncoding,
    false,
    |value| value.as_bytes(),
    |reader| Ok(OsString::from_vec(reader.bytes()?)),
    |viewer| viewer.bytes().map(OsStr::from_bytes),
    Viewer::many::<OsString>
);

/// Implements `Persist` for pointers to text.
macro_rules! owners {
    ($borrowed:ty, $owned:ty, $many:path: $($ty:ty)*) => {$(
        impl Persist for $ty {
            type View<'m, M: MapMode> = &'m $borrowed;
            type Views<'m, M: MapMode> = Vec<&'m $borrowed>;
            type Rows = OneByOne;

            fn load(reader: &mut BodyReader<'_>) -> Result<Self, Error> {
                <$owned>::load(reader).map(Into::into)
            }

            fn view<'m, M: MapMode>(viewer: &mut Viewer<'m, M>) -> Result<&'m $borrowed, Error> {
                <$owned>::view(viewer)
            }

            fn view_many<'m, M: MapMode>(
                viewer: &mut Viewer<'m, M>,
            ) -> Result<Vec<&'m $borrowed>, Error> {
                $many(viewer)
            }
        }
    )*};
}

owners!(str, String, Viewer::texts: Box<str> Arc<str> Rc<str>);
owners!(Path, PathBuf, Viewer::many::<PathBuf>: Box<Path> Arc<Path> Rc<Path>);
owners!(OsStr, OsString, Viewer::many::<OsString>: Box<OsStr> Arc<OsStr> Rc<OsStr>);

/// Encoded like a byte slice, without the terminating zero.
impl Save for CStr {
    fn schema(schemas: &mut SchemaBuilder) -> u32 {
        <[u8]>::schema(schemas)
    }

    fn save<'v>(&'v self, writer: &mut BodyWriter<'v, '_>) -> Result<(), Error> {
        self.to_bytes().save(writer)
    }
}

impl Save for CString {
    fn schema(schemas: &mut SchemaBuilder) -> u32 {
        CStr::schema(schemas)
    }

    fn save<'v>(&'v self, writer: &mut BodyWriter<'v, '_>) -> Result<(), Error> {
        CStr::save(self, writer)
    }
}

macro_rules! c_strings {
    ($($ty:ty)*) => {$(
        impl Persist for $ty {
            type View<'m, M: MapMode> = CString;
            type Views<'m, M: MapMode> = Vec<CString>;
            type Rows = OneByOne;

            fn load(reader: &mut BodyReader<'_>) -> Result<Self, Error> {
                let bytes = CString::new(Vec::<u8>::load(reader)?);
                let bytes = bytes.map_err(|_| Error::damaged_body("zero byte inside a C string"))?;
                Ok(bytes.into())
            }

            fn view<'m, M: MapMode>(viewer: &mut Viewer<'m, M>) -> Result<CString, Error> {
                CString::load(viewer.reader())
            }

            fn view_many<'m, M: MapMode>(viewer: &mut Viewer<'m, M>) -> Result<Vec<CString>, Error> {
                viewer.many::<CString>()
            }
        }
    )*};
}

c_strings!(CString Box<CStr> Arc<CStr> Rc<CStr>);

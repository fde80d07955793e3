//! Text and paths.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use super::super::derived::{Reader, Schemas, Viewer, Writer};
use super::super::error::Error;
use super::super::mode::Mode;
use super::super::save::{Persist, Save};

macro_rules! text {
    ($borrowed:ty, $owned:ty, $schema:ident, |$value:ident| $bytes:expr, |$reader:ident| $load:expr, |$viewer:ident| $view:expr, $many:path) => {
        impl Save for $borrowed {
            fn schema(schemas: &mut Schemas) -> u32 {
                schemas.$schema()
            }

            #[inline]
            fn save<'v>(&'v self, writer: &mut Writer<'v, '_>) -> Result<(), Error> {
                let $value = self;
                writer.bytes($bytes)
            }
        }

        impl Save for $owned {
            fn schema(schemas: &mut Schemas) -> u32 {
                schemas.$schema()
            }

            #[inline]
            fn save<'v>(&'v self, writer: &mut Writer<'v, '_>) -> Result<(), Error> {
                <$borrowed>::save(self, writer)
            }

            fn contents(&self) -> *const u8 {
                <$borrowed>::contents(self)
            }
        }

        impl Persist for $owned {
            type View<'m, M: Mode> = &'m $borrowed;
            type Views<'m, M: Mode> = Vec<&'m $borrowed>;

            #[inline]
            fn load($reader: &mut Reader<'_>) -> Result<Self, Error> {
                $load
            }

            #[inline]
            fn view<'m, M: Mode>($viewer: &mut Viewer<'m, M>) -> Result<&'m $borrowed, Error> {
                $view
            }

            fn view_many<'m, M: Mode>(
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
    |value| value.as_bytes(),
    |reader| reader.text(),
    |viewer| viewer.text(),
    Viewer::texts
);
text!(
    Path,
    PathBuf,
    path,
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
    |value| value.as_bytes(),
    |reader| Ok(OsString::from_vec(reader.bytes()?)),
    |viewer| viewer.bytes().map(OsStr::from_bytes),
    Viewer::many::<OsString>
);

macro_rules! shared_text {
    ($($ty:ty)*) => {$(
        impl Persist for $ty {
            type View<'m, M: Mode> = &'m str;
            type Views<'m, M: Mode> = Vec<&'m str>;

            fn load(reader: &mut Reader<'_>) -> Result<Self, Error> {
                reader.text().map(Into::into)
            }

            fn view<'m, M: Mode>(viewer: &mut Viewer<'m, M>) -> Result<&'m str, Error> {
                viewer.text()
            }

            fn view_many<'m, M: Mode>(viewer: &mut Viewer<'m, M>) -> Result<Vec<&'m str>, Error> {
                viewer.texts()
            }
        }
    )*};
}

shared_text!(Box<str> Arc<str> Rc<str>);

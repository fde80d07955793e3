//! Fuzz targets for files on disk.

mod record;
mod table;

pub(crate) use self::record::RECORD;
pub(crate) use self::table::TABLE;

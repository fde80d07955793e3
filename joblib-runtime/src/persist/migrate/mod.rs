//! Reads a file of one type as another type: compares the two schemas and, if every
//! difference can be converted, rewrites the encoded body. Arrays stay where they are
//! in the file, and the reader of the requested type is unaware of the conversion.

mod names;
mod plan;
mod rewrite;
mod structural_eq;

use self::plan::MigrationPlanner;
use self::rewrite::Rewriter;
use super::body_encoding::BodyEncoding;
use super::error::Error;
use super::locate;
use super::reader::{BodyReader, MemoryLimit};
use super::schema::Schema;
use super::source::BodySource;

/// Returns the encoded body of `source`, a file with the schema `found`, converted to
/// the schema `expected`. The result takes at most `limit` bytes of memory.
pub(super) fn migrate_body(
    expected: &Schema,
    found: &Schema,
    source: &mut dyn BodySource,
    len: u64,
    limit: u64,
) -> Result<Vec<u8>, Error> {
    let found = &found.with_elements();
    let plan = MigrationPlanner::new(found).plan(expected)?;
    MemoryLimit::new(limit).take(len)?;
    let mut small = Vec::new();
    while (small.len() as u64) < len {
        source.more(&mut small)?;
    }
    let reader = BodyReader::whole(&small, BodyEncoding::File, Box::new(&mut *source), limit);
    let rewritten = Rewriter::new(found, &plan, reader, limit).run();
    rewritten.map_err(|(error, position)| {
        let reader = BodyReader::whole(&small, BodyEncoding::File, Box::new(&mut *source), limit);
        match error.is_in_body() {
            true => error.in_field(locate::field(found, reader, position)),
            false => error,
        }
    })
}

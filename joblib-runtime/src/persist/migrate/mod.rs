//! A file of one type as if it were of another: compares the two schemas and,
//! where every difference is one that can be bridged, lays out the small part
//! anew. Arrays stay where they are, and the reader of the type that is asked
//! for learns nothing of it.

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

/// The small part of `source`, a file of the type `found`, in the form of the type
/// `asked`; it takes no more than `limit` bytes of memory.
pub(super) fn adapted(
    asked: &Schema,
    found: &Schema,
    source: &mut dyn BodySource,
    len: u64,
    limit: u64,
) -> Result<Vec<u8>, Error> {
    let found = &found.with_elements();
    let plan = MigrationPlanner::new(found).plan(asked)?;
    MemoryLimit::new(limit).take(len)?;
    let mut small = Vec::new();
    while (small.len() as u64) < len {
        source.more(&mut small)?;
    }
    let reader = BodyReader::whole(&small, BodyEncoding::File, Box::new(&mut *source), limit);
    let rewritten = Rewriter::new(found, &plan, reader, limit).run();
    rewritten.map_err(|(error, position)| {
        let reader = BodyReader::whole(&small, BodyEncoding::File, Box::new(&mut *source), limit);
        match error.is_of_the_small_part() {
            true => error.in_field(locate::field(found, reader, position)),
            false => error,
        }
    })
}

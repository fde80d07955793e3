//! A file of one type as if it were of another: compares the two schemas and,
//! where every difference is one that can be bridged, lays out the small part
//! anew. Arrays stay where they are, and the reader of the type that is asked
//! for learns nothing of it.

mod likeness;
mod names;
mod plan;
mod rewrite;

use self::plan::Planner;
use self::rewrite::Rewriter;
use super::error::Error;
use super::form::Form;
use super::locate;
use super::reader::{Allowance, Reader};
use super::schema::Schema;
use super::source::Source;

/// The small part of `source`, a file of the type `found`, in the form of the type
/// `asked`; it takes no more than `limit` bytes of memory.
pub(super) fn adapted(
    asked: &Schema,
    found: &Schema,
    source: &mut dyn Source,
    len: u64,
    limit: u64,
) -> Result<Vec<u8>, Error> {
    let found = &found.with_elements();
    let plan = Planner::new(found).plan(asked)?;
    Allowance::new(limit).take(len)?;
    let mut small = Vec::new();
    while (small.len() as u64) < len {
        source.more(&mut small)?;
    }
    let reader = Reader::whole(&small, Form::File, Box::new(&mut *source), limit);
    let rewritten = Rewriter::new(found, &plan, reader, limit).run();
    rewritten.map_err(|(error, position)| {
        let reader = Reader::whole(&small, Form::File, Box::new(&mut *source), limit);
        match error.is_of_the_small_part() {
            true => error.in_field(locate::field(found, reader, position)),
            false => error,
        }
    })
}

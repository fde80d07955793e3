//! Finds the field of a value at a position in its body, for error messages.

use super::error::{Error, ErrorKind};
use super::reader::BodyReader;
use super::schema::Schema;
use super::schema_walk::{SchemaWalk, Visitor, text_of};

/// Returns the path of the field at which a reader stopped at `position`, as in
/// `layers[2].weights`; empty for the value itself. `reader` is at the start of the
/// body.
pub(super) fn field(schema: &Schema, reader: BodyReader<'_>, position: u64) -> String {
    let mut walk = SchemaWalk::new(schema, reader, StopAt(position));
    // The walk ends with an error at the position, or where the bytes cannot be read. In
    // both cases the path so far is the result.
    match walk.node(Schema::ROOT) {
        Ok(()) => String::new(),
        Err(_) => text_of(&walk.path),
    }
}

/// Ends a walk at or after this position.
struct StopAt(u64);

impl Visitor for StopAt {
    fn check(&self, reader: &BodyReader<'_>) -> Result<(), Error> {
        match reader.position() < self.0 {
            true => Ok(()),
            false => Err(ErrorKind::TooDeep.into()),
        }
    }
}

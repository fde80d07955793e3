//! Serializes the elements of a sequence or a map, whose number precedes them.

use serde::{Serialize, ser};

use super::encode::Encoder;
use super::shape_observer::{ELEMENT, ENTRY};
use super::{EncodeError, varint};

/// Returns the exact length of an iterator, if its size hint determines it.
pub(super) fn known(hint: (usize, Option<usize>)) -> Option<usize> {
    hint.1.filter(|most| *most == hint.0)
}

/// The serializer for elements whose number precedes them.
#[derive(Debug)]
pub struct SeqSerializer<'a> {
    writer: Encoder<'a>,
    start: usize,
    announced: Option<usize>,
    found: usize,
}

impl<'a> SeqSerializer<'a> {
    /// Creates a serializer whose elements begin at offset `start`. `announced` is the
    /// length that is already written before them, if it is known.
    pub(super) fn new(writer: Encoder<'a>, start: usize, announced: Option<usize>) -> Self {
        SeqSerializer {
            writer,
            start,
            announced,
            found: 0,
        }
    }

    fn part<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), EncodeError> {
        let before = self.writer.buffer.out.len();
        self.writer.part(value)?;
        if self.writer.buffer.out.len() == before {
            self.writer.buffer.out.push(0);
        }
        Ok(())
    }

    pub(super) fn close(self) -> Result<(), EncodeError> {
        match self.announced {
            Some(announced) if announced != self.found => Err(EncodeError::WrongLength {
                announced,
                found: self.found,
            }),
            Some(_) => Ok(()),
            None => {
                let mut len = Vec::new();
                varint::write(self.found as u64, &mut len);
                self.writer.buffer.out.splice(self.start..self.start, len);
                Ok(())
            }
        }
    }
}

impl ser::SerializeSeq for SeqSerializer<'_> {
    type Ok = ();
    type Error = EncodeError;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), EncodeError> {
        if self.found == 0 {
            self.writer.buffer.watch.part::<T>(ELEMENT);
        }
        self.found += 1;
        self.part(value)
    }

    fn end(self) -> Result<(), EncodeError> {
        self.close()
    }
}

impl ser::SerializeMap for SeqSerializer<'_> {
    type Ok = ();
    type Error = EncodeError;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), EncodeError> {
        self.found += 1;
        self.part(key)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), EncodeError> {
        if self.found == 1 {
            self.writer.buffer.watch.part::<T>(ENTRY);
        }
        self.part(value)
    }

    fn end(self) -> Result<(), EncodeError> {
        self.close()
    }
}

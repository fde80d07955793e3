//! What serde describes, being read: in the encoding that the file, or the byte
//! before it, says.

use serde::de::DeserializeOwned;

use super::super::MAX_DEPTH;
use super::super::body_encoding::{COMPACT, DESCRIBED, SerdeEncoding};
use super::super::error::{Error, ErrorKind};
use super::BodyReader;
use crate::codec::{self, DecodeError, DescribedReader};

impl BodyReader<'_> {
    /// The same, of a value whose parts serde described in that way.
    pub(in crate::persist) fn with_encoding(self, encoding: SerdeEncoding) -> Self {
        BodyReader { encoding, ..self }
    }

    /// The same, of what a [travelling](super::super::writer::BodyWriter::travelling)
    /// writer wrote.
    pub(in crate::persist) fn travelling(self) -> Self {
        BodyReader {
            encoding: SerdeEncoding::Told,
            most: codec::TRAVEL_DEPTH,
            ..self
        }
    }

    /// Whether parts were read that serde describes.
    pub(in crate::persist) fn has_serde(&self) -> bool {
        self.has_serde
    }

    /// Takes what serde describes, which is in `field`.
    ///
    /// # Errors
    ///
    /// It is no such value.
    pub fn serde<T: DeserializeOwned>(&mut self, field: &str) -> Result<T, Error> {
        let is_described = self.is_described()?;
        let bytes = self.bytes()?;
        let value = match (self.most > MAX_DEPTH, is_described) {
            (true, _) => codec::decode_chosen(is_described, &bytes),
            (false, true) => codec::decode_part(&bytes),
            (false, false) => codec::decode(&bytes),
        };
        value.map_err(unread(field))
    }

    /// As [`serde`](BodyReader::serde), of what one of two functions reads: the
    /// first what describes itself, the other what does not.
    ///
    /// # Errors
    ///
    /// Those of the functions.
    pub fn with<T>(
        &mut self,
        field: &str,
        described: impl FnOnce(DescribedReader<'_, '_>) -> Result<T, DecodeError>,
        compact: impl FnOnce(codec::Deserializer<'_, '_>) -> Result<T, DecodeError>,
    ) -> Result<T, Error> {
        let is_described = self.is_described()?;
        let bytes = self.bytes()?;
        let value = match is_described {
            true => codec::decode_part_with(described, &bytes),
            false => codec::decode_with(compact, &bytes),
        };
        value.map_err(unread(field))
    }

    /// Whether what serde describes comes with a description.
    fn is_described(&mut self) -> Result<bool, Error> {
        self.has_serde = true;
        match self.encoding {
            SerdeEncoding::Described => Ok(true),
            SerdeEncoding::Compact => Ok(false),
            SerdeEncoding::Told => match self.raw()? {
                [COMPACT] => Ok(false),
                [DESCRIBED] => Ok(true),
                [byte] => Err(Error::small(format!("byte {byte:#04x} is no encoding"))),
            },
        }
    }
}

fn unread(field: &str) -> impl FnOnce(DecodeError) -> Error {
    move |source| {
        let field = field.to_owned();
        ErrorKind::Unread { field, source }.into()
    }
}

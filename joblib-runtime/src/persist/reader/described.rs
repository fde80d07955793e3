//! Reads fields that use serde, in the encoding that the format or the byte before the
//! field determines.

use serde::de::DeserializeOwned;

use super::BodyReader;
use crate::codec::{self, DecodeError, DescribedReader};
use crate::persist::MAX_DEPTH;
use crate::persist::body_encoding::{COMPACT, DESCRIBED, SerdeEncoding};
use crate::persist::error::{Error, ErrorKind};

impl BodyReader<'_> {
    /// Sets the encoding of fields that use serde.
    pub(in crate::persist) fn with_encoding(self, encoding: SerdeEncoding) -> Self {
        BodyReader { encoding, ..self }
    }

    /// Configures the reader for the output of a
    /// [for_process](super::super::writer::BodyWriter::for_process) writer.
    pub(in crate::persist) fn for_process(self) -> Self {
        BodyReader {
            encoding: SerdeEncoding::Tagged,
            max_depth: codec::TRAVEL_DEPTH,
            ..self
        }
    }

    /// Whether fields that use serde were read.
    pub(in crate::persist) fn has_serde(&self) -> bool {
        self.has_serde
    }

    /// Reads the field `field`, which uses serde.
    ///
    /// # Errors
    ///
    /// Fails if it is not a valid value of the type.
    pub fn serde<T: DeserializeOwned>(&mut self, field: &str) -> Result<T, Error> {
        let is_described = self.is_described()?;
        let bytes = self.bytes()?;
        let value = match (self.max_depth > MAX_DEPTH, is_described) {
            (true, _) => codec::decode_chosen(is_described, &bytes),
            (false, true) => codec::decode_part(&bytes),
            (false, false) => codec::decode(&bytes),
        };
        value.map_err(unread(field))
    }

    /// As [`serde`](BodyReader::serde), with one of two functions: the first for the
    /// self-describing encoding, the other for the compact one.
    ///
    /// # Errors
    ///
    /// The errors of the functions.
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

    /// Whether the next field that uses serde is self-describing.
    fn is_described(&mut self) -> Result<bool, Error> {
        self.has_serde = true;
        match self.encoding {
            SerdeEncoding::Described => Ok(true),
            SerdeEncoding::Compact => Ok(false),
            SerdeEncoding::Tagged => match self.raw()? {
                [COMPACT] => Ok(false),
                [DESCRIBED] => Ok(true),
                [byte] => Err(Error::damaged_body(format!(
                    "invalid encoding byte {byte:#04x}"
                ))),
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

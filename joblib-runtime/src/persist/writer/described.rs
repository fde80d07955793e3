//! Writes fields that use serde, and deserializes them again if configured.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::BodyWriter;
use crate::codec::{
    self, DecodeError, Describe, DescribedReader, DescribedWriter, EncodeError, Purpose, Reread,
};
use crate::persist::body_encoding::{BodyEncoding, COMPACT, DESCRIBED};
use crate::persist::error::{Error, ErrorKind};

/// Whether fields that use serde are deserialized again after they are serialized.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::persist) enum ReadBack {
    /// They are not.
    Nothing,
    /// To find the encoding that can be deserialized.
    Form,
    /// As [`Form`](ReadBack::Form), and it is an error if none can.
    Whole,
}

impl BodyWriter<'_, '_> {
    /// Appends the length-prefixed field `field`, which uses serde.
    ///
    /// # Errors
    ///
    /// Fails if its `Serialize` fails, or its `Deserialize` where it is deserialized
    /// again.
    pub fn serde<T>(&mut self, field: &str, value: &T) -> Result<(), Error>
    where
        T: Serialize + DeserializeOwned,
    {
        if self.purpose.travels {
            let mut bytes = Vec::new();
            let chosen = codec::encode_chosen::<T, T>(value, &mut bytes);
            return self.encoded(chosen.map_err(unwritten(field))?, &bytes);
        }
        let describe = |purpose, bytes: &mut Vec<u8>| codec::describe(value, purpose, bytes);
        let reread = |bytes: &[u8], purpose| {
            let back: T = codec::decode_part(bytes)?;
            let mut again = Vec::new();
            let described = codec::describe(&back, purpose, &mut again);
            Ok(described.ok().map(|()| again))
        };
        self.described(field, &describe, Some(&reread))
    }

    /// As [`serde`](BodyWriter::serde), for a value that is never read.
    ///
    /// # Errors
    ///
    /// Fails if its `Serialize` fails.
    pub fn serde_unread<T>(&mut self, field: &str, value: &T) -> Result<(), Error>
    where
        T: Serialize + ?Sized,
    {
        let describe = |purpose, bytes: &mut Vec<u8>| codec::describe(value, purpose, bytes);
        self.described(field, &describe, None)
    }

    /// As [`serde`](BodyWriter::serde), with the functions `serialize` and `deserialize`.
    ///
    /// # Errors
    ///
    /// The errors of both functions.
    pub fn with<T>(
        &mut self,
        field: &str,
        value: &T,
        serialize: impl Fn(&T, DescribedWriter<'_>) -> Result<(), EncodeError>,
        deserialize: impl Fn(DescribedReader<'_, '_>) -> Result<T, DecodeError>,
    ) -> Result<(), Error> {
        let describe_one = |value: &T, purpose, bytes: &mut Vec<u8>| {
            codec::describe_with(|describer| serialize(value, describer), purpose, bytes)
        };
        let describe = |purpose, bytes: &mut Vec<u8>| describe_one(value, purpose, bytes);
        let reread = |bytes: &[u8], purpose| {
            let back = codec::decode_part_with(&deserialize, bytes)?;
            let mut again = Vec::new();
            let described = describe_one(&back, purpose, &mut again);
            Ok(described.ok().map(|()| again))
        };
        self.described(field, &describe, Some(&reread))
    }

    /// As [`with`](BodyWriter::with), for a value that is never read.
    ///
    /// # Errors
    ///
    /// The errors of `serialize`.
    pub fn with_unread(
        &mut self,
        field: &str,
        serialize: impl Fn(DescribedWriter<'_>) -> Result<(), EncodeError>,
    ) -> Result<(), Error> {
        let describe =
            |purpose, bytes: &mut Vec<u8>| codec::describe_with(&serialize, purpose, bytes);
        self.described(field, &describe, None)
    }

    /// Appends the output of `describe`, in the encoding that `reread` can deserialize,
    /// if that is checked.
    fn described(
        &mut self,
        field: &str,
        describe: Describe<'_>,
        reread: Option<Reread<'_>>,
    ) -> Result<(), Error> {
        let mut bytes = Vec::new();
        match reread.filter(|_| self.purpose.check != ReadBack::Nothing) {
            None => describe(Purpose::Exact, &mut bytes).map_err(unwritten(field))?,
            Some(reread) => {
                let read = codec::describe_part(describe, reread, &mut bytes);
                match read.map_err(unwritten(field))? {
                    Err(source) if self.purpose.check == ReadBack::Whole => {
                        let field = field.to_owned();
                        return Err(ErrorKind::Unreadable { field, source }.into());
                    }
                    _ => {}
                }
            }
        }
        self.encoded(true, &bytes)
    }

    /// Whether the output will be read, and is not only hashed.
    pub(in crate::persist) fn is_read(&self) -> bool {
        self.purpose.check != ReadBack::Nothing
    }

    /// Appends the bytes of a field that uses serde.
    fn encoded(&mut self, is_described: bool, bytes: &[u8]) -> Result<(), Error> {
        self.has_serde = true;
        if self.purpose.travels || self.form == BodyEncoding::Adapted {
            self.raw(&[if is_described { DESCRIBED } else { COMPACT }]);
        }
        self.bytes(bytes)
    }

    /// In [`BodyEncoding::Adapted`]: appends the bytes of a field from another file, and
    /// their encoding.
    pub(in crate::persist) fn copied_serde(&mut self, how: u8, bytes: &[u8]) -> Result<(), Error> {
        self.raw(&[how]);
        self.bytes(bytes)
    }
}

fn unwritten(field: &str) -> impl FnOnce(EncodeError) -> ErrorKind {
    move |source| ErrorKind::Unwritten {
        field: field.to_owned(),
        source,
    }
}

//! Arrow record batches and arrays: encoded as an array of the bytes of an Arrow IPC
//! stream with one record batch. They are written from the memory of the arrays. A loaded
//! array uses the bytes that were read in place.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use arrow_array::{Array, ArrayRef, RecordBatch, RecordBatchOptions, make_array};
use arrow_buffer::Buffer;
use arrow_ipc::reader::StreamDecoder;
use arrow_ipc::writer::StreamEncoder;
use arrow_schema::{ArrowError, Field, Schema};

use crate::key::arrow::each_array;
use crate::persist::derive_support::{BodyReader, BodyWriter, SchemaBuilder, Strided, Viewer};
use crate::persist::error::{Error, ErrorKind};
use crate::persist::mode::MapMode;
use crate::persist::number::NumberKind;
use crate::persist::row::one_by_one;
use crate::persist::traits::{Persist, Save};

/// The buffers of a stream, which share the memory of the arrays.
struct Stream(Vec<Buffer>);

impl Stream {
    fn of(batch: &RecordBatch) -> Result<Stream, ArrowError> {
        let mut encoder = StreamEncoder::try_new(batch.schema_ref())?;
        let mut buffers = encoder.encode(batch)?;
        buffers.extend(encoder.finish()?);
        Ok(Stream(buffers))
    }
}

impl Strided for Stream {
    fn bytes(&self) -> u64 {
        self.0.iter().map(|buffer| buffer.len() as u64).sum()
    }

    fn write(&self, out: &mut dyn FnMut(&[u8]) -> Result<(), Error>) -> Result<(), Error> {
        self.0.iter().try_for_each(|buffer| out(buffer))
    }
}

fn save_batch(batch: &RecordBatch, writer: &mut BodyWriter<'_, '_>) -> Result<(), Error> {
    let stream = Stream::of(batch)
        .map_err(|error| ErrorKind::Value(format!("an Arrow array cannot be written: {error}")))?;
    writer.varint(stream.bytes());
    writer.strided(NumberKind::U8, stream)
}

fn save_array(array: &dyn Array, writer: &mut BodyWriter<'_, '_>) -> Result<(), Error> {
    let schema = Schema::new(vec![Field::new("", array.data_type().clone(), true)]);
    // The options state the number of rows, which a column without fields does not.
    let options = RecordBatchOptions::new().with_row_count(Some(array.len()));
    let column = make_array(array.to_data());
    let batch = RecordBatch::try_new_with_options(Arc::new(schema), vec![column], &options);
    let batch = batch
        .map_err(|error| ErrorKind::Value(format!("an Arrow array cannot be written: {error}")))?;
    save_batch(&batch, writer)
}

fn invalid(why: impl std::fmt::Display) -> Error {
    Error::damaged_body(format!("invalid Arrow data: {why}"))
}

fn load_batch(reader: &mut BodyReader<'_>) -> Result<RecordBatch, Error> {
    let count = reader.count()?;
    decode(Buffer::from_vec(reader.numbers::<u8>(count)?))
}

fn view_batch<M: MapMode>(viewer: &mut Viewer<'_, M>) -> Result<RecordBatch, Error> {
    let count = viewer.reader().count()?;
    let bytes = M::shared(viewer.numbers::<u8>(count)?);
    decode(Buffer::from_slice_ref(bytes))
}

/// Decodes the only record batch of a stream. Its arrays are validated.
fn decode(mut bytes: Buffer) -> Result<RecordBatch, Error> {
    let decode = || {
        let mut decoder = StreamDecoder::new();
        let batch = decoder.decode(&mut bytes)?;
        if decoder.decode(&mut bytes)?.is_some() {
            let why = "more than one record batch".to_owned();
            return Err(ArrowError::IpcError(why));
        }
        decoder.finish()?;
        batch.ok_or_else(|| ArrowError::IpcError("no record batch".to_owned()))
    };
    // The decoder returns errors for invalid bytes, but does not promise it.
    match catch_unwind(AssertUnwindSafe(decode)) {
        Ok(batch) => batch.map_err(invalid),
        Err(_) => Err(invalid("its decoder panicked")),
    }
}

/// Returns the only column.
fn column(batch: &RecordBatch) -> Result<ArrayRef, Error> {
    match batch.columns() {
        [column] => Ok(Arc::clone(column)),
        _ => Err(invalid("an array is not one column")),
    }
}

impl Save for RecordBatch {
    fn schema(schemas: &mut SchemaBuilder) -> u32 {
        schemas.named_type::<Vec<u8>>("arrow::RecordBatch")
    }

    fn save<'v>(&'v self, writer: &mut BodyWriter<'v, '_>) -> Result<(), Error> {
        save_batch(self, writer)
    }
}

impl Persist for RecordBatch {
    type View<'m, M: MapMode> = RecordBatch;
    one_by_one!();

    fn load(reader: &mut BodyReader<'_>) -> Result<Self, Error> {
        load_batch(reader)
    }

    fn view<'m, M: MapMode>(viewer: &mut Viewer<'m, M>) -> Result<RecordBatch, Error> {
        view_batch(viewer)
    }
}

impl Save for dyn Array + '_ {
    fn schema(schemas: &mut SchemaBuilder) -> u32 {
        schemas.named_type::<Vec<u8>>("arrow::Array")
    }

    fn save<'v>(&'v self, writer: &mut BodyWriter<'v, '_>) -> Result<(), Error> {
        save_array(self, writer)
    }
}

impl Persist for ArrayRef {
    type View<'m, M: MapMode> = ArrayRef;
    one_by_one!();

    fn load(reader: &mut BodyReader<'_>) -> Result<Self, Error> {
        column(&load_batch(reader)?)
    }

    fn view<'m, M: MapMode>(viewer: &mut Viewer<'m, M>) -> Result<ArrayRef, Error> {
        column(&view_batch(viewer)?)
    }
}

/// Returns the array as this type of array.
fn cast<T: Array + Clone + 'static>(array: &ArrayRef) -> Result<T, Error> {
    let found = array.as_any().downcast_ref::<T>().cloned();
    found.ok_or_else(|| {
        let expected = std::any::type_name::<T>();
        Error::type_mismatch(
            format!("an Arrow array of {}", array.data_type()),
            format!("a `{expected}`"),
        )
    })
}

macro_rules! arrays {
    ($([$($generics:tt)*] $ty:ty;)*) => {$(
        impl<$($generics)*> Save for $ty {
            fn schema(schemas: &mut SchemaBuilder) -> u32 {
                <dyn Array>::schema(schemas)
            }

            fn save<'v>(&'v self, writer: &mut BodyWriter<'v, '_>) -> Result<(), Error> {
                save_array(self, writer)
            }
        }

        impl<$($generics)*> Persist for $ty {
            type View<'m, M: MapMode> = Self;
            one_by_one!();

            fn load(reader: &mut BodyReader<'_>) -> Result<Self, Error> {
                cast(&ArrayRef::load(reader)?)
            }

            fn view<'m, M: MapMode>(viewer: &mut Viewer<'m, M>) -> Result<Self, Error> {
                cast(&ArrayRef::view(viewer)?)
            }
        }
    )*};
}

each_array!(arrays);

//! Series and data frames of polars: encoded as an array of the bytes of an Arrow IPC
//! stream, in which a series is the only column. Both directions copy the values.

mod check;

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use polars_arrow::datatypes::Metadata;
use polars_core::error::PolarsResult;
use polars_core::frame::DataFrame;
use polars_core::prelude::{IntoColumn, Series};
use polars_io::ipc::{IpcStreamReader, IpcStreamWriter};
use polars_io::{SerReader, SerWriter};

use crate::key::has_known_type;
use crate::persist::derive_support::{BodyReader, BodyWriter, SchemaBuilder, Strided, Viewer};
use crate::persist::error::{Error, ErrorKind};
use crate::persist::mode::MapMode;
use crate::persist::number::NumberKind;
use crate::persist::row::one_by_one;
use crate::persist::traits::{Persist, Save};

/// The name in the metadata of the stream for the number of rows, which a data frame
/// without columns has too.
const ROWS: &str = "joblib.rows";

fn refused(why: impl std::fmt::Display) -> Error {
    ErrorKind::Value(format!("a polars data frame cannot be written: {why}")).into()
}

fn invalid(why: impl std::fmt::Display) -> Error {
    Error::damaged_body(format!("invalid polars data: {why}"))
}

/// Runs code of polars, which returns errors but does not promise never to panic.
fn guarded<R>(run: impl FnOnce() -> PolarsResult<R>) -> Result<R, String> {
    match catch_unwind(AssertUnwindSafe(run)) {
        Ok(result) => result.map_err(|error| error.to_string()),
        Err(_) => Err("polars panicked".to_owned()),
    }
}

/// The bytes of a stream.
struct Stream(Vec<u8>);

impl Strided for Stream {
    fn bytes(&self) -> u64 {
        self.0.len() as u64
    }

    fn write(&self, out: &mut dyn FnMut(&[u8]) -> Result<(), Error>) -> Result<(), Error> {
        out(&self.0)
    }
}

fn save(frame: &DataFrame, writer: &mut BodyWriter<'_, '_>) -> Result<(), Error> {
    for column in frame.columns() {
        if !has_known_type(column.as_materialized_series()) {
            let (name, dtype) = (column.name(), column.dtype());
            return Err(refused(format_args!(
                "the data type of `{name}` is {dtype}, which is unknown to joblib"
            )));
        }
    }
    let stream = guarded(|| encode(frame)).map_err(refused)?;
    writer.varint(stream.bytes());
    writer.strided(NumberKind::U8, stream)
}

fn encode(frame: &DataFrame) -> PolarsResult<Stream> {
    // What is written does not depend on chunks, nor on the items before and after the lists
    // of a slice, so that it is what would be written of the data frame that is read back.
    let columns = frame.columns().iter().map(|column| {
        let column = column.rechunk();
        let trimmed = column.trim_lists_to_normalized_offsets();
        trimmed.unwrap_or(column)
    });
    let mut frame = DataFrame::new(frame.height(), columns.collect())?;
    let mut bytes = Vec::new();
    let mut writer = IpcStreamWriter::new(&mut bytes);
    let rows = frame.height().to_string();
    let metadata = Metadata::from_iter([(ROWS.into(), rows.into())]);
    writer.set_custom_schema_metadata(Arc::new(metadata));
    writer.finish(&mut frame)?;
    Ok(Stream(bytes))
}

fn decode(bytes: &[u8]) -> Result<DataFrame, Error> {
    check::stream(bytes).map_err(invalid)?;
    let mut reader = IpcStreamReader::new(Cursor::new(bytes));
    let (frame, metadata) = guarded(|| {
        let metadata = reader.custom_metadata()?;
        Ok((reader.finish()?, metadata))
    })
    .map_err(invalid)?;
    let rows = metadata.as_deref().and_then(|it| it.get(ROWS));
    let rows = rows.and_then(|it| it.parse::<usize>().ok());
    let rows = rows.ok_or_else(|| invalid("it does not state the number of rows"))?;
    if frame.columns().is_empty() {
        return DataFrame::new(rows, Vec::new()).map_err(invalid);
    }
    if frame.columns().iter().any(|column| column.len() != rows) {
        return Err(invalid("another number of rows than it states"));
    }
    Ok(frame)
}

fn load(reader: &mut BodyReader<'_>) -> Result<DataFrame, Error> {
    let count = reader.count()?;
    decode(&reader.numbers::<u8>(count)?)
}

fn view<M: MapMode>(viewer: &mut Viewer<'_, M>) -> Result<DataFrame, Error> {
    let count = viewer.reader().count()?;
    decode(M::shared(viewer.numbers::<u8>(count)?))
}

/// Returns the only column.
fn series(frame: DataFrame) -> Result<Series, Error> {
    match frame.columns() {
        [column] => Ok(column.as_materialized_series().clone()),
        _ => Err(invalid("a series is not one column")),
    }
}

impl Save for DataFrame {
    fn schema(schemas: &mut SchemaBuilder) -> u32 {
        schemas.named_type::<Vec<u8>>("polars::DataFrame")
    }

    fn save<'v>(&'v self, writer: &mut BodyWriter<'v, '_>) -> Result<(), Error> {
        save(self, writer)
    }
}

impl Persist for DataFrame {
    type View<'m, M: MapMode> = DataFrame;
    one_by_one!();

    fn load(reader: &mut BodyReader<'_>) -> Result<Self, Error> {
        load(reader)
    }

    fn view<'m, M: MapMode>(viewer: &mut Viewer<'m, M>) -> Result<DataFrame, Error> {
        view(viewer)
    }
}

impl Save for Series {
    fn schema(schemas: &mut SchemaBuilder) -> u32 {
        schemas.named_type::<Vec<u8>>("polars::Series")
    }

    fn save<'v>(&'v self, writer: &mut BodyWriter<'v, '_>) -> Result<(), Error> {
        save(&self.clone().into_column().into_frame(), writer)
    }
}

impl Persist for Series {
    type View<'m, M: MapMode> = Series;
    one_by_one!();

    fn load(reader: &mut BodyReader<'_>) -> Result<Self, Error> {
        series(load(reader)?)
    }

    fn view<'m, M: MapMode>(viewer: &mut Viewer<'m, M>) -> Result<Series, Error> {
        series(view(viewer)?)
    }
}

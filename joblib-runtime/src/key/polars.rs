//! Keys of polars series, columns and data frames: names, data types and values. How rows
//! are divided into chunks does not count, nor do flags such as "sorted".

mod data_type;
mod values;

use polars_arrow::datatypes::Field;
use polars_core::frame::DataFrame;
use polars_core::frame::column::Column;
use polars_core::prelude::{CompatLevel, Series};

use super::{Key, KeyError, KeyHasher};

impl Key for Series {
    fn feed_type(hasher: &mut KeyHasher) {
        hasher.nominal("polars", "Series", 0);
    }

    fn feed(&self, hasher: &mut KeyHasher) {
        feed_series(self, hasher);
    }
}

impl Key for Column {
    fn feed_type(hasher: &mut KeyHasher) {
        hasher.nominal("polars", "Column", 0);
    }

    fn feed(&self, hasher: &mut KeyHasher) {
        feed_series(self.as_materialized_series(), hasher);
    }
}

impl Key for DataFrame {
    fn feed_type(hasher: &mut KeyHasher) {
        hasher.nominal("polars", "DataFrame", 0);
    }

    fn feed(&self, hasher: &mut KeyHasher) {
        // A data frame without columns has a height nevertheless.
        hasher.write_len(self.height());
        hasher.write_len(self.columns().len());
        for column in self.columns() {
            feed_series(column.as_materialized_series(), hasher);
        }
    }
}

/// Returns whether the data type is one that has a key: of numbers, texts, times, categories,
/// and lists and structs of these. The values of others may be addresses.
pub(crate) fn has_known_type(series: &Series) -> bool {
    arrow_field(series).is_some_and(|it| data_type::feed(&it, &mut KeyHasher::new()).is_ok())
}

/// Returns the data type as that of Arrow. The export of Rust objects may panic.
fn arrow_field(series: &Series) -> Option<Field> {
    let dtype = series.dtype();
    let has_objects = dtype.contains_objects();
    (!has_objects).then(|| dtype.to_arrow_field("".into(), CompatLevel::newest()))
}

/// Feeds the name, the data type, the number of values, and the values.
fn feed_series(series: &Series, hasher: &mut KeyHasher) {
    hasher.write_bytes(series.name().as_bytes());
    if cfg!(target_endian = "big") {
        return refuse(series, "big-endian machines are not supported", hasher);
    }
    // Before the values are looked at: those of an unknown type may be addresses.
    if arrow_field(series).is_none_or(|it| data_type::feed(&it, hasher).is_err()) {
        return refuse(series, "it is unknown to joblib", hasher);
    }
    hasher.write_len(series.len());
    let array = series.rechunk().to_arrow(0, CompatLevel::newest());
    let all = 0..array.len();
    if values::feed(&*array, std::slice::from_ref(&all), hasher).is_err() {
        refuse(series, "its layout is unknown to joblib", hasher);
    }
}

#[cold]
fn refuse(series: &Series, why: &str, hasher: &mut KeyHasher) {
    hasher.fail(KeyError {
        type_name: "polars Series",
        reason: format!(
            "the data type of `{}` is {}: {why}",
            series.name(),
            series.dtype()
        ),
    });
}

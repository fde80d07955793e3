//! A pipeline of data frames with polars: from daily measurements, a file for each station,
//! to a table of climates.
//!
//! Reading a file, the means of its months and the table are separately memoized steps.
//! The key of the first is the contents of the file, those of the others are the data
//! frames that they get.
//!
//! ```console
//! cargo run --release -p heavy-tests --features polars --example weather
//! ```
//!
//! writes `stations/*.csv` if the directory is missing, and prints the table. The second
//! run computes no step. Change a temperature in `stations/3.csv`, and three steps are
//! computed again: the days and months of this station, and the table. Change the rain of a
//! day without a temperature, and only the file is read again, because its days are equal.

use std::error::Error;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

use joblib::{FileContents, memoize, parallel};
use polars::prelude::*;

/// Reads the days of a station that have a temperature.
#[memoize(dir = ".cache", key(path = FileContents(path)))]
fn days(path: &Path) -> PolarsResult<DataFrame> {
    let options = CsvReadOptions::default();
    let days = options
        .try_into_reader_with_file_path(Some(path.to_owned()))?
        .finish()?;
    days.drop_nulls(Some(&["temperature"]))
}

/// Returns a row for each month of a station: its mean temperature and its rain on a day.
#[memoize(dir = ".cache")]
fn months(days: &DataFrame) -> PolarsResult<DataFrame> {
    days.group_by_stable(["station", "month"])?.apply(|days| {
        let rows = days.select(["station", "month"])?.head(Some(1));
        let means = [mean(&days, "temperature")?, mean(&days, "rain")?];
        rows.hstack(&means)
    })
}

/// Returns a row for each station: the means of its year, its coldest and warmest month.
#[memoize(dir = ".cache")]
fn climates(stations: &[DataFrame]) -> PolarsResult<DataFrame> {
    let mut all = DataFrame::empty();
    for months in stations {
        let mut temperatures = mean(months, "temperature")?;
        let sorted = months.sort(["temperature"], SortMultipleOptions::default())?;
        let names = sorted.column("month")?;
        let extreme = |name: &str, at| names.slice(at, 1).with_name(name.into());
        temperatures.rename("mean".into());
        let columns = [
            temperatures,
            extreme("coldest", 0),
            extreme("warmest", -1),
            mean(months, "rain")?,
        ];
        let station = months.select(["station"])?.head(Some(1));
        all.vstack_mut(&station.hstack(&columns)?)?;
    }
    all.sort(["mean"], SortMultipleOptions::default())
}

/// Returns a column with the mean of a column.
fn mean(rows: &DataFrame, name: &str) -> PolarsResult<Column> {
    let mean = rows.column(name)?.as_materialized_series().mean();
    Ok(Column::new(name.into(), [mean]))
}

/// Reads the months of a station.
#[parallel]
fn station(path: PathBuf) -> Result<DataFrame, String> {
    let months = days(&path).and_then(|days| months(&days));
    months.map_err(|error| format!("{}: {error}", path.display()))
}

/// Invents ten years of measurements. The thermometer fails on some days.
fn measurements(station: u32) -> String {
    let mut text = "station,month,temperature,rain\n".to_owned();
    for day in 0..3_650 {
        let season = (f64::from(day % 365) / 365.0 * std::f64::consts::TAU).cos();
        let noise = f64::from((day * 7_919 + station * 104_729) % 101) / 10.0;
        let temperature = match day % 97 {
            0 => String::new(),
            _ => format!("{:.1}", f64::from(station) - 8.0 * season + noise),
        };
        let (month, rain) = (1 + day % 365 * 12 / 365, (noise - 7.0).max(0.0));
        let _ = writeln!(text, "S{station},{month},{temperature},{rain:.1}");
    }
    text
}

#[joblib::main]
fn main() -> Result<(), Box<dyn Error>> {
    let start = Instant::now();
    let paths = (0..8).map(|station| PathBuf::from(format!("stations/{station}.csv")));
    if !Path::new("stations").exists() {
        std::fs::create_dir("stations")?;
        for (station, path) in paths.clone().enumerate() {
            std::fs::write(path, measurements(station as u32))?;
        }
    }
    let stations = station::par(paths).progress("stations");
    let stations: Vec<DataFrame> = stations.collect::<Result<_, _>>()?;
    println!("{}", climates(&stations)?);

    let stats = [days::stats(), months::stats(), climates::stats()];
    let computed: u64 = stats.iter().map(|it| it.misses).sum();
    let loaded: u64 = stats.iter().map(|it| it.memory_hits + it.disk_hits).sum();
    println!(
        "{computed} tables computed, {loaded} loaded, in {:.2?}",
        start.elapsed()
    );
    Ok(())
}

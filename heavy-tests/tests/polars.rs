//! Series and data frames of polars as arguments and results of memoized functions, and in
//! files.

use std::hash::Hasher;

use heavy_tests::{dumped, key, key_failure, loaded, mapped, refused, there_and_back};
use joblib::__private::persist::{BodyWriter, SchemaBuilder};
use joblib::persist::{Error, Save};
use joblib::{Dump, Key, KeyHasher, Persist, memoize};
use polars::polars_utils::total_ord::{TotalEq, TotalHash};
use polars::prelude::*;

const WORDS: [Option<&str>; 6] = [
    Some("one"),
    None,
    Some(""),
    Some("a word longer than twelve bytes"),
    Some("one"),
    None,
];

const NUMBERS: [Option<i64>; 6] = [Some(1), None, Some(3), Some(4), Some(5), None];

fn numbers() -> Series {
    Series::new("numbers".into(), NUMBERS)
}

fn words() -> Series {
    Series::new("words".into(), WORDS)
}

fn cast(name: &str, series: &Series, data_type: &DataType) -> Series {
    series.cast(data_type).unwrap().with_name(name.into())
}

fn zone(name: &str) -> Option<TimeZone> {
    TimeZone::opt_try_new(Some(name)).unwrap()
}

/// Lists of parts of a series.
fn lists(name: &str, values: &Series) -> Series {
    let parts = [
        Some(values.slice(0, 2)),
        None,
        Some(values.slice(0, 0)),
        Some(values.clone()),
        Some(values.slice(2, 1)),
        None,
    ];
    Series::new(name.into(), parts)
}

fn structs() -> Series {
    let fields = [numbers(), words(), lists("lists", &numbers())];
    let structs = StructChunked::from_series("structs".into(), 6, fields.iter());
    let rows = BooleanChunked::new("".into(), [true, true, false, true, true, false]);
    let structs = structs.unwrap().into_series();
    let nulls = Series::full_null("structs".into(), 6, structs.dtype());
    structs.zip_with(&rows, &nulls).unwrap()
}

fn levels() -> DataType {
    let levels = ["", "a word longer than twelve bytes", "one", "unused"];
    DataType::from_frozen_categories(FrozenCategories::new(levels).unwrap())
}

/// A series of six values for each data type.
fn all() -> Vec<Series> {
    let floats = [0.0, -0.0, f64::NAN, 1.5, f64::INFINITY, 2.0];
    let bytes = WORDS.map(|word| word.map(str::as_bytes));
    let flags = [Some(true), None, Some(false), Some(true), None, Some(false)];
    let mut all = vec![
        Series::new_null("nulls".into(), 6),
        Series::new("flags".into(), flags),
        Series::new("floats".into(), floats),
        Series::new("bytes".into(), bytes),
        numbers(),
        words(),
        lists("lists", &numbers()),
        lists("lists of lists", &lists("lists", &words())),
        structs(),
    ];
    let units = [
        TimeUnit::Milliseconds,
        TimeUnit::Microseconds,
        TimeUnit::Nanoseconds,
    ];
    let mut types = vec![
        DataType::Int8,
        DataType::Int16,
        DataType::Int32,
        DataType::Int128,
        DataType::UInt8,
        DataType::UInt16,
        DataType::UInt32,
        DataType::UInt64,
        DataType::UInt128,
        DataType::Float16,
        DataType::Float32,
        DataType::Decimal(20, 2),
        DataType::Date,
        DataType::Time,
        DataType::Datetime(TimeUnit::Microseconds, zone("Europe/Vienna")),
        DataType::Datetime(TimeUnit::Microseconds, zone("UTC")),
    ];
    types.extend(units.map(|unit| DataType::Datetime(unit, None)));
    types.extend(units.map(DataType::Duration));
    all.extend(types.iter().map(|it| cast(&it.to_string(), &numbers(), it)));
    let categories = DataType::from_categories(Categories::global());
    let categories = cast("categories", &words(), &categories);
    all.push(cast("levels", &words(), &levels()));
    all.push(lists("lists of categories", &categories));
    all.push(categories);
    let pairs = numbers().reshape_array(&[ReshapeDimension::new(3), ReshapeDimension::new(2)]);
    let pairs = pairs.unwrap();
    let twice = concatenated(&pairs, &pairs);
    all.push(twice.rechunk().with_name("pairs".into()));
    all
}

fn concatenated(first: &Series, second: &Series) -> Series {
    let mut both = first.clone();
    both.append(second).unwrap();
    both
}

fn frame(columns: Vec<Series>) -> DataFrame {
    let columns = columns.into_iter().map(Series::into_column).collect();
    DataFrame::new_infer_height(columns).unwrap()
}

/// Equal, with the same bits in floats.
fn same(a: &DataFrame, b: &DataFrame) -> bool {
    a.schema() == b.schema() && a.equals_missing(b) && key(a) == key(b)
}

#[test]
fn series_of_every_data_type_come_back() {
    for series in all() {
        let back = there_and_back(&series);
        assert_eq!((back.name(), back.dtype()), (series.name(), series.dtype()));
        assert!(back.equals_missing(&series), "{series:?}");
        mapped(&series, |file| {
            assert!(file.view().equals_missing(&series));
            file.verify().unwrap();
        });
        for len in [0, 1, 3] {
            let slice = series.slice(2, len);
            let back = there_and_back(&slice);
            assert!(back.equals_missing(&slice), "{series:?}");
            assert_eq!(back.dtype(), slice.dtype());
        }
    }
}

#[test]
fn data_frames_come_back() {
    let whole = frame(all());
    assert!(same(&there_and_back(&whole), &whole));
    mapped(&whole, |file| assert!(same(file.view(), &whole)));
    let slice = whole.slice(1, 4);
    assert!(same(&loaded(&dumped(&slice)), &slice));
    let none = whole.slice(3, 0);
    assert!(same(&there_and_back(&none), &none));
    for rows in [0, 7] {
        let empty = DataFrame::new(rows, vec![]).unwrap();
        assert_eq!(there_and_back(&empty).height(), rows);
    }
    // More than one record batch.
    let many: Vec<Option<i64>> = (0..600_000).map(|at| (at % 7 != 0).then_some(at)).collect();
    let texts: Vec<String> = (0..600_000).map(|at| (at % 1000).to_string()).collect();
    let texts = Series::new("texts".into(), texts);
    let categories = DataType::from_categories(Categories::global());
    let categories = cast("categories", &texts, &categories);
    let many = frame(vec![Series::new("many".into(), many), texts, categories]);
    assert!(same(&there_and_back(&many), &many));
}

#[test]
fn chunks_and_slices_do_not_count() {
    for series in all() {
        let (name, whole) = (series.name(), key(&series));
        let halves = concatenated(&series.slice(0, 1), &series.slice(1, 5));
        let thirds = concatenated(&series.slice(0, 4), &series.slice(4, 2));
        assert!(halves.n_chunks() > 1 && thirds.n_chunks() > 1);
        assert_eq!((key(&halves), key(&thirds)), (whole, whole), "{name}");
        let longer = concatenated(&series, &series);
        for (start, len) in [(0, 6), (6, 6)] {
            assert_eq!(key(&longer.slice(start, len)), whole, "{name}");
        }
        for (start, len) in [(0, 5), (1, 4), (6, 0)] {
            let slice = series.slice(start, len);
            let copied: Series = loaded(&dumped(&slice));
            assert_eq!(key(&slice), key(&copied), "{name}");
            assert_ne!(key(&slice), whole, "{name}");
        }
    }
    let whole = frame(all());
    let mut halves = whole.slice(0, 2);
    halves.vstack_mut(&whole.slice(2, 4)).unwrap();
    assert_eq!(key(&halves), key(&whole));
    let mut sorted = numbers();
    sorted.set_sorted_flag(polars::series::IsSorted::Ascending);
    assert_eq!(key(&sorted), key(&numbers()));
}

#[test]
fn what_is_under_nulls_does_not_count() {
    let valid = BooleanChunked::new("".into(), [true, false, true]);
    let hidden = |values: Series| {
        let nulls = Series::full_null(values.name().clone(), 3, values.dtype());
        values.zip_with(&valid, &nulls).unwrap()
    };
    let of = |at| hidden(Series::new("a".into(), [1_i64, at, 3]));
    assert_eq!(key(&of(0)), key(&of(7)));
    assert_ne!(key(&of(0)), key(&Series::new("a".into(), [1_i64, 0, 3])));
    let of = |text: &str| hidden(Series::new("a".into(), ["x", text, "y"]));
    assert_eq!(key(&of("")), key(&of("a word longer than twelve bytes")));
    let of = |at| {
        let field = Series::new("a".into(), [1_i64, at, 3]);
        let structs = StructChunked::from_series("s".into(), 3, [field].iter()).unwrap();
        hidden(structs.into_series())
    };
    assert_eq!(key(&of(0)), key(&of(7)));
    let all_valid = Series::new("a".into(), [Some(1_i64), Some(2)]);
    assert_eq!(key(&all_valid), key(&Series::new("a".into(), [1_i64, 2])));
}

#[test]
fn values_types_names_and_order_count() {
    let mut keys: Vec<u128> = all().iter().map(key).collect();
    let named = |name: &str| numbers().with_name(name.into());
    let of = |numbers: &[i64]| key(&Series::new("a".into(), numbers));
    let texts = |texts: [&str; 2]| key(&Series::new("a".into(), texts));
    let float = |number: f64| key(&Series::new("a".into(), [number]));
    let (a, b) = (named("a"), named("b"));
    keys.extend([
        key(&a),
        key(&b),
        key(&a.clone().into_column()),
        key(&frame(vec![a.clone()])),
        key(&frame(vec![a.clone(), b.clone()])),
        key(&frame(vec![b, a])),
        key(&DataFrame::new(3, vec![]).unwrap()),
        key(&DataFrame::new(4, vec![]).unwrap()),
        of(&[]),
        of(&[1, 2]),
        of(&[2, 1]),
        texts(["ab", "c"]),
        texts(["a", "bc"]),
        float(0.0),
        float(-0.0),
        float(f64::NAN),
    ]);
    for (at, key) in keys.iter().enumerate() {
        assert!(!keys[..at].contains(key), "{at}");
    }
    // A column of one repeated value is the column of its values.
    let scalar = Column::new_scalar("a".into(), Scalar::from(5_i64), 3);
    let written = Series::new("a".into(), [5_i64; 3]).into_column();
    assert_eq!(key(&scalar), key(&written));
}

#[test]
fn categories_count_as_their_texts() {
    let of = |texts: &[&str]| {
        let categories = Categories::new("c".into(), "test".into(), CategoricalPhysical::U32);
        cast(
            "a",
            &Series::new("".into(), texts),
            &DataType::from_categories(categories),
        )
    };
    // The codes of the two depend on which of them exists first.
    let (first, second) = (of(&["x", "y"]), of(&["y", "x"]));
    assert_ne!(key(&first), key(&second));
    assert_eq!(key(&first), key(&second.reverse()));
    let other = cast(
        "a",
        &first,
        &DataType::from_categories(Categories::global()),
    );
    assert_ne!(key(&first), key(&other));
}

#[test]
fn keys_never_change() {
    let mut found: Vec<String> = all().iter().map(|it| format!("{:032x}", key(it))).collect();
    found.push(format!("{:032x}", key(&frame(all()))));
    assert_eq!(found, KEYS);
}

const KEYS: [&str; 36] = [
    "d22634c697ab6d5bd2b9c99d89121bdb",
    "a31183159cfa002dffe38432cd2d9031",
    "f661667272626785e0b0d19d45ee1159",
    "6929219018fc1bd5d112475c0b0e746c",
    "4e686f045c45051a8e2220fc5b1575d4",
    "626a976b1e724e00e018f9ed2f5cafe1",
    "3a3398df1b9d80e11011fea610478512",
    "d0af38d9f5b29017b433d00df43bb6ea",
    "974dec907416e33a87f766b135b88672",
    "db8ab4bbb570961d0c2f30663f5f8323",
    "6b7b6e7cf9fd45f924d8738a7e11dc56",
    "1f5bc5c61c1d3370e9fc01a304d90560",
    "f40ba6d06fb67015f8820eac7c80c05e",
    "d86a5523ad59bd0514646e2bf703e8da",
    "7f6bb9380f6570d536aaba77c9ddc739",
    "07d8c603019d772f9a5c67835257cea4",
    "bc2caeaa59b185237c42afaa66e4d03d",
    "5aca3bcfd19558c52ccb220e629cc176",
    "0e1dda2bbcabc25c9b4fc0431d627c74",
    "e69c7c9a4a7f572e05de822ba114ac89",
    "9dcbab34fc7c21b0660b8eb6a5abae85",
    "84a6b1c0c0c1da827f53c9905a7b77f3",
    "11dad7a94352d13cfe2a984c407689d7",
    "00d376d9f2b99cb0ffee78f11e2280d1",
    "b038744d54dd0bcf5fe75e92c8ba9f67",
    "f035d31d4a960947235733d4fc770f56",
    "c00864b308ecd1be4d9a07f32eecbf2f",
    "a5a2c334023ddc07a98ffa3cfc878890",
    "069d08ea29c33f5b844af757db5e4ad3",
    "3c8b1e4617fcb9935d6e51c24f2bbf55",
    "791f0715a53de89b7d26d6398a8a668a",
    "8971d6d2be2b7885f352560aa3eee53d",
    "9c7ac0710b0eacfb81d421c2845b641a",
    "272cbf439713602e02c226e9fd13e2e1",
    "32cc15c2958171914cdf1c47c92695f7",
    "49a1b15af692b9a90fbb829ac2d86df1",
];

#[derive(Persist)]
struct Report {
    table: DataFrame,
    labels: Vec<Series>,
    total: f64,
}

#[test]
fn a_struct_with_data_frames_comes_back() {
    let report = Report {
        table: frame(all()),
        labels: vec![words(); 3],
        total: 1.5,
    };
    let back: Report = loaded(&dumped(&report));
    assert!(same(&back.table, &report.table));
    assert_eq!((back.labels.len(), back.total), (3, 1.5));
    assert!(back.labels[2].equals_missing(&words()));
    mapped(&report, |file| {
        assert!(same(&file.view().table, &report.table))
    });
}

#[memoize(dir = "../target/heavy-tests")]
fn some_rows(table: &DataFrame, weights: Series, start: i64) -> DataFrame {
    table.slice(start, weights.len())
}

#[memoize(dir = "../target/heavy-tests")]
fn column(table: &DataFrame, name: &str) -> Result<Series, String> {
    let column = table.column(name).map_err(|error| error.to_string())?;
    Ok(column.as_materialized_series().clone())
}

#[test]
fn a_memoized_function_takes_and_returns_data_frames() {
    let whole = frame(all());
    let weights = Series::new("weights".into(), [1.0, 2.0]);
    let rows = some_rows(&whole, weights.clone(), 1);
    let longer = Series::new("weights".into(), [0.0, 1.0, 2.0]);
    assert!(some_rows::check(&whole, longer.slice(1, 2), 1));
    assert!(!some_rows::check(&whole, longer, 1));
    assert!(same(&some_rows(&whole, weights, 1), &rows));
    assert!(same(&rows, &whole.slice(1, 2)));
    for _ in 0..2 {
        let words = column(&whole, "words").unwrap();
        assert!(words.equals_missing(&self::words()));
        assert!(column(&whole, "no such").is_err());
    }
    assert!(column::check(&whole, "words"));
}

/// A data frame in a file with these bytes.
struct Forged(Vec<u8>);

impl Save for Forged {
    fn schema(schemas: &mut SchemaBuilder) -> u32 {
        <DataFrame as Save>::schema(schemas)
    }

    fn save<'v>(&'v self, writer: &mut BodyWriter<'v, '_>) -> Result<(), Error> {
        self.0.save(writer)
    }
}

/// Returns the bytes of the stream of a data frame.
fn stream(frame: &DataFrame) -> Vec<u8> {
    let mut frame = frame.clone();
    let mut bytes = Vec::new();
    let mut writer = IpcStreamWriter::new(&mut bytes);
    let rows = frame.height().to_string();
    let metadata = [("joblib.rows".into(), rows.into())].into_iter().collect();
    writer.set_custom_schema_metadata(std::sync::Arc::new(metadata));
    writer.finish(&mut frame).unwrap();
    bytes
}

#[test]
fn forged_bytes_are_read_as_a_valid_data_frame_or_refused() {
    let whole = frame(all());
    let bytes = stream(&whole);
    assert!(same(&loaded(&dumped(&Forged(bytes.clone()))), &whole));
    let read = |bytes: &[u8]| {
        let read = joblib::Load::new().read::<DataFrame>(&dumped(&Forged(bytes.to_vec()))[..]);
        if let Ok(frame) = &read {
            // What was accepted can be used.
            frame.feed(&mut KeyHasher::new());
            let _ = Dump::new().write(std::io::sink(), frame);
        }
        read.is_ok()
    };
    let mut accepted = 0;
    for at in 0..bytes.len() {
        let mut forged = bytes.clone();
        forged[at] ^= [0x01, 0x80, 0xff][at % 3];
        accepted += usize::from(read(&forged));
    }
    for len in (0..bytes.len() - 8).step_by(7) {
        assert!(!read(&bytes[..len]), "{len} bytes");
    }
    let twice = [&bytes[..bytes.len() - 8], &bytes[..]].concat();
    assert!(!read(&twice));
    // Changes of numbers and of padding.
    assert!(accepted < bytes.len());
    let series = refused::<Series>(&dumped(&frame(vec![numbers()])));
    assert!(series.contains("Series"), "{series}");
}

/// A value that only this program can read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Opaque(u8);

impl std::fmt::Display for Opaque {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("opaque")
    }
}

impl TotalEq for Opaque {
    fn tot_eq(&self, _: &Self) -> bool {
        true
    }
}

impl TotalHash for Opaque {
    fn tot_hash<H: Hasher>(&self, _: &mut H) {}
}

impl PolarsObject for Opaque {
    fn type_name() -> &'static str {
        "opaque"
    }
}

#[test]
fn a_data_type_that_is_unknown_has_no_key_and_no_file() {
    let objects = ObjectChunked::<Opaque>::new_from_vec("objects".into(), vec![Opaque(1)]);
    let objects = objects.into_series();
    let failure = key_failure(&objects);
    assert!(failure.contains("`objects`"), "{failure}");
    let error = Dump::new().write(Vec::new(), &objects).unwrap_err();
    assert!(error.to_string().contains("`objects`"), "{error}");
}

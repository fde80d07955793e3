//! Arrow arrays and record batches as arguments and results of memoized functions, and in
//! files.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::builder::{FixedSizeListBuilder, Int32Builder, ListBuilder, MapBuilder};
use arrow_array::builder::{ListViewBuilder, StringBuilder, StringDictionaryBuilder};
use arrow_array::types::{Int32Type, Int64Type};
use arrow_array::{
    Array, ArrayRef, BinaryArray, BooleanArray, DictionaryArray, FixedSizeBinaryArray,
    Float64Array, Int32Array, Int64Array, LargeStringArray, NullArray, RecordBatch,
    RecordBatchOptions, RunArray, StringArray, StringViewArray, StructArray,
    TimestampMicrosecondArray, UnionArray, make_array,
};
use arrow_buffer::{NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow_schema::{DataType, Field, Fields, Schema, UnionFields};
use heavy_tests::{dumped, key, loaded, mapped, refused, there_and_back};
use joblib::__private::persist::{BodyWriter, SchemaBuilder};
use joblib::persist::{Error, Save};
use joblib::{Persist, memoize};

const WORDS: [Option<&str>; 6] = [
    Some("one"),
    None,
    Some(""),
    Some("a word longer than twelve bytes"),
    Some("one"),
    None,
];

fn lists() -> [ArrayRef; 3] {
    let mut list = ListBuilder::new(Int32Builder::new());
    let mut view = ListViewBuilder::new(Int32Builder::new());
    let mut fixed = FixedSizeListBuilder::new(Int32Builder::new(), 2);
    for at in 0..6 {
        for _ in 0..at {
            list.values().append_option((at != 3).then_some(at));
            view.values().append_option((at != 3).then_some(at));
        }
        list.append(at != 2);
        view.append(at != 2);
        fixed.values().append_value(at);
        fixed.values().append_null();
        fixed.append(at != 4);
    }
    [
        Arc::new(list.finish()),
        Arc::new(view.finish()),
        Arc::new(fixed.finish()),
    ]
}

fn map() -> ArrayRef {
    let mut map = MapBuilder::new(None, StringBuilder::new(), Int32Builder::new());
    for at in 0..6 {
        for entry in 0..at {
            map.keys().append_value(format!("key {entry}"));
            map.values().append_option((entry != 1).then_some(at));
        }
        map.append(at != 5).unwrap();
    }
    Arc::new(map.finish())
}

fn union(is_dense: bool) -> ArrayRef {
    let fields = UnionFields::try_new(
        [3, 5],
        [
            Field::new("number", DataType::Int32, true),
            Field::new("word", DataType::Utf8, true),
        ],
    );
    let ids = ScalarBuffer::from(vec![3_i8, 5, 3, 3, 5, 5]);
    let numbers = Int32Array::from(vec![Some(1), None, Some(3), Some(4), Some(5), Some(6)]);
    let (offsets, words) = match is_dense {
        true => (
            Some(ScalarBuffer::from(vec![0, 0, 1, 2, 1, 2])),
            StringArray::from(vec!["a", "b", "c"]),
        ),
        false => (None, StringArray::from(WORDS.to_vec())),
    };
    let children: Vec<ArrayRef> = vec![Arc::new(numbers), Arc::new(words)];
    Arc::new(UnionArray::try_new(fields.unwrap(), ids, offsets, children).unwrap())
}

/// An array of six values for each layout.
fn arrays() -> Vec<ArrayRef> {
    let numbers = Int32Array::from(vec![Some(1), None, Some(3), Some(-4), None, Some(6)]);
    let stamps = vec![Some(1), None, Some(3), Some(4), Some(5), Some(6)];
    let stamps = TimestampMicrosecondArray::from(stamps).with_timezone("Europe/Vienna");
    let mut dictionary = StringDictionaryBuilder::<Int32Type>::new();
    dictionary.extend(WORDS);
    let fields = Fields::from(vec![
        Field::new("numbers", DataType::Int32, true),
        Field::new("words", DataType::Utf8, true),
    ]);
    let columns: Vec<ArrayRef> = vec![
        Arc::new(numbers.clone()),
        Arc::new(StringArray::from(WORDS.to_vec())),
    ];
    let nulls = NullBuffer::from(vec![true, true, false, true, true, false]);
    let bytes = WORDS.map(|word| word.map(str::as_bytes)).to_vec();
    let ends = Int32Array::from(vec![2, 3, 6]);
    let mut arrays: Vec<ArrayRef> = vec![
        Arc::new(NullArray::new(6)),
        Arc::new(BooleanArray::from(vec![
            Some(true),
            None,
            Some(false),
            Some(true),
            None,
            None,
        ])),
        Arc::new(numbers),
        Arc::new(Float64Array::from(vec![
            0.0,
            -0.0,
            f64::NAN,
            1.5,
            f64::INFINITY,
            2.0,
        ])),
        Arc::new(stamps),
        Arc::new(StringArray::from(WORDS.to_vec())),
        Arc::new(LargeStringArray::from(WORDS.to_vec())),
        Arc::new(StringViewArray::from(WORDS.to_vec())),
        Arc::new(BinaryArray::from(bytes)),
        Arc::new(FixedSizeBinaryArray::try_from_iter((0..6_u8).map(|at| [at; 3])).unwrap()),
        Arc::new(dictionary.finish()),
        Arc::new(StructArray::new(fields, columns, Some(nulls))),
        Arc::new(RunArray::try_new(&ends, &StringArray::from(vec!["a", "b", "c"])).unwrap()),
        map(),
        union(true),
        union(false),
    ];
    arrays.extend(lists());
    arrays
}

fn batch(columns: Vec<ArrayRef>) -> RecordBatch {
    let fields: Vec<Field> = columns
        .iter()
        .enumerate()
        .map(|(at, column)| Field::new(format!("column {at}"), column.data_type().clone(), true))
        .collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).unwrap()
}

#[test]
fn arrays_of_every_layout_come_back() {
    for array in arrays() {
        assert_eq!(&there_and_back(&array), &array);
        mapped(&array, |file| {
            assert_eq!(file.view(), &array);
            file.verify().unwrap();
        });
        for len in [0, 1, 3] {
            let slice = array.slice(2, len);
            let back = loaded::<ArrayRef>(&dumped(&slice));
            assert_eq!(
                (&back, key(&back)),
                (&slice, key(&slice)),
                "{}",
                array.data_type()
            );
        }
    }
    let large = Int64Array::from_iter((0..300_000).map(|at| (at % 7 != 0).then_some(at)));
    assert_eq!(there_and_back(&large), large);
    let error = refused::<StringArray>(&dumped(&large));
    assert!(error.contains("an Arrow array of Int64"), "{error}");
}

#[test]
fn record_batches_come_back() {
    let whole = batch(arrays());
    assert_eq!(there_and_back(&whole), whole);
    mapped(&whole, |file| assert_eq!(file.view(), &whole));
    let slice = whole.slice(1, 4);
    assert_eq!(loaded::<RecordBatch>(&dumped(&slice)), slice);
    let rows = RecordBatchOptions::new().with_row_count(Some(7));
    let empty = RecordBatch::try_new_with_options(Arc::new(Schema::empty()), vec![], &rows);
    let empty = empty.unwrap();
    assert_eq!(there_and_back(&empty), empty);
    let metadata = HashMap::from([
        ("b".to_owned(), "2".to_owned()),
        ("a".to_owned(), "1".to_owned()),
    ]);
    let schema = whole.schema().as_ref().clone().with_metadata(metadata);
    let described = whole.clone().with_schema(Arc::new(schema)).unwrap();
    assert_eq!(there_and_back(&described).schema(), described.schema());
    assert_ne!(key(&described), key(&whole));
}

#[test]
fn slices_have_the_keys_of_their_values() {
    for array in arrays() {
        let is_dictionary = matches!(array.data_type(), DataType::Dictionary(..));
        for (start, len) in [(0, 6), (1, 4), (2, 1), (3, 3), (6, 0)] {
            let slice = array.slice(start, len);
            // Decoding gives arrays without an offset.
            let copied: ArrayRef = loaded(&dumped(&slice));
            assert_eq!(
                key(&slice),
                key(&copied),
                "{} from {start}",
                array.data_type()
            );
            let again = make_array(slice.to_data());
            assert_eq!(key(&slice), key(&again));
            if (start, len) != (0, 6) && !is_dictionary {
                assert_ne!(key(&slice), key(&array));
            }
        }
    }
}

#[test]
fn bytes_under_nulls_do_not_count() {
    let nulls = Some(NullBuffer::from(vec![true, false, true]));
    let numbers = |hidden| Int32Array::new(vec![1, hidden, 3].into(), nulls.clone());
    assert_eq!(key(&numbers(0)), key(&numbers(7)));
    assert_ne!(key(&numbers(0)), key(&Int32Array::from(vec![1, 0, 3])));
    let words = |text: &[u8], ends: [usize; 2]| {
        let offsets = OffsetBuffer::from_lengths([1, ends[0], ends[1]]);
        StringArray::new(offsets, text.into(), nulls.clone())
    };
    assert_eq!(key(&words(b"ahiddenb", [6, 1])), key(&words(b"ab", [0, 1])));
    let all = Some(NullBuffer::new_valid(3));
    let valid = Int32Array::new(vec![1, 2, 3].into(), all);
    assert_eq!(key(&valid), key(&Int32Array::from(vec![1, 2, 3])));
    let fields = Fields::from(vec![Field::new("a", DataType::Int32, false)]);
    let of = |hidden| {
        let column: ArrayRef = Arc::new(Int32Array::from(vec![1, hidden, 3]));
        StructArray::new(fields.clone(), vec![column], nulls.clone())
    };
    assert_eq!(key(&of(0)), key(&of(7)));
    let bits = |last| BooleanArray::new(vec![true, false, last].into(), nulls.clone());
    assert_ne!(key(&bits(true)), key(&bits(false)));
}

#[test]
fn values_types_names_and_nullability_count() {
    let mut keys: Vec<u128> = arrays().iter().map(key).collect();
    let one = |field: Field| {
        let column: ArrayRef = Arc::new(Int32Array::from(vec![1, 2]));
        key(&RecordBatch::try_new(Arc::new(Schema::new(vec![field])), vec![column]).unwrap())
    };
    let field = Field::new("a", DataType::Int32, true);
    let metadata = HashMap::from([("unit".to_owned(), "m".to_owned())]);
    keys.extend([
        one(field.clone()),
        one(field.clone().with_name("b")),
        one(field.clone().with_nullable(false)),
        one(field.clone().with_metadata(metadata)),
        key(&Int32Array::from(vec![1, 2])),
        key(&Int32Array::from(vec![2, 1])),
        key(&Int32Array::from(vec![Some(1), None])),
        key(&Int64Array::from(vec![1, 2])),
        key(&Int32Array::from(Vec::<i32>::new())),
        key(&Int64Array::from(Vec::<i64>::new())),
        key(&StringArray::from(vec!["ab", "c"])),
        key(&StringArray::from(vec!["a", "bc"])),
        key(&field),
        key(&DataType::Int32),
    ]);
    for (at, key) in keys.iter().enumerate() {
        assert!(!keys[..at].contains(key), "{at}");
    }
}

#[test]
fn owners_and_kinds_of_array_do_not_count() {
    let array = Int32Array::from(vec![1, 2]);
    let owned: ArrayRef = Arc::new(array.clone());
    let lent: &dyn Array = &array;
    assert_eq!((key(&array), key(&array)), (key(&owned), key(lent)));
    assert_eq!(dumped(&array), dumped(&owned));
    assert_eq!(loaded::<Int32Array>(&dumped(&owned)), array);
    assert_eq!(
        loaded::<DictionaryArray<Int64Type>>(&dumped(&dictionary())),
        dictionary()
    );
}

fn dictionary() -> DictionaryArray<Int64Type> {
    WORDS.into_iter().collect()
}

#[test]
fn the_values_of_a_dictionary_count_in_their_order() {
    let of = |words: [&str; 3], keys: [i64; 2]| {
        let values = Arc::new(StringArray::from(words.to_vec()));
        key(&DictionaryArray::<Int64Type>::new(
            Int64Array::from(keys.to_vec()),
            values,
        ))
    };
    assert_eq!(of(["a", "b", "c"], [0, 1]), of(["a", "b", "c"], [0, 1]));
    assert_ne!(of(["a", "b", "c"], [0, 1]), of(["b", "a", "c"], [1, 0]));
    assert_ne!(of(["a", "b", "c"], [0, 1]), of(["a", "b", "d"], [0, 1]));
}

#[test]
fn keys_never_change() {
    let mut found: Vec<String> = arrays()
        .iter()
        .map(|it| format!("{:032x}", key(it)))
        .collect();
    found.push(format!("{:032x}", key(&batch(arrays()))));
    assert_eq!(found, KEYS);
}

const KEYS: [&str; 20] = [
    "6f7885851db8ad2972c0f5b387a9c84d",
    "3b670a73c25a800f8018676024f9c573",
    "0e4039e14e82be548248e9d88bc1c072",
    "7e4e3c1529946dc6423195dcbc7b3c8e",
    "7a264704ece1a4a243796cc5af615fee",
    "b29506b3bdbbd38c28a0be66474e8d61",
    "1286709b4c1a88bdf7983da93afb486d",
    "d2e25649725d9a565f5b544c92391dc0",
    "1bbcf7f702e0dddec6801e58c5930c61",
    "4d0e44178e51fa47fab8a932b8425c89",
    "5507fba0b35b688815791cebc393080a",
    "b96d39fe83ae79b06b4e05aaeeaca6e6",
    "487abc47553f06c8d6027162f64765a5",
    "2ef6d5dba43a7da1b987407f502098ad",
    "9da2ed0bc64d6630ca8947618e4c8b24",
    "26aeb221fb1245fed41b044f2618d6c7",
    "5f110d44fc0aa272c141a480c9abfa61",
    "7a0a6fd8cf64242da74f073e4c173eb5",
    "6d6190142dbc6788520561995ef2b203",
    "a6fdfae11133ee8191a3d58884631739",
];

#[derive(Persist)]
struct Table {
    rows: RecordBatch,
    labels: Vec<StringArray>,
    total: f64,
}

#[test]
fn a_struct_with_arrays_comes_back() {
    let table = Table {
        rows: batch(arrays()),
        labels: vec![StringArray::from(WORDS.to_vec()); 3],
        total: 1.5,
    };
    let back: Table = loaded(&dumped(&table));
    assert_eq!(
        (back.rows, back.labels),
        (table.rows.clone(), table.labels.clone())
    );
    assert_eq!(back.total, table.total);
    mapped(&table, |file| assert_eq!(file.view().rows, table.rows));
}

#[memoize(dir = "../target/heavy-tests")]
fn some_rows(batch: &RecordBatch, weights: ArrayRef, start: usize) -> RecordBatch {
    batch.slice(start, weights.len())
}

#[test]
fn a_memoized_function_takes_and_returns_record_batches() {
    let whole = batch(arrays());
    let weights: ArrayRef = Arc::new(Float64Array::from(vec![1.0, 2.0]));
    let rows = some_rows(&whole, Arc::clone(&weights), 1);
    let longer: ArrayRef = Arc::new(Float64Array::from(vec![0.0, 1.0, 2.0]));
    assert!(some_rows::check(&whole, longer.slice(1, 2), 1));
    assert!(!some_rows::check(&whole, longer, 1));
    assert_eq!(some_rows(&whole, weights, 1), rows);
    assert_eq!(rows, whole.slice(1, 2));
}

/// A record batch in a file with these bytes.
struct Forged(Vec<u8>);

impl Save for Forged {
    fn schema(schemas: &mut SchemaBuilder) -> u32 {
        <RecordBatch as Save>::schema(schemas)
    }

    fn save<'v>(&'v self, writer: &mut BodyWriter<'v, '_>) -> Result<(), Error> {
        self.0.save(writer)
    }
}

/// Returns the bytes of the stream of a batch.
fn stream(batch: &RecordBatch) -> Vec<u8> {
    let mut writer = arrow_ipc::writer::StreamWriter::try_new(Vec::new(), batch.schema_ref());
    let writer = writer.as_mut().unwrap();
    writer.write(batch).unwrap();
    writer.finish().unwrap();
    writer.get_ref().clone()
}

#[test]
fn forged_bytes_are_read_as_a_valid_batch_or_refused() {
    let whole = batch(arrays());
    let bytes = stream(&whole);
    assert_eq!(
        loaded::<RecordBatch>(&dumped(&Forged(bytes.clone()))),
        whole
    );
    let read = |bytes: &[u8]| {
        let read = joblib::Load::new().read::<RecordBatch>(&dumped(&Forged(bytes.to_vec()))[..]);
        if let Ok(batch) = &read {
            // What was accepted can be used.
            let _ = (key(batch), format!("{batch:?}"));
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
}

//! Fuzzing of serde values: those that describe themselves, and those of version 1 of
//! the format, which do not.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Zeros;
use super::file::{dumped, resealed};
use crate::fuzz_target::Target;
use crate::persist::body_encoding::{BodyEncoding, COMPACT};
use crate::persist::derive_support::{BodyReader, BodyWriter, SchemaBuilder, Viewer};
use crate::persist::reader::BodyReader as SmallReader;
use crate::persist::row::one_by_one;
use crate::persist::{Dump, Error, Load, MapMode, Persist, Save};

/// Input: a mode byte, then data. After an even byte, the data is an encoded field,
/// whose first byte selects one of the two encodings. After an odd byte, it is a file
/// whose checksums are corrected.
pub(crate) const DESCRIBED_PART: Target = Target {
    name: "persist_described",
    run,
    seeds,
};

/// A serde field of a type with every attribute whose deserialization depends on the
/// input type.
#[derive(Debug, PartialEq)]
struct Field(Any);

#[derive(Debug, PartialEq, Serialize, Deserialize)]
enum Any {
    Empty,
    Number(i128, u128, f32, f64),
    Text { text: String, mark: Option<char> },
    Options(Vec<Option<Option<u8>>>),
    Map(BTreeMap<(u16, bool), Any>),
    Untagged(Untagged),
    Tagged(Vec<Tagged>),
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Untagged {
    Small(u8),
    Text(String),
    Many(Vec<Untagged>),
    Flat(Flat),
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind")]
enum Tagged {
    Unit,
    More(Flat),
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Flat {
    #[serde(skip_serializing_if = "Option::is_none", default)]
    left_out: Option<i64>,
    #[serde(flatten)]
    rest: BTreeMap<String, Untagged>,
}

const NAME: &str = "Field.0";

impl Save for Field {
    fn schema(schemas: &mut SchemaBuilder) -> u32 {
        schemas.serde::<Any>()
    }

    fn save<'v>(&'v self, writer: &mut BodyWriter<'v, '_>) -> Result<(), Error> {
        writer.serde(NAME, &self.0)
    }
}

impl Persist for Field {
    type View<'m, M: MapMode> = Field;
    one_by_one!();

    fn load(reader: &mut BodyReader<'_>) -> Result<Self, Error> {
        reader.serde(NAME).map(Field)
    }

    fn view<'m, M: MapMode>(viewer: &mut Viewer<'m, M>) -> Result<Self, Error> {
        Self::load(viewer.reader())
    }
}

fn run(bytes: &[u8]) {
    let Some((mode, rest)) = bytes.split_first() else {
        return;
    };
    let read = match mode % 2 {
        0 => {
            let source = Box::new(Zeros(&[]));
            let mut reader = SmallReader::whole(rest, BodyEncoding::Adapted, source, LIMIT);
            Field::load(&mut reader)
        }
        _ => Load::new().limit_bytes(LIMIT).read(&*resealed(rest)),
    };
    if let Ok(field) = read {
        assert_round_trip(&field);
    }
}

const LIMIT: u64 = 64 << 20;

/// Asserts that a value that was read can be written and read back unchanged.
fn assert_round_trip(field: &Field) {
    let first = dumped(field, Dump::new());
    let again: Field = Load::new()
        .read(&first[..])
        .expect("a dumped value can be loaded");
    assert!(dumped(&again, Dump::new()) == first, "the value changed");
}

fn seeds() -> Vec<Vec<u8>> {
    let flat = |left_out| Flat {
        left_out,
        rest: [
            ("a".to_owned(), Untagged::Small(7)),
            (
                "b".to_owned(),
                Untagged::Many(vec![Untagged::Text("ü".to_owned())]),
            ),
        ]
        .into(),
    };
    let values = [
        Any::Empty,
        Any::Number(i128::MIN, u128::MAX, -0.0, f64::NAN),
        Any::Text {
            text: "text".to_owned(),
            mark: Some('→'),
        },
        Any::Options(vec![None, Some(None), Some(Some(1))]),
        Any::Map([((1, true), Any::Empty)].into()),
        Any::Untagged(Untagged::Flat(flat(None))),
        Any::Tagged(vec![Tagged::Unit, Tagged::More(flat(Some(-1)))]),
    ];
    let mut seeds = Vec::new();
    for value in values.map(Field) {
        let mut described = BodyWriter::new(BodyEncoding::Adapted);
        if described.serde(NAME, &value.0).is_ok() {
            let (part, _) = described.finish().unwrap_or_default();
            seeds.push([&[0], &*part].concat());
        }
        let mut compact = Vec::new();
        if crate::codec::encode(&value.0, &mut compact).is_ok() {
            let mut part = BodyWriter::new(BodyEncoding::Adapted);
            let _ = part.copied_serde(COMPACT, &compact);
            let (part, _) = part.finish().unwrap_or_default();
            seeds.push([&[0], &*part].concat());
        }
        seeds.push([&[1], &*dumped(&value, Dump::new())].concat());
    }
    seeds
}

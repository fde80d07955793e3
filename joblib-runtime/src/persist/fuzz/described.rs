//! Fuzzing of what serde describes in files: of parts that say themselves what
//! they are, and of those of version 1, which do not.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::super::body_encoding::{BodyEncoding, COMPACT};
use super::super::derive_support::{BodyReader, BodyWriter, OneByOne, SchemaBuilder, Viewer};
use super::super::reader::BodyReader as SmallReader;
use super::super::{Dump, Error, Load, MapMode, Persist, Save};
use super::Zeros;
use super::file::{dumped, resealed};
use crate::fuzz::Target;

/// After a byte: an even one is followed by the part of a field, whose first
/// byte says in which of the two encodings it is; an odd one by a file, whose
/// checksums are set right.
pub(crate) const DESCRIBED_PART: Target = Target {
    name: "persist_described",
    run,
    seeds,
};

/// A field that serde describes, of a type with every attribute that asks what
/// it reads.
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
    type Views<'m, M: MapMode> = Vec<Field>;
    type Rows = OneByOne;

    fn load(reader: &mut BodyReader<'_>) -> Result<Self, Error> {
        reader.serde(NAME).map(Field)
    }

    fn view<'m, M: MapMode>(viewer: &mut Viewer<'m, M>) -> Result<Self, Error> {
        Self::load(viewer.reader())
    }

    fn view_many<'m, M: MapMode>(viewer: &mut Viewer<'m, M>) -> Result<Vec<Self>, Error> {
        viewer.many::<Self>()
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
        is_kept(&field);
    }
}

const LIMIT: u64 = 64 << 20;

/// What was read can be written, and comes back from that as it is.
fn is_kept(field: &Field) {
    let first = dumped(field, Dump::new());
    let again: Field = Load::new().read(&first[..]).expect("what was dumped");
    assert!(dumped(&again, Dump::new()) == first, "another value");
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
            let _ = part.taken_over(COMPACT, &compact);
            let (part, _) = part.finish().unwrap_or_default();
            seeds.push([&[0], &*part].concat());
        }
        seeds.push([&[1], &*dumped(&value, Dump::new())].concat());
    }
    seeds
}

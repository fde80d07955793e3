//! The values of the golden files: one for each kind of node and each position that an
//! array can have. `cargo xtask faults persist` damages these files.

#[path = "standard.rs"]
mod standard;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, LinkedList};
use std::num::Wrapping;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use joblib::Persist;

use self::standard::{Standard, Unnamed, standard, unnamed};

/// Visits each value with its name and another type that its file can be read as.
pub(crate) trait Visit {
    type Error;

    fn visit<T: Persist, Other: Persist>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), Self::Error>;
}

#[derive(Persist)]
pub(crate) struct Model {
    name: String,
    layers: Vec<Layer>,
    best: Option<Box<Model>>,
    kind: Kind,
    took: Result<Duration, u32>,
}

#[derive(Persist)]
pub(crate) struct Layer {
    weights: Vec<f64>,
    bias: Vec<f32>,
    mask: Vec<bool>,
}

#[derive(Persist)]
pub(crate) enum Kind {
    Plain,
    Pair(u8, i64),
    Named { depth: u32, label: String },
}

/// `Model` with reordered fields, one field fewer, one more, and wider numbers.
#[derive(Persist)]
pub(crate) struct Later {
    layers: Vec<LaterLayer>,
    took: Result<Duration, u64>,
    kind: Kind,
    name: String,
    #[persist(default)]
    notes: Vec<String>,
}

#[derive(Persist)]
pub(crate) struct LaterLayer {
    mask: Vec<bool>,
    weights: Vec<f64>,
    bias: Vec<f64>,
}

#[derive(serde::Serialize, serde::Deserialize)]
struct Foreign {
    name: String,
    numbers: Vec<u32>,
}

#[derive(Persist)]
pub(crate) struct Described {
    #[persist(serde)]
    foreign: Foreign,
    count: u8,
}

#[derive(Persist)]
pub(crate) struct DescribedLater {
    count: u16,
    #[persist(serde)]
    foreign: Foreign,
}

/// Every kind of value in the serde data model.
#[derive(serde::Serialize, serde::Deserialize)]
struct Kinds {
    naturals: (u8, u16, u32, u64, u128),
    signed: (i8, i16, i32, i64, i128),
    floats: Vec<f64>,
    single: f32,
    text: (char, String, bool, ()),
    options: [Option<Option<u8>>; 3],
    map: HashMap<u16, Shape>,
}

#[derive(serde::Serialize, serde::Deserialize)]
enum Shape {
    Unit,
    Newtype(u8),
    Tuple(u8, i8),
    Struct { side: f32 },
}

/// `Kinds` with another field order, other widths, one field fewer and one more.
#[derive(serde::Serialize, serde::Deserialize)]
struct KindsLater {
    map: BTreeMap<u32, ShapeLater>,
    single: f64,
    naturals: (u16, u32, u64, u128, u128),
    signed: (i64, i64, i64, i64, i128),
    text: (String, String, Option<bool>, ()),
    options: Vec<Option<Option<u64>>>,
    added: Option<u8>,
}

#[derive(serde::Serialize, serde::Deserialize)]
enum ShapeLater {
    Struct { side: f64 },
    Tuple(u64, i64),
    Newtype(Option<u8>),
    Unit,
}

#[derive(Persist)]
pub(crate) struct Named {
    #[persist(serde)]
    kinds: Kinds,
    #[persist(with = hex)]
    color: u32,
}

#[derive(Persist)]
pub(crate) struct NamedLater {
    #[persist(serde)]
    color: String,
    #[persist(serde)]
    kinds: KindsLater,
}

mod hex {
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(value: &u32, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&format!("{value:x}"))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
        let text = String::deserialize(deserializer)?;
        u32::from_str_radix(&text, 16).map_err(serde::de::Error::custom)
    }
}

fn named() -> Named {
    let map = [
        (1, Shape::Unit),
        (300, Shape::Newtype(7)),
        (2, Shape::Tuple(1, -1)),
        (7, Shape::Struct { side: 0.5 }),
    ];
    let kinds = Kinds {
        naturals: (u8::MAX, 300, 1 << 31, u64::MAX, u128::MAX),
        signed: (i8::MIN, -300, i32::MIN, i64::MAX, i128::MIN),
        floats: vec![-0.0, f64::from_bits(0x7ff8_0000_dead_beef), 1.5],
        single: f32::from_bits(0x7f80_0001),
        text: ('ß', "text".to_owned(), true, ()),
        options: [None, Some(None), Some(Some(7))],
        map: map.into(),
    };
    let color = 0xbeef;
    Named { kinds, color }
}

/// A struct that contains only numbers, with padding, rows and nested structs.
#[derive(Persist)]
pub(crate) struct Sample {
    flag: bool,
    weight: f64,
    at: Point<i16>,
    rows: [[f32; 2]; 3],
    corners: [Point<u8>; 2],
    wide: u128,
}

#[derive(Clone, Copy, Persist)]
pub(crate) struct Point<T> {
    x: T,
    y: T,
}

/// `Sample` in another order, with wider numbers and one more field.
#[derive(Persist)]
pub(crate) struct LaterSample {
    corners: [Point<u64>; 2],
    at: Point<i32>,
    #[persist(default)]
    notes: u8,
    rows: [[f64; 2]; 3],
    weight: f64,
}

#[derive(Persist)]
#[persist(transparent)]
pub(crate) struct Metres(f64);

type Structs = (
    Vec<Sample>,
    [Sample; 2],
    Vec<[Point<u32>; 2]>,
    Vec<[Metres; 2]>,
);
type LaterStructs = (
    Vec<LaterSample>,
    LinkedList<LaterSample>,
    Vec<Vec<Point<u64>>>,
    Vec<[f64; 2]>,
);
/// `Sample` as files of version 1 store it.
pub(crate) mod before {
    use std::collections::LinkedList;

    use joblib::Persist;

    use super::Point;

    #[derive(Persist)]
    pub(crate) struct Sample {
        pub(super) flag: bool,
        pub(super) weight: f64,
        pub(super) at: Point<i16>,
        pub(super) rows: [[f32; 2]; 3],
        pub(super) corners: LinkedList<Point<u8>>,
        pub(super) wide: u128,
    }
}

/// Structs, and rows of transparent numbers, as files of version 1 store them.
type Apart = (LinkedList<before::Sample>, LinkedList<Vec<Metres>>);
type Together = (Vec<Sample>, Vec<[Metres; 2]>);

fn samples(count: usize) -> Vec<Sample> {
    let sample = |at: usize| Sample {
        flag: at.is_multiple_of(3),
        weight: at as f64 / 8.0,
        at: Point {
            x: at as i16,
            y: -(at as i16),
        },
        rows: [[at as f32, 0.5], [-0.0, f32::MIN_POSITIVE], [1.0, -1.0]],
        corners: [Point { x: 1, y: 2 }, Point { x: 255, y: 0 }],
        wide: u128::MAX - at as u128,
    };
    (0..count).map(sample).collect()
}

fn structs() -> Structs {
    let pair: [Sample; 2] = [samples(1).remove(0), samples(2).remove(1)];
    let point = |at: u32| Point { x: at, y: !at };
    let metres = |at: u32| [Metres(at.into()), Metres(-0.5)];
    (
        samples(50),
        pair,
        (0..200).map(|at| [point(at), point(at + 1)]).collect(),
        (0..3).map(metres).collect(),
    )
}

fn apart() -> Apart {
    let before = |it: Sample| before::Sample {
        flag: it.flag,
        weight: it.weight,
        at: it.at,
        rows: it.rows,
        corners: it.corners.into(),
        wide: it.wide,
    };
    let metres = |at: u8| vec![Metres(at.into()), Metres(-0.5)];
    let samples = samples(9).into_iter().map(before);
    (samples.collect(), (0..3).map(metres).collect())
}

#[derive(Persist)]
pub(crate) struct Packed {
    #[persist(compress = "zstd:3")]
    zeros: Vec<u64>,
    text: String,
}

#[derive(Persist)]
pub(crate) struct PackedLater {
    zeros: Vec<u128>,
}

type Numbers = (
    (u8, u16, u32, u64, u128),
    (i8, i16, i32, i64, i128),
    (f32, f64, bool),
);
type Wider = (
    (u16, u32, u64, u128, u128),
    (i16, i32, i64, i128, i128),
    (f64, f64, bool),
);
type Texts = (char, String, PathBuf, Option<String>, Option<u8>);
type Collections = (
    Vec<String>,
    HashSet<i16>,
    BTreeSet<String>,
    HashMap<String, Vec<f32>>,
    BTreeMap<u8, Option<char>>,
    Vec<()>,
);
type WiderCollections = (
    Vec<String>,
    HashSet<i32>,
    BTreeSet<String>,
    BTreeMap<String, Vec<f64>>,
    HashMap<u16, Option<char>>,
    Vec<()>,
);
type Ordered = (
    BTreeMap<u16, i64>,
    HashMap<i32, String>,
    BTreeMap<String, Vec<f32>>,
    (HashSet<u128>, BTreeSet<i8>, BTreeMap<bool, u8>),
    HashSet<String>,
);
type WiderOrdered = (
    HashMap<u64, i128>,
    BTreeMap<i64, Box<str>>,
    HashMap<Box<str>, Vec<f64>>,
    (BTreeSet<u128>, HashSet<Wrapping<i16>>, BTreeMap<bool, u64>),
    BTreeSet<String>,
);
type Rows = (
    Vec<[f32; 3]>,
    Vec<[[u8; 2]; 2]>,
    Vec<[u64; 200]>,
    [[i16; 3]; 2],
);
type WiderRows = (
    Vec<[f64; 3]>,
    Vec<Vec<[u16; 2]>>,
    Vec<Vec<u64>>,
    Vec<[i32; 3]>,
);
type Arrays = (
    (Vec<u8>, Vec<u16>, Vec<u32>, Vec<u64>, Vec<u128>),
    (Vec<i8>, Vec<i16>, Vec<i32>, Vec<i64>, Vec<i128>),
    (Vec<f32>, Vec<f64>, Vec<bool>),
);
type WiderArrays = (
    (Vec<u16>, Vec<u32>, Vec<u64>, Vec<u128>, Vec<u128>),
    (Vec<i16>, Vec<i32>, Vec<i64>, Vec<i128>, Vec<i128>),
    (Vec<f64>, Vec<f64>, Vec<bool>),
);

fn arrays(count: usize) -> Arrays {
    macro_rules! of {
        ($($ty:ty)*) => {($((0..count).map(|it| (it * 7) as $ty).collect::<Vec<$ty>>(),)*)};
    }
    let (singles, doubles) = of!(f32 f64);
    let bools = (0..count).map(|it| it % 3 == 0).collect();
    (
        of!(u8 u16 u32 u64 u128),
        of!(i8 i16 i32 i64 i128),
        (singles, doubles, bools),
    )
}

fn model() -> Model {
    let layer = |count: usize| Layer {
        weights: (0..count).map(|it| it as f64 / 8.0).collect(),
        bias: vec![-0.0, f32::NAN, f32::MIN_POSITIVE],
        mask: vec![true; count],
    };
    let inner = Model {
        name: String::new(),
        layers: Vec::new(),
        best: None,
        kind: Kind::Pair(255, i64::MIN),
        took: Err(404),
    };
    Model {
        name: "größer".to_owned(),
        layers: vec![layer(3), layer(200)],
        best: Some(Box::new(inner)),
        kind: Kind::Named {
            depth: 300,
            label: "label".to_owned(),
        },
        took: Ok(Duration::new(5, 999_999_999)),
    }
}

fn collections() -> Collections {
    let texts = |count: usize| (0..count).map(|it| "t".repeat(it));
    (
        texts(5).collect(),
        HashSet::from([-3, 5, 300, i16::MIN]),
        texts(3).collect(),
        texts(4)
            .map(|it| (it.clone(), vec![1.5; it.len()]))
            .collect(),
        BTreeMap::from([(1, None), (2, Some('ü'))]),
        vec![(); 3],
    )
}

fn ordered() -> Ordered {
    let texts = |count: usize| (0..count).map(|it| "t".repeat(9 - it));
    (
        [(300, -1), (2, i64::MIN), (256, 7)].into(),
        [
            (-1, "below".to_owned()),
            (0, String::new()),
            (i32::MIN, "least".to_owned()),
        ]
        .into(),
        texts(3)
            .map(|it| (it.clone(), vec![1.5; it.len()]))
            .collect(),
        (
            [1 << 100, 1, 1 << 64].into(),
            [-128, 127, 0].into(),
            [(true, 1), (false, 2)].into(),
        ),
        texts(5).collect(),
    )
}

fn rows() -> Rows {
    let row = |at: usize| [at as f32, 0.5, -(at as f32)];
    (
        (0..400).map(row).collect(),
        vec![[[1, 2], [3, 4]]; 3],
        vec![[7; 200]; 3],
        [[1, -1, i16::MIN], [0, 300, i16::MAX]],
    )
}

/// Every value of the golden files.
pub(crate) fn all<V: Visit>(visitor: &mut V) -> Result<(), V::Error> {
    visitor.visit::<(), ()>("unit", &())?;
    let numbers: Numbers = (
        (u8::MAX, 0x1234, u32::MAX, 1 << 63, u128::MAX),
        (i8::MIN, -300, i32::MIN, i64::MAX, i128::MIN),
        (-0.0, f64::from_bits(0x7ff8_0000_dead_beef), true),
    );
    visitor.visit::<Numbers, Wider>("numbers", &numbers)?;
    let texts: Texts = (
        '\u{10ffff}',
        "a\0ü".to_owned(),
        PathBuf::from("/a/b"),
        Some(String::new()),
        None,
    );
    visitor
        .visit::<Texts, (char, String, PathBuf, Option<String>, Option<u32>)>("texts", &texts)?;
    visitor.visit::<Collections, WiderCollections>("collections", &collections())?;
    visitor.visit::<Ordered, WiderOrdered>("ordered", &ordered())?;
    visitor.visit::<Rows, WiderRows>("rows", &rows())?;
    visitor.visit::<Structs, LaterStructs>("structs", &structs())?;
    visitor.visit::<Apart, Together>("apart", &apart())?;
    visitor.visit::<Arrays, WiderArrays>("short_arrays", &arrays(9))?;
    visitor.visit::<Arrays, WiderArrays>("long_arrays", &arrays(1100))?;
    let paged: Vec<f32> = (0..17_000).map(|it| it as f32).collect();
    visitor.visit::<Vec<f32>, Vec<f64>>("paged_array", &paged)?;
    visitor.visit::<Model, Later>("model", &model())?;
    let before = SystemTime::UNIX_EPOCH - Duration::new(1, 1);
    visitor.visit::<SystemTime, (i64, u64)>("time", &before)?;
    let foreign = Foreign {
        name: "foreign".to_owned(),
        numbers: vec![1, 1 << 20],
    };
    let described = Described { foreign, count: 7 };
    visitor.visit::<Described, DescribedLater>("serde", &described)?;
    visitor.visit::<Named, NamedLater>("described", &named())?;
    let packed = Packed {
        zeros: vec![0; 3000],
        text: "text".to_owned(),
    };
    visitor.visit::<Packed, PackedLater>("packed", &packed)?;
    visitor.visit::<Standard<u8, i32, String>, Standard<u32, i64, Box<str>>>(
        "standard",
        &standard(),
    )?;
    visitor.visit::<Unnamed, Standard<u16, i32, String>>("unnamed", &unnamed())
}

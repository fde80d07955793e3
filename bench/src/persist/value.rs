//! The values, which are the same in every process and in Python.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use savefile::prelude::Savefile;

pub(crate) type Array = Vec<f64>;
pub(crate) type Map = HashMap<u64, String>;
pub(crate) type Records = Vec<Record>;
pub(crate) type Rows = Vec<[f32; 3]>;
pub(crate) type Points = Vec<Point>;
pub(crate) type Mixed = Vec<Particle>;
pub(crate) type Tree = BTreeMap<u64, f64>;
pub(crate) type Hashed = HashMap<u64, u32>;
pub(crate) type Set = BTreeSet<u64>;
pub(crate) type Names = BTreeMap<String, u64>;

/// 100 MB of numbers of eight bytes.
pub(crate) const ARRAY: usize = 12_500_000;

/// 1 GiB of numbers of eight bytes.
const GIBIBYTE: usize = 1 << 27;

/// Arrays of 128 MiB and of 32 MiB.
const WEIGHTS: usize = 1 << 24;
const IDS: usize = 1 << 23;
const NAMES: usize = 1_000;

const ENTRIES: u64 = 1_000_000;
const RECORDS: u64 = 100_000;

/// 100 MB of structs of three numbers, and of structs of 32 bytes.
const POINTS: usize = 8_333_333;
const PARTICLES: usize = 3_125_000;

/// 100 MB of rows of twelve bytes.
const ROWS: usize = 8_333_333;

/// Derives what the formats need.
macro_rules! values {
    ($($item:item)*) => {$(
        #[derive(
            PartialEq,
            bitcode::Decode,
            bitcode::Encode,
            joblib::Persist,
            rkyv::Archive,
            rkyv::Deserialize,
            rkyv::Serialize,
            serde::Deserialize,
            serde::Serialize,
        )]
        $item
    )*};
}

values! {
    /// Two large arrays and some strings.
    #[derive(Savefile)]
    pub(crate) struct Model {
        pub(crate) weights: Vec<f64>,
        pub(crate) ids: Vec<u32>,
        pub(crate) names: Vec<String>,
    }

    /// A small struct.
    #[derive(Clone, epserde::Epserde, Savefile)]
    pub(crate) struct Record {
        id: u64,
        name: String,
        score: f64,
        parent: Option<u32>,
    }

    /// Numbers of one type, without padding.
    #[derive(Clone)]
    pub(crate) struct Point {
        x: f32,
        y: f32,
        z: f32,
    }

    /// Numbers of several types. The compiler reorders these fields.
    #[derive(Clone)]
    pub(crate) struct Particle {
        kind: u8,
        weight: f64,
        id: u32,
        at: [f32; 3],
    }
}

/// A value that can be regenerated at any time.
pub(crate) trait Sample: Sized {
    fn sample() -> Self;
}

/// Returns the number at `index` of every array.
pub(crate) fn number(index: usize) -> f64 {
    index as f64 * 0.1
}

fn numbers(count: usize) -> Vec<f64> {
    (0..count).map(number).collect()
}

/// Returns 1 GiB of numbers.
pub(crate) fn gibibyte() -> Array {
    numbers(GIBIBYTE)
}

impl Sample for Array {
    fn sample() -> Self {
        numbers(ARRAY)
    }
}

impl Sample for Model {
    fn sample() -> Self {
        Self {
            weights: numbers(WEIGHTS),
            ids: (0..IDS as u32)
                .map(|n| n.wrapping_mul(2_654_435_761))
                .collect(),
            names: (0..NAMES).map(|n| format!("column {n}")).collect(),
        }
    }
}

impl Sample for Map {
    fn sample() -> Self {
        (0..ENTRIES).map(|n| (n, format!("value {n}"))).collect()
    }
}

impl Sample for Rows {
    fn sample() -> Self {
        let row = |at: usize| [at as f32, number(at) as f32, -(at as f32)];
        (0..ROWS).map(row).collect()
    }
}

impl Sample for Points {
    fn sample() -> Self {
        let point = |at: usize| Point {
            x: at as f32,
            y: number(at) as f32,
            z: -(at as f32),
        };
        (0..POINTS).map(point).collect()
    }
}

impl Sample for Mixed {
    fn sample() -> Self {
        let particle = |at: usize| Particle {
            kind: at as u8,
            weight: number(at),
            id: at as u32,
            at: [at as f32, number(at) as f32, -(at as f32)],
        };
        (0..PARTICLES).map(particle).collect()
    }
}

/// Returns numbers that are far from one another.
fn scattered() -> impl Iterator<Item = u64> {
    (0..ENTRIES).map(|n| n.wrapping_mul(0x9e37_79b9_7f4a_7c15))
}

impl Sample for Tree {
    fn sample() -> Self {
        scattered().map(|n| (n, n as f64)).collect()
    }
}

impl Sample for Hashed {
    fn sample() -> Self {
        scattered().map(|n| (n, n as u32)).collect()
    }
}

impl Sample for Set {
    fn sample() -> Self {
        scattered().collect()
    }
}

impl Sample for Names {
    fn sample() -> Self {
        (0..ENTRIES).map(|n| (format!("name {n:07}"), n)).collect()
    }
}

impl Sample for Records {
    fn sample() -> Self {
        let record = |n: u64| Record {
            id: n,
            name: format!("record {n}"),
            score: number(n as usize),
            parent: (!n.is_multiple_of(3)).then_some(n as u32 / 2),
        };
        (0..RECORDS).map(record).collect()
    }
}

//! Types with an explicit layout, some of which do not allow references to their fields.

use joblib::{Key, Persist};
use serde::{Deserialize, Serialize};

use crate::{check, persisted};

#[derive(Clone, Copy, Persist, Key, Serialize, Deserialize)]
#[repr(C)]
struct ForC {
    a: u8,
    b: u32,
}

#[derive(Clone, Copy, Persist, Key, Serialize, Deserialize)]
#[repr(C, packed)]
struct Packed {
    a: u8,
    b: u32,
}

#[derive(Clone, Copy, Persist, Key, Serialize, Deserialize)]
#[repr(packed)]
struct PackedTuple(u8, u64, [u16; 3]);

#[derive(Clone, Copy, Persist, Key, Serialize, Deserialize)]
#[repr(packed(2))]
struct PackedToTwo {
    a: u8,
    b: f64,
    c: Option<u32>,
}

#[derive(Clone, Copy, Persist, Key, Serialize, Deserialize)]
#[repr(C)]
#[repr(packed(4))]
struct PackedByTwo {
    a: u8,
    b: u128,
}

#[derive(Clone, Copy, Persist, Key, Serialize, Deserialize)]
#[repr(packed)]
struct PackedGeneric<T: Copy, const N: usize> {
    a: u8,
    b: T,
    c: [u8; 2],
}

#[derive(Clone, Copy, Persist, Key, Serialize, Deserialize)]
#[repr(packed)]
struct PackedOfPacked {
    a: Packed,
    b: PackedTuple,
    c: u32,
}

#[derive(Clone, Copy, Persist, Key, Serialize, Deserialize)]
#[repr(packed)]
struct PackedWords {
    #[persist(skip)]
    #[key(skip)]
    #[serde(skip)]
    a: u64,
    #[persist(serde)]
    b: u64,
    #[persist(default)]
    #[serde(default)]
    c: u64,
    #[persist(with = text)]
    #[serde(with = "text")]
    d: u64,
}

mod text {
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(number: &u64, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(number)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
        let text = String::deserialize(from)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[derive(Clone, Copy, Default, Persist, Key, Serialize, Deserialize)]
#[repr(packed)]
#[persist(default)]
#[serde(default)]
struct PackedDefault {
    a: u8,
    b: u64,
}

#[derive(Clone, Copy, Persist, Key, Serialize, Deserialize)]
#[repr(transparent)]
struct Transparent(u64);

#[derive(Clone, Copy, Persist, Key, Serialize, Deserialize)]
#[repr(transparent)]
#[persist(transparent)]
struct BothTransparent<T>(T);

#[derive(Clone, Copy, Persist, Key, Serialize, Deserialize)]
#[repr(packed)]
#[persist(transparent)]
struct PackedTransparent(u64);

#[derive(Clone, Copy, Persist, Key, Serialize, Deserialize)]
#[repr(align(64))]
struct Aligned(u8, u16);

#[derive(Persist, Key, Serialize, Deserialize)]
#[repr(C, align(16))]
struct AlignedForC {
    a: Vec<u8>,
}

#[derive(Clone, Copy, Persist, Key, Serialize, Deserialize)]
#[repr(u8)]
enum Byte {
    A = 3,
    B = 250,
}

#[derive(Clone, Copy, Persist, Key, Serialize, Deserialize)]
#[repr(i64)]
enum Signed {
    A = i64::MIN,
    B = -1,
}

#[derive(Persist, Key, Serialize, Deserialize)]
#[repr(C)]
enum Tagged {
    A(u8),
    B { a: Vec<u8> },
}

#[derive(Clone, Copy, Persist)]
#[repr(packed)]
#[persist(write_only)]
struct Written<'a>(u8, &'a str);

#[test]
fn packed_types_come_back() {
    let packed = Packed {
        a: 1,
        b: 0x0203_0405,
    };
    let tuple = PackedTuple(1, 2, [3; 3]);
    check((
        packed,
        tuple,
        PackedToTwo {
            a: 1,
            b: 2.5,
            c: Some(3),
        },
        PackedByTwo { a: 1, b: u128::MAX },
        PackedGeneric::<u64, 1> {
            a: 1,
            b: 2,
            c: [3; 2],
        },
        PackedOfPacked {
            a: packed,
            b: tuple,
            c: 3,
        },
        PackedWords {
            a: 1,
            b: 2,
            c: 3,
            d: 4,
        },
        PackedDefault { a: 1, b: 2 },
        PackedTransparent(1),
    ));
    let back = persisted(&vec![packed; 3])[2];
    assert_eq!(({ back.a }, { back.b }), (1, 0x0203_0405));
    let words = persisted(&PackedWords {
        a: 1,
        b: 2,
        c: 3,
        d: 4,
    });
    assert_eq!(({ words.a }, { words.b }, { words.d }), (0, 2, 4));
    let _ = joblib::hash(&Written(1, "a"));
    let many = persisted(&vec![PackedTransparent(1), PackedTransparent(2)]);
    assert_eq!({ many[1].0 }, 2);
}

#[test]
fn missing_fields_of_a_packed_type_are_filled_in() {
    #[derive(Persist)]
    struct Older {
        a: u8,
    }
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("value");
    joblib::dump(&Older { a: 7 }, &path).unwrap();
    let newer: PackedDefault = joblib::load(&path).unwrap();
    assert_eq!(({ newer.a }, { newer.b }), (7, 0));
}

#[test]
fn types_of_other_layouts_come_back() {
    check((
        ForC { a: 1, b: 2 },
        Transparent(1),
        BothTransparent(BothTransparent(1)),
        Aligned(1, 2),
        AlignedForC { a: vec![1] },
        [Byte::A, Byte::B],
        [Signed::A, Signed::B],
        [Tagged::A(1), Tagged::B { a: vec![2] }],
    ));
}

//! Structs by the kinds and number of their fields.

use joblib::{Key, Persist};
use serde::{Deserialize, Serialize};

use crate::check;

#[derive(Persist, Key, Serialize, Deserialize)]
struct Unit;

#[derive(Persist, Key, Serialize, Deserialize)]
struct Empty {}

#[derive(Persist, Key, Serialize, Deserialize)]
struct EmptyTuple();

#[derive(Persist, Key, Serialize, Deserialize)]
struct One(u8);

#[derive(Persist, Key, Serialize, Deserialize)]
struct Two(u8, Vec<f64>);

#[derive(Persist, Key, Serialize, Deserialize)]
struct Trailing(u8, String);

#[derive(Persist, Key, Serialize, Deserialize)]
struct Named {
    one: u8,
}

#[derive(Persist, Key, Serialize, Deserialize)]
struct Mixed {
    numbers: Vec<f32>,
    text: String,
    one: One,
    unit: Unit,
    empty: Empty,
}

#[derive(Persist, Key, Serialize, Deserialize)]
struct Nothings {
    unit: (),
    tuple: ((), ()),
    array: [(); 3],
    units: Vec<Unit>,
    empty: EmptyTuple,
}

#[derive(Persist, Key, Serialize, Deserialize)]
struct Nested {
    a: Vec<Vec<Vec<u8>>>,
    b: Option<Option<Option<u8>>>,
    c: ((u8, (u8, (u8,))), u8),
    d: [[[u8; 2]; 2]; 2],
    e: Box<Box<Box<u8>>>,
    f: Result<Result<u8, String>, Vec<u8>>,
}

#[derive(Persist, Key, Serialize, Deserialize)]
pub(crate) struct Visible {
    pub a: u8,
    pub(crate) b: Vec<u8>,
    pub(super) c: u8,
    pub(in crate::structs) d: u8,
    e: u8,
}

#[derive(Persist, Key, Serialize, Deserialize)]
pub(crate) struct VisibleTuple(pub u8, pub(crate) Vec<u8>, u8);

#[derive(Persist, Key, Serialize, Deserialize)]
pub struct Public {
    pub a: Vec<u8>,
}

/// Documented.
#[derive(Persist, Key, Serialize, Deserialize)]
#[doc = "Twice."]
struct Documented {
    /// So is the field.
    #[doc(hidden)]
    a: Vec<u8>,
    /** And the other. */
    b: u8,
}

#[derive(Persist, Key, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Growing {
    pub a: Vec<u8>,
}

#[derive(Persist, Key, Serialize, Deserialize)]
#[must_use]
struct Used(Vec<u8>);

#[derive(Persist, Key, Serialize, Deserialize)]
struct Conditional {
    a: u8,
    #[cfg(any())]
    b: NoSuchType,
    #[cfg(not(miri))]
    c: Vec<u8>,
    #[cfg_attr(all(), persist(skip), key(skip), serde(skip))]
    d: u8,
}

#[derive(Persist, Key, Serialize, Deserialize)]
#[cfg_attr(all(), persist(view = SeenConditionally))]
struct OnCondition(#[cfg(any())] NoSuchType, u8, #[cfg(not(miri))] Vec<u8>);

#[derive(Persist, Key, Serialize, Deserialize)]
struct Raw {
    r#type: u8,
    r#fn: Vec<u8>,
    r#match: r#Self_,
    r#async: u8,
}

#[allow(non_camel_case_types)]
#[derive(Persist, Key, Serialize, Deserialize)]
struct r#Self_;

#[allow(non_camel_case_types)]
#[derive(Persist, Key, Serialize, Deserialize)]
struct r#struct(Vec<u8>);

#[derive(Persist, Key, Serialize, Deserialize)]
struct Dashed {
    _a: u8,
    _b: Vec<u8>,
    __c: u8,
    d_: u8,
}

#[derive(Persist, Key, Serialize, Deserialize)]
struct Unicode {
    größe: u8,
    длина: Vec<u8>,
    長: u8,
}

#[derive(Persist, Key, Serialize, Deserialize)]
struct Überschrift(Vec<u8>);

macro_rules! long {
    ($name:ident: $($field:ident)*) => {
        #[derive(Default, Persist, Key, Serialize, Deserialize)]
        struct $name { $($field: Vec<u16>),* }
    };
}

long!(Forty:
    a0 a1 a2 a3 a4 a5 a6 a7 a8 a9 b0 b1 b2 b3 b4 b5 b6 b7 b8 b9
    c0 c1 c2 c3 c4 c5 c6 c7 c8 c9 d0 d1 d2 d3 d4 d5 d6 d7 d8 d9
);

macro_rules! long_mixed {
    ($name:ident($($ty:ty),*)) => {
        #[derive(Default, Persist, Key, Serialize, Deserialize)]
        struct $name<T>(
            T,
            $($ty, #[persist(skip)] #[key(skip)] #[serde(skip)] Option<T>,)*
            Vec<T>,
        );

        #[derive(Persist, Key, Serialize, Deserialize)]
        enum LongVariant { A($($ty),*), B }
    };
}

long_mixed!(LongMixed(
    u8, String, u8, String, u8, String, u8, String, u8, String, u8, String, u8, String, u8, String,
    u8, String, u8, String, u8, String, u8, String, u8, String, u8, String, u8, String, u8, String,
    u8, String, u8, String, u8, String, u8, String
));

#[derive(Persist, Key, Serialize, Deserialize)]
struct Wide(
    u8,
    u8,
    u8,
    u8,
    u8,
    u8,
    u8,
    u8,
    u8,
    u8,
    u8,
    u8,
    u8,
    u8,
    u8,
    u8,
    u8,
    Vec<u8>,
);

#[derive(Persist, Key, Serialize, Deserialize)]
struct LongTuple {
    twelve: (u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8),
}

/// Has no key, because `Key` supports tuples of at most twelve elements.
#[derive(Persist, Serialize, Deserialize)]
struct LongerTuple {
    sixteen: (
        u8,
        u8,
        u8,
        u8,
        u8,
        u8,
        u8,
        u8,
        u8,
        u8,
        u8,
        u8,
        u8,
        u8,
        u8,
        Vec<u8>,
    ),
}

mod within {
    use super::*;

    #[derive(Persist, Key, Serialize, Deserialize)]
    pub(in crate::structs) struct Far {
        pub(in crate::structs) a: crate::structs::One,
        pub(in crate::structs) b: super::Two,
        pub(in crate::structs) c: self::Near,
    }

    #[derive(Persist, Key, Serialize, Deserialize)]
    pub(in crate::structs) struct Near(pub(in crate::structs) ::std::vec::Vec<u8>);
}

#[test]
fn structs_of_every_kind_come_back() {
    check((
        Unit,
        Empty {},
        EmptyTuple(),
        One(1),
        Two(1, vec![1.0]),
        Trailing(1, "t".to_owned()),
        Named { one: 1 },
        Mixed {
            numbers: vec![1.0],
            text: "t".to_owned(),
            one: One(1),
            unit: Unit,
            empty: Empty {},
        },
        Nothings {
            unit: (),
            tuple: ((), ()),
            array: [(); 3],
            units: vec![Unit, Unit],
            empty: EmptyTuple(),
        },
        Nested {
            a: vec![vec![vec![1]]],
            b: Some(Some(None)),
            c: ((1, (2, (3,))), 4),
            d: [[[1; 2]; 2]; 2],
            e: Box::new(Box::new(Box::new(1))),
            f: Ok(Err("e".to_owned())),
        },
    ));
}

#[test]
fn structs_of_every_visibility_come_back() {
    check((
        Visible {
            a: 1,
            b: vec![2],
            c: 3,
            d: 4,
            e: 5,
        },
        VisibleTuple(1, vec![2], 3),
        Public { a: vec![1] },
        Documented { a: vec![1], b: 2 },
        Growing { a: vec![1] },
        Used(vec![1]),
        within::Far {
            a: One(1),
            b: Two(2, vec![]),
            c: within::Near(vec![3]),
        },
        Conditional {
            a: 1,
            c: vec![2],
            d: 3,
        },
        OnCondition(1, vec![2]),
    ));
    let _: Option<SeenConditionally<'_>> = None;
}

#[test]
fn structs_of_every_name_come_back() {
    check((
        Raw {
            r#type: 1,
            r#fn: vec![2],
            r#match: Self_,
            r#async: 3,
        },
        r#struct(vec![1]),
        Dashed {
            _a: 1,
            _b: vec![2],
            __c: 3,
            d_: 4,
        },
        Unicode {
            größe: 1,
            длина: vec![2],
            長: 3,
        },
        Überschrift(vec![1]),
    ));
}

#[test]
fn structs_with_many_fields_come_back() {
    let twelve = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
    check((
        Forty::default(),
        Wide(1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3, 4, 5, 6, 7, 8, vec![]),
        LongTuple { twelve },
        LongMixed::<u8>::default(),
        LongVariant::B,
    ));
    let sixteen = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, vec![16]);
    crate::persisted(&LongerTuple { sixteen });
}

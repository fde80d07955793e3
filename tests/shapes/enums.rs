//! Enums by the kinds and the names of their variants.

use std::convert::Infallible;

use joblib::{Key, Persist};
use serde::{Deserialize, Serialize};

use crate::{check, has_all};

#[derive(Persist, Key, Serialize, Deserialize)]
enum Never {}

#[derive(Persist, Key, Serialize, Deserialize)]
enum Only {
    One,
}

#[derive(Persist, Key, Serialize, Deserialize)]
enum Kinds {
    Unit,
    EmptyTuple(),
    Empty {},
    One(u8),
    Two(Vec<u8>, u8),
    Named { a: Vec<u8>, b: u8 },
}

#[derive(Persist, Key, Serialize, Deserialize)]
enum Numbered {
    A = 7,
    B = -3,
    C,
}

#[derive(Persist, Key, Serialize, Deserialize)]
#[repr(u8)]
enum Small {
    A = 1,
    B(Vec<u8>) = 9,
    C { a: u8 },
}

#[derive(Persist, Key, Serialize, Deserialize)]
#[repr(C, i16)]
enum ForC {
    A(u8),
    B,
}

/// Has the names of the associated types of `Persist`.
#[derive(Persist, Key, Serialize, Deserialize)]
enum OfTheTrait {
    View(Vec<u8>),
    Views { a: u8 },
}

#[derive(Persist, Key, Serialize, Deserialize)]
enum OfTheTraitUnits {
    View,
    Views,
}

/// Has the names of functions and variants that generated code uses.
#[derive(Persist, Key, Serialize, Deserialize)]
enum OfTheCode {
    Save(Vec<u8>),
    Load,
    Schema,
    Reader,
    Writer,
    Viewer,
    Error,
    Mode,
    Persist,
    Key,
}

#[derive(Persist, Key, Serialize, Deserialize)]
enum OfThePrelude {
    Ok(Vec<u8>),
    Err(String),
    Some,
    None,
    Option,
    Result,
    Vec,
    Box,
    String,
    Default,
    From,
    Into,
    Debug,
}

#[derive(Persist, Key, Serialize, Deserialize)]
enum OfSerde {
    Value(Vec<u8>),
    Item,
    Owned,
    Target,
    Output,
    Type,
    Error,
    Content,
    Field,
}

#[allow(non_camel_case_types)]
#[derive(Persist, Key, Serialize, Deserialize)]
enum Raw {
    r#type(Vec<u8>),
    r#fn,
    r#match { r#in: u8 },
    r#struct,
    u8,
    bool(bool),
    core,
    joblib,
}

#[allow(non_camel_case_types)]
#[derive(Persist, Key, Serialize, Deserialize)]
enum r#enum {
    a(Vec<u8>),
    A,
}

#[derive(Persist, Key, Serialize, Deserialize)]
enum Unicode {
    Größe(Vec<u8>),
    Длина,
}

#[derive(Persist, Key, Serialize, Deserialize)]
enum SameName {
    SameName(Vec<u8>),
    SameNameView,
}

#[derive(Persist, Key, Serialize, Deserialize)]
enum Attributed {
    /// Documented.
    #[doc(alias = "first")]
    A(
        /// So is the field.
        #[doc(hidden)]
        Vec<u8>,
    ),
    #[cfg(any())]
    B(NoSuchType),
    #[cfg(not(miri))]
    C {
        #[cfg(any())]
        a: NoSuchType,
        #[cfg(not(miri))]
        b: u8,
    },
}

#[derive(Persist, Key, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Growing {
    A(Vec<u8>),
    #[non_exhaustive]
    B {
        a: u8,
    },
}

#[derive(Clone, Copy, Default, Persist, Key, Serialize, Deserialize)]
enum Standard {
    A,
    #[default]
    B,
}

#[derive(Persist, Key, Serialize, Deserialize)]
enum Deep {
    Leaf,
    Node(Box<Deep>, Box<Deep>),
    Many { nodes: Vec<Deep> },
}

#[derive(Persist, Key, Serialize, Deserialize)]
enum OfEnums {
    A(Kinds, Never2),
    B(Option<Numbered>, Result<Small, ForC>),
}

#[derive(Persist, Key, Serialize, Deserialize)]
enum Never2 {
    No(Option<Never>),
}

#[derive(Persist, Serialize)]
enum Uninhabited {
    A(Option<std::num::NonZeroU8>),
    B(Vec<u8>, [u8; 0]),
}

#[derive(Persist, Key, Serialize, Deserialize)]
enum Generic<T, E = String> {
    A(T),
    B { items: Vec<T>, error: E },
    C,
}

#[derive(Persist, Key, Serialize, Deserialize)]
enum Skipping {
    A(
        #[persist(skip)]
        #[key(skip)]
        #[serde(skip)]
        u8,
        Vec<u8>,
    ),
    B {
        #[persist(skip)]
        #[key(skip)]
        #[serde(skip)]
        a: u8,
    },
}

macro_rules! long {
    ($name:ident: $($variant:ident)*) => {
        #[derive(Persist, Key, Serialize, Deserialize)]
        enum $name { $($variant),*, Last(Vec<u8>) }
    };
}

long!(Many:
    A0 A1 A2 A3 A4 A5 A6 A7 A8 A9 B0 B1 B2 B3 B4 B5 B6 B7 B8 B9
    C0 C1 C2 C3 C4 C5 C6 C7 C8 C9 D0 D1 D2 D3 D4 D5 D6 D7 D8 D9
    E0 E1 E2 E3 E4 E5 E6 E7 E8 E9 F0 F1 F2 F3 F4 F5 F6 F7 F8 F9
);

#[test]
fn every_kind_of_variant_comes_back() {
    check(None::<Never>);
    check(vec![
        Kinds::Unit,
        Kinds::EmptyTuple(),
        Kinds::Empty {},
        Kinds::One(1),
        Kinds::Two(vec![1], 2),
        Kinds::Named { a: vec![1], b: 2 },
    ]);
    check((
        Only::One,
        [Numbered::A, Numbered::B, Numbered::C],
        [Small::A, Small::B(vec![1]), Small::C { a: 1 }],
        [ForC::A(1), ForC::B],
        [Growing::A(vec![1]), Growing::B { a: 1 }],
        [Standard::A, Standard::B],
        [Attributed::A(vec![1]), Attributed::C { b: 1 }],
        [Many::A0, Many::F9, Many::Last(vec![1])],
        [Skipping::A(1, vec![2]), Skipping::B { a: 1 }],
    ));
    has_all::<Option<Infallible2>>();
}

#[derive(Persist, Key, Serialize, Deserialize)]
struct Infallible2(Option<Never>);

#[test]
fn variants_of_every_name_come_back() {
    check((
        [OfTheTrait::View(vec![1]), OfTheTrait::Views { a: 1 }],
        [OfTheTraitUnits::View, OfTheTraitUnits::Views],
        [OfTheCode::Save(vec![1]), OfTheCode::Load, OfTheCode::Schema],
        [OfTheCode::Reader, OfTheCode::Writer, OfTheCode::Viewer],
        [OfTheCode::Error, OfTheCode::Mode, OfTheCode::Persist],
        [OfThePrelude::Ok(vec![1]), OfThePrelude::Err("e".to_owned())],
        [OfThePrelude::Some, OfThePrelude::None, OfThePrelude::Option],
        [OfSerde::Value(vec![1]), OfSerde::Item, OfSerde::Error],
        [Raw::r#type(vec![1]), Raw::r#match { r#in: 1 }, Raw::u8],
        [r#enum::a(vec![1]), r#enum::A],
        [Unicode::Größe(vec![1]), Unicode::Длина],
        [SameName::SameName(vec![1]), SameName::SameNameView],
    ));
}

#[test]
fn nested_enums_come_back() {
    let leaf = || Box::new(Deep::Leaf);
    check((
        Deep::Node(leaf(), Box::new(Deep::Many { nodes: vec![] })),
        OfEnums::A(Kinds::One(1), Never2::No(None)),
        OfEnums::B(Some(Numbered::B), Err(ForC::B)),
        [Generic::<_>::A(vec![1_u8]), Generic::C],
        Generic::<u8, u16>::B {
            items: vec![1],
            error: 2,
        },
    ));
    let parts = [Uninhabited::A(None), Uninhabited::B(vec![1], [])];
    parts.iter().for_each(|it| drop(crate::persisted(it)));
    let _: Option<Infallible> = None;
}

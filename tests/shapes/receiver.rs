//! `Self` in bounds, `where` clauses, field types and array lengths.

use joblib::{Key, Persist};
use serde::{Deserialize, Serialize};

use crate::check;

trait Tag {}

impl<T> Tag for Tagged<T> {}

#[derive(Persist, Key, Serialize, Deserialize)]
struct Tagged<T>
where
    Self: Tag,
{
    a: Vec<T>,
}

trait Relation {
    type To;
}

#[derive(Persist, Key, Serialize, Deserialize)]
struct Inline<T: Relation<To = Self>> {
    a: Vec<T>,
    b: u8,
}

#[derive(Clone, Persist, Key, Serialize, Deserialize)]
struct Related;

impl Relation for Related {
    type To = Inline<Related>;
}

#[derive(Persist, Key, Serialize, Deserialize)]
struct Compared<T: PartialEq<Self>>(Vec<T>)
where
    Vec<Self>: Sized,
    for<'a> Option<&'a Self>: Clone,
    (Self, T): Sized;

impl PartialEq<Compared<Other>> for Other {
    fn eq(&self, _: &Compared<Other>) -> bool {
        false
    }
}

#[derive(Persist, Key, Serialize, Deserialize)]
struct Other;

#[derive(Persist, Key, Serialize, Deserialize)]
struct Length {
    a: [u8; Self::N],
    b: [u16; Self::twice(Self::N)],
    c: [u8; Self::N + 1],
}

impl Length {
    const N: usize = 4;

    const fn twice(n: usize) -> usize {
        2 * n
    }
}

#[derive(Persist, Key, Serialize, Deserialize)]
struct TupleLength([u8; Self::N], Vec<u8>);

impl TupleLength {
    const N: usize = 3;
}

struct EnumSize;

#[derive(Persist, Key, Serialize, Deserialize)]
enum EnumLength {
    A([u8; Self::N]),
    B { b: [u8; EnumLength::N], c: Vec<u8> },
    C([u8; Self::size(EnumSize)]),
    D,
}

impl EnumLength {
    const N: usize = 2;

    const fn size(_: EnumSize) -> usize {
        3
    }
}

trait Sized_ {
    const LEN: usize;
}

impl Sized_ for OfTrait {
    const LEN: usize = 5;
}

#[derive(Persist, Key, Serialize, Deserialize)]
struct OfTrait {
    a: [u8; <Self as Sized_>::LEN],
}

#[derive(Persist, Key, Serialize, Deserialize)]
struct List {
    next: Option<Box<Self>>,
    all: Vec<Self>,
    by_name: std::collections::BTreeMap<u8, Self>,
}

#[derive(Persist, Key, Serialize, Deserialize)]
struct GenericList<T> {
    item: T,
    next: Option<Box<Self>>,
    other: Option<Box<GenericList<T>>>,
}

#[derive(Persist, Key, Serialize, Deserialize)]
struct LentList<'a> {
    item: std::borrow::Cow<'a, str>,
    next: Option<Box<Self>>,
}

#[derive(Persist, Key, Serialize, Deserialize)]
enum Tree<const N: usize> {
    Leaf([u8; 2]),
    Node(Vec<Self>),
}

#[derive(Persist, Key, Serialize, Deserialize)]
struct Projected {
    a: <Self as Relation>::To,
    b: Vec<<Self as Relation>::To>,
}

impl Relation for Projected {
    type To = u8;
}

macro_rules! identity {
    ($ty:ty) => {
        Option<Box<$ty>>
    };
}

/// serde does not look into the arguments of a macro.
#[derive(Persist, Key)]
struct InMacro {
    a: identity!(Self),
    b: Vec<identity![Self]>,
}

#[derive(Persist, Key)]
struct GenericInMacro<T> {
    a: T,
    b: identity!(Self),
}

#[derive(Persist, Key, Serialize, Deserialize)]
#[serde(bound(serialize = "U: Serialize", deserialize = "U: Deserialize<'de>"))]
struct Bounded<T, U>
where
    T: Into<Self> + Clone,
    U: From<T>,
{
    #[persist(skip)]
    #[key(skip)]
    #[serde(skip)]
    a: Option<T>,
    b: Vec<U>,
}

#[derive(Clone)]
struct Source;

impl From<Source> for Bounded<Source, Target> {
    fn from(_: Source) -> Self {
        Bounded { a: None, b: vec![] }
    }
}

#[derive(Persist, Key, Serialize, Deserialize)]
struct Target;

impl From<Source> for Target {
    fn from(_: Source) -> Self {
        Target
    }
}

#[test]
fn self_in_bounds_is_the_type() {
    check((
        Tagged { a: vec![1] },
        Inline {
            a: vec![Related],
            b: 1,
        },
        Compared(vec![Other]),
        Bounded::<Source, Target> {
            a: None,
            b: vec![Target],
        },
    ));
}

#[test]
fn self_in_lengths_is_the_type() {
    check((
        Length {
            a: [1; 4],
            b: [2; 8],
            c: [3; 5],
        },
        TupleLength([1; 3], vec![2]),
        [EnumLength::A([1; 2]), EnumLength::C([0; 3])],
        [
            EnumLength::B {
                b: [1; 2],
                c: vec![2],
            },
            EnumLength::D,
        ],
        OfTrait { a: [1; 5] },
        Projected { a: 1, b: vec![2] },
    ));
}

#[test]
fn nested_self_is_the_type() {
    let list = || List {
        next: None,
        all: vec![],
        by_name: [].into(),
    };
    check((
        List {
            next: Some(Box::new(list())),
            all: vec![list()],
            by_name: [(1, list())].into(),
        },
        GenericList {
            item: 1,
            next: None,
            other: Some(Box::new(GenericList {
                item: 2,
                next: None,
                other: None,
            })),
        },
        LentList {
            item: "i".into(),
            next: None,
        },
        Tree::<3>::Node(vec![Tree::Leaf([1, 2])]),
    ));
    let in_macro = InMacro {
        a: None,
        b: vec![None],
    };
    assert_eq!(crate::persisted(&in_macro).b.len(), 1);
    crate::persisted(&GenericInMacro { a: 1, b: None });
}

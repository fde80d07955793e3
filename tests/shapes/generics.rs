//! Generic parameters of every kind, with bounds and defaults of every kind.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::fmt::{Debug, Display};
use std::marker::PhantomData;

use joblib::{Key, Persist};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::check;

#[derive(Persist, Key, Serialize, Deserialize)]
struct One<T>(T);

#[derive(Persist, Key, Serialize, Deserialize)]
struct InVec<T> {
    a: Vec<T>,
}

#[derive(Persist, Key, Serialize, Deserialize)]
struct Many<A, B, C, D> {
    a: A,
    b: Vec<B>,
    c: Option<C>,
    d: [D; 2],
}

#[derive(Persist, Key, Serialize, Deserialize)]
struct Defaulted<T = u8, U = Vec<T>>(T, U);

#[derive(Persist, Key, Serialize, Deserialize)]
struct Inline<T: Clone + Debug>(Vec<T>);

#[derive(Persist, Key, Serialize, Deserialize)]
struct Stated<T>(Vec<T>)
where
    T: Clone + Debug;

#[derive(Persist, Key, Serialize, Deserialize)]
struct Both<T: Clone>
where
    T: Debug,
    Vec<T>: Debug,
    Option<T>: Clone,
    for<'a> &'a T: Sized,
    T: for<'a> PartialEq<T>,
{
    a: Vec<T>,
}

#[derive(Persist, Key, Serialize, Deserialize)]
struct OnOthers<T>
where
    String: Display,
    [T; 2]: Clone,
    (T, u8): PartialEq,
    fn(T) -> T: Copy,
{
    a: T,
}

#[derive(Persist, Key, Serialize, Deserialize)]
struct Trailing<T>(T)
where
    T: Clone;

#[derive(Persist, Key, Serialize, Deserialize)]
struct NoPredicates<T> {
    a: T,
}

#[derive(Persist, Key, Serialize, Deserialize)]
struct Length<const N: usize>(Vec<u8>);

#[derive(Persist, Key, Serialize, Deserialize)]
struct Sizes<const A: u8, const B: bool, const C: char, const D: i64> {
    a: Vec<u8>,
}

#[derive(Persist, Key, Serialize, Deserialize)]
struct DefaultLength<T = u8, const N: usize = 3>(Vec<T>);

#[derive(Persist, Key, Serialize, Deserialize)]
struct Blocks<const N: usize>(DefaultLength<u8, N>, Length<{ 1 + 2 }>, Length<N>);

/// serde supports arrays of fixed lengths only.
#[derive(Persist, Key)]
struct Array<T, const N: usize>([T; N], [[u8; N]; 2]);

#[derive(Persist, Key, Serialize, Deserialize)]
struct Lent<'a> {
    text: Cow<'a, str>,
    numbers: Cow<'a, [u8]>,
}

#[derive(Persist, Key, Serialize, Deserialize)]
struct LentTwice<'a, 'b: 'a>(Cow<'a, str>, Cow<'b, str>);

#[derive(Persist, Key, Serialize, Deserialize)]
struct LentWhere<'a, 'b>(Cow<'a, str>, Cow<'b, str>)
where
    'a: 'b;

#[derive(Persist, Key, Serialize, Deserialize)]
struct LentMany<'a, T: 'a + Clone>(Cow<'a, [T]>)
where
    [T]: ToOwned<Owned = Vec<T>>;

#[derive(Persist, Key, Serialize, Deserialize)]
struct AllKinds<'a, T: Clone, const N: usize>
where
    T: 'a,
{
    a: Cow<'a, str>,
    b: Vec<T>,
    c: Length<N>,
}

/// A parameter type that borrows.
#[derive(Persist, Key, Serialize, Deserialize)]
struct OfLent<'a>(One<Cow<'a, str>>, InVec<Lent<'a>>);

#[derive(Persist, Key, Serialize, Deserialize)]
struct OfLentBoth<'a, T>(One<Cow<'a, str>>, InVec<T>);

pub trait Family {
    type Item;
    type Other: Clone;
}

#[derive(Clone, Persist, Key, Serialize, Deserialize)]
pub struct Floats;

impl Family for Floats {
    type Item = f32;
    type Other = String;
}

/// serde infers no bounds for parameters inside other types.
#[derive(Persist, Key, Serialize, Deserialize)]
#[serde(bound = "F::Item: Serialize + DeserializeOwned, F::Other: Serialize + DeserializeOwned")]
struct Projected<F: Family>
where
    F::Item: Clone,
{
    a: Vec<F::Item>,
    b: F::Other,
    c: Option<F::Item>,
}

/// serde infers no bounds for qualified paths.
#[derive(Persist, Key, Serialize, Deserialize)]
#[serde(bound = "<F as Family>::Item: Serialize + DeserializeOwned")]
struct Qualified<F: Family>
where
    <F as Family>::Item: Clone,
{
    a: Vec<<F as Family>::Item>,
}

#[derive(Persist, Key, Serialize, Deserialize)]
struct Related<F: Family<Item = T>, T> {
    a: T,
    b: F::Other,
}

#[derive(Persist, Key, Serialize, Deserialize)]
struct OfKnown {
    a: <Floats as Family>::Item,
    b: <Vec<u8> as IntoIterator>::Item,
}

#[derive(Persist, Key, Serialize, Deserialize)]
struct Iterated<I: IntoIterator<Item = u8>>(I);

#[derive(Persist, Key, Serialize, Deserialize)]
struct Called<F: Fn(u8) -> Vec<u8>> {
    #[persist(skip, default = none)]
    #[key(skip)]
    #[serde(skip, default = "none")]
    function: Option<F>,
    a: Vec<u8>,
}

fn none<T>() -> Option<T> {
    None
}

#[derive(Persist, Key, Serialize, Deserialize)]
struct CalledForAny<F>
where
    F: for<'a> Fn(&'a u8) -> &'a u8,
{
    #[persist(skip)]
    #[key(skip)]
    #[serde(skip, default = "none")]
    function: Option<F>,
    a: Vec<u8>,
}

#[derive(Persist, Key, Serialize, Deserialize)]
struct OfOthers<T>(One<T>, Vec<InVec<T>>, Option<Box<Many<T, u8, T, T>>>);

#[derive(Persist, Key, Serialize, Deserialize)]
enum Either<L, R = L> {
    Left(L),
    Right(R),
}

#[derive(Persist, Key, Serialize, Deserialize)]
enum EitherWhere<L, R>
where
    L: Into<R> + Clone,
    Vec<R>: Clone,
{
    Left { a: L },
    Right(Vec<R>),
    Neither,
}

#[derive(Persist, Key, Serialize, Deserialize)]
struct Keyed<K: std::hash::Hash + Eq + Ord, V> {
    a: HashMap<K, V>,
    b: BTreeMap<K, Vec<V>>,
    c: HashMap<String, Either<K, V>>,
}

mod lower_case {
    #![allow(non_camel_case_types)]

    use super::*;

    #[derive(Persist, Key, Serialize, Deserialize)]
    pub(super) struct LowerCase<t, u8_>(pub(super) Vec<t>, pub(super) u8_);
}
use lower_case::LowerCase;

#[derive(Persist, Key, Serialize, Deserialize)]
struct Colliding<M, R, W, V, S, D, T, E>(M, R, W, V, S, D, T, E);

#[derive(Persist, Key, Serialize, Deserialize)]
struct Attributed<#[allow(non_camel_case_types)] t, #[cfg(not(miri))] U>(Vec<t>, U);

/// serde does not look into these types.
#[derive(Persist, Key, Serialize, Deserialize)]
#[serde(bound = "T: Serialize + DeserializeOwned")]
struct Macros<T>(tuple!(T, u8), tuple![Vec<T>, T]);

macro_rules! tuple {
    ($($ty:ty),*) => { ($($ty,)*) };
}
use tuple;

mod parenthesized {
    #![allow(unused_parens)]

    use super::*;

    #[derive(Persist, Key, Serialize, Deserialize)]
    pub(super) struct Parenthesized<T>(pub(super) (T), pub(super) (Vec<(T)>));
}
use parenthesized::Parenthesized;

type Alias<T> = Vec<T>;
type AliasOfTwo<T, U = u8> = (T, U);

#[derive(Persist, Key, Serialize, Deserialize)]
struct Aliased<T>(Alias<T>, AliasOfTwo<T>, Alias<Alias<u8>>);

#[derive(Persist, Key, Serialize, Deserialize)]
struct Tagged<T> {
    a: Vec<u8>,
    b: PhantomData<T>,
}

#[test]
fn parameters_come_back() {
    check((
        One(vec![1]),
        InVec { a: vec![1] },
        Many {
            a: 1,
            b: vec!["b".to_owned()],
            c: Some(One(3)),
            d: [4, 5],
        },
        Defaulted(1, vec![2]),
        OfOthers(One(1), vec![InVec { a: vec![2] }], None),
        [Either::Left(1), Either::Right("r".to_owned())],
        Keyed {
            a: HashMap::from([(1, 2)]),
            b: BTreeMap::from([(1, vec![2])]),
            c: HashMap::from([("c".to_owned(), Either::Left(1))]),
        },
        LowerCase(vec![1], 2),
        Colliding(1, 2, 3, 4, 5, 6, 7, vec![8]),
        Attributed(vec![1], 2),
        Macros((1, 2), (vec![3], 4)),
        Parenthesized(1, vec![2]),
    ));
    check((Aliased(vec![1], (2, 3), vec![vec![4]]),));
}

#[test]
fn bounds_are_copied_to_the_impls() {
    check((
        Inline(vec![1]),
        Stated(vec![1]),
        Both { a: vec![1] },
        OnOthers { a: 1 },
        Trailing(1),
        NoPredicates { a: 1 },
        [
            EitherWhere::Left { a: 1_u8 },
            EitherWhere::Right(vec![1_u16]),
        ],
        EitherWhere::<u8, u8>::Neither,
        Iterated(vec![1]),
    ));
    let function: Option<fn(u8) -> Vec<u8>> = Some(|it| vec![it]);
    check(Called {
        function,
        a: vec![1],
    });
    let function: Option<for<'a> fn(&'a u8) -> &'a u8> = Some(|it| it);
    check(CalledForAny {
        function,
        a: vec![1],
    });
}

#[test]
fn constants_come_back() {
    check((
        Length::<3>(vec![1]),
        Sizes::<1, true, 'x', -7> { a: vec![1] },
        DefaultLength::<u8>(vec![1]),
        Blocks::<2>(DefaultLength(vec![1]), Length(vec![2]), Length(vec![3])),
    ));
    crate::persisted(&Array([1, 2, 3], [[4; 3]; 2]));
    crate::persisted(&Array::<String, 0>([], [[]; 2]));
}

#[test]
fn lifetimes_come_back() {
    let text = || Cow::Owned::<'static, str>("t".to_owned());
    check((
        Lent {
            text: text(),
            numbers: vec![1].into(),
        },
        LentTwice(text(), text()),
        LentWhere(text(), text()),
        LentMany(vec![1_u8].into()),
        AllKinds::<u8, 3> {
            a: text(),
            b: vec![1],
            c: Length(vec![2]),
        },
        OfLent(One(text()), InVec { a: vec![] }),
        OfLentBoth(One(text()), InVec { a: vec![1] }),
    ));
    let local = "local".to_owned();
    let lent = OfLent(One(Cow::Borrowed(&local)), InVec { a: vec![] });
    assert_eq!(crate::persisted(&lent).0.0, "local");
}

#[test]
fn projected_types_come_back() {
    check((
        Projected::<Floats> {
            a: vec![1.0],
            b: "b".to_owned(),
            c: None,
        },
        Qualified::<Floats> { a: vec![1.0] },
        Related::<Floats, f32> {
            a: 1.0,
            b: "b".to_owned(),
        },
        OfKnown { a: 1.0, b: 2 },
        Tagged::<Floats> {
            a: vec![1],
            b: PhantomData,
        },
    ));
}

/// Generic code needs no bounds beyond those of its parameter.
#[test]
fn derived_impls_apply_to_any_parameter() {
    fn of_any<T: Persist>(value: T) -> T {
        crate::persisted(&One(InVec { a: vec![value] }))
            .0
            .a
            .remove(0)
    }
    assert_eq!(of_any(7_u8), 7);
    assert_eq!(of_any("t".to_owned()), "t");
}

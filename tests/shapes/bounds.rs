//! Bounds that the user states instead of the inferred ones.

use std::collections::HashMap;
use std::marker::PhantomData;

use joblib::{Key, Persist};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::{check, persisted};

struct Nothing;

#[derive(Persist, Key, Serialize, Deserialize)]
#[persist(bound = "")]
#[key(bound = "")]
#[serde(bound = "")]
struct NoBound<T> {
    a: Vec<u8>,
    b: Alias<T>,
}

type Alias<T> = PhantomData<T>;

#[derive(Persist, Key, Serialize, Deserialize)]
#[persist(bound = "T: Persist")]
#[key(bound = "T: Key")]
#[serde(bound = "T: Serialize + DeserializeOwned")]
struct OneBound<T> {
    a: Vec<T>,
}

#[derive(Persist, Key, Serialize, Deserialize)]
#[persist(bound = "T: Persist, U: Persist + Clone, Vec<U>: Sized,")]
#[key(bound = "T: Key, U: Key")]
#[serde(bound(serialize = "T: Serialize, U: Serialize"))]
#[serde(bound(deserialize = "T: Deserialize<'de>, U: Deserialize<'de>"))]
struct SeveralBounds<T, U> {
    a: T,
    b: Option<U>,
}

#[derive(Persist, Key, Serialize, Deserialize)]
#[persist(bound = "T: Persist, T: 'static, for<'x> &'x T: Sized")]
#[key(bound = "for<'x> &'x T: Sized, T: joblib::Key")]
struct Lifetimes<T>(T);

/// A container whose parameter types are determined by its owner.
#[derive(Persist, Key, Serialize, Deserialize)]
#[persist(bound = "T: Persist")]
#[key(bound = "T: Key")]
#[serde(bound = "T: Serialize + DeserializeOwned")]
struct Wrapped<T, Tag> {
    a: Id<T, Tag>,
}

#[derive(Persist, Key, Serialize, Deserialize)]
#[serde(bound = "T: Serialize + DeserializeOwned")]
struct Id<T, Tag> {
    id: T,
    tag: PhantomData<Tag>,
}

trait Family {
    type Item;
}

impl Family for Nothing {
    type Item = u8;
}

type ItemOf<F> = <F as Family>::Item;

#[derive(Persist, Key, Serialize, Deserialize)]
#[persist(bound = "F::Item: Persist")]
#[key(bound = "F::Item: Key")]
#[serde(bound = "F::Item: Serialize + DeserializeOwned")]
struct Projected<F: Family> {
    a: ItemOf<F>,
    b: Vec<ItemOf<F>>,
}

#[derive(Persist, Key, Serialize, Deserialize)]
#[persist(bound = "F::Item: Persist")]
#[key(bound = "F::Item: Key")]
#[serde(bound = "F::Item: Serialize + DeserializeOwned")]
enum ProjectedEnum<F: Family> {
    A(ItemOf<F>),
    B { a: Vec<ItemOf<F>> },
}

#[derive(Persist, Serialize, Deserialize)]
struct OfField<T, U> {
    #[persist(bound = "")]
    #[serde(bound = "")]
    a: Alias<T>,
    b: Vec<U>,
}

#[derive(Persist)]
struct OfFields<K, V> {
    #[persist(bound = "K: Persist + Eq + std::hash::Hash, V: Persist")]
    a: Table<K, V>,
    b: Vec<V>,
}

type Table<K, V> = HashMap<K, Vec<V>>;

#[derive(Persist)]
#[persist(write_only, bound = "T: joblib::persist::Save")]
struct Written<'a, T: ?Sized>(&'a T);

#[derive(Persist)]
#[persist(bound = "T: Default")]
struct OfSkipped<T> {
    #[persist(skip)]
    a: T,
    b: Vec<u8>,
}

#[derive(Persist)]
#[persist(bound = "T: Serialize + DeserializeOwned")]
struct OfDescribed<T> {
    #[persist(serde)]
    a: T,
    b: Vec<u8>,
}

#[derive(Persist, Key)]
#[persist(bound = "")]
#[key(bound = "")]
struct WithClause<T>(Vec<u8>, Alias<T>)
where
    T: Family;

#[derive(Persist)]
#[persist(transparent, bound = "T: Persist")]
struct Transparent<T>(T);

#[test]
fn stated_bounds_replace_inferred_bounds() {
    persisted(&NoBound::<Nothing> {
        a: vec![1],
        b: PhantomData,
    });
    let id = Id {
        id: 1_u8,
        tag: PhantomData::<Nothing>,
    };
    persisted(&id);
    persisted(&Wrapped { a: id });
    persisted(&OfField::<Nothing, u8> {
        a: PhantomData,
        b: vec![1],
    });
    persisted(&OfFields {
        a: [(1, vec![2])].into(),
        b: vec![3],
    });
    persisted(&OfSkipped { a: 1, b: vec![2] });
    persisted(&OfDescribed {
        a: "a".to_owned(),
        b: vec![2],
    });
    persisted(&WithClause::<Nothing>(vec![1], PhantomData));
    persisted(&Transparent(vec![1]));
    let _ = joblib::hash(&Written("a"));
    let of = |value: &NoBound<Nothing>| crate::key(value);
    let value = NoBound {
        a: vec![1],
        b: PhantomData,
    };
    assert_eq!(of(&value), of(&value));
}

#[test]
fn stated_bounds_hold_for_all_traits() {
    check((
        OneBound { a: vec![1] },
        SeveralBounds { a: 1, b: Some(2) },
        Lifetimes(vec![1]),
        Projected::<Nothing> { a: 1, b: vec![2] },
        ProjectedEnum::<Nothing>::A(1),
        ProjectedEnum::<Nothing>::B { a: vec![1] },
    ));
}

#[test]
fn a_parameter_with_key_counts_as_itself() {
    #[derive(Key)]
    #[key(bound = "T: Key")]
    struct Kept<T>(Alias<T>);
    let of = |key: u128| key;
    assert_ne!(
        of(crate::key(&Kept::<u8>(PhantomData))),
        of(crate::key(&Kept::<u16>(PhantomData)))
    );
}

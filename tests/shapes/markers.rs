//! Parameters that no value of the type contains, or whose bounds differ from those of
//! the field: markers, hashers, targets of pointers.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher, RandomState};
use std::marker::PhantomData;
use std::rc::Rc;
use std::sync::Arc;

use joblib::{Key, Persist};
use serde::{Deserialize, Serialize};

use crate::{check, persisted};

/// Implements none of the traits.
#[derive(Debug)]
struct Nothing;

#[derive(Persist)]
struct None<T> {
    a: [T; 0],
    b: Vec<u8>,
}

#[derive(Persist)]
struct NoneOfThat([Nothing; 0], u8, [fn(); 0_usize]);

#[derive(Persist)]
enum NoneInOne<T: 'static> {
    One([&'static T; 0]),
    Other { none: [[T; 2]; 0], some: u8 },
}

#[derive(Persist)]
#[persist(transparent)]
struct OnlyNone<T>([T; 0]);

trait Unit {}

impl Unit for Nothing {}

#[derive(Persist, Key, Serialize, Deserialize)]
#[serde(bound = "")]
struct Marked<T> {
    a: Vec<u8>,
    b: PhantomData<T>,
}

#[derive(Persist, Key, Serialize, Deserialize)]
#[serde(bound = "")]
struct Only<T>(PhantomData<T>);

#[derive(Persist, Key, Serialize, Deserialize)]
#[serde(bound = "")]
struct OfCode<T: ?Sized>(PhantomData<fn() -> T>, Vec<u8>);

#[derive(Persist, Key, Serialize, Deserialize)]
#[serde(bound = "")]
struct OfPointer<T: ?Sized>(PhantomData<*const T>, Vec<u8>);

#[derive(Persist, Key, Serialize, Deserialize)]
#[serde(bound = "")]
struct OfReference<'a, T>(PhantomData<&'a T>, Vec<u8>);

#[derive(Persist, Key, Serialize, Deserialize)]
#[serde(bound = "")]
struct Within<T> {
    a: (u8, PhantomData<T>),
    b: Option<PhantomData<T>>,
    c: Vec<(PhantomData<T>, u8)>,
    d: [PhantomData<T>; 2],
}

#[derive(Persist, Key, Serialize, Deserialize)]
#[serde(bound = "")]
struct Quantity<U: Unit>(f64, PhantomData<U>);

#[derive(Persist, Key, Serialize, Deserialize)]
#[serde(bound = "")]
struct Id<T>(u64, std::marker::PhantomData<T>);

#[derive(Persist, Key, Serialize, Deserialize)]
#[serde(bound(serialize = "T: Serialize", deserialize = "T: Deserialize<'de>"))]
struct Some_<T, U> {
    a: T,
    b: PhantomData<U>,
}

#[derive(Persist, Key, Serialize, Deserialize)]
#[serde(bound = "")]
enum State<T> {
    A(Vec<u8>),
    B(PhantomData<T>),
    C { marker: PhantomData<T> },
}

type Marker<T> = PhantomData<T>;

#[derive(Persist, Key, Serialize, Deserialize)]
#[serde(bound = "")]
#[persist(bound = "")]
#[key(bound = "")]
struct Aliased<T> {
    a: Marker<T>,
    b: Vec<u8>,
}

/// serde supports hashers only in its own impls.
#[derive(Persist, Key)]
struct Hashed<S> {
    a: HashMap<String, u8, S>,
    b: HashSet<u8, S>,
    c: HashMap<u8, HashSet<u8, S>, S>,
}

#[derive(Persist, Key)]
struct HashedBy<K: Eq + std::hash::Hash, V, S: BuildHasher>(HashMap<K, V, S>);

#[derive(Persist, Key)]
struct HashedByDefault<K: Eq + std::hash::Hash, S = RandomState>(HashSet<K, S>, Vec<K>);

#[derive(Persist, Key, Serialize, Deserialize)]
struct ByKnown(HashMap<u8, u8, BuildHasherDefault<DefaultHasher>>);

#[derive(Persist, Key, Serialize)]
struct Boxed<T: ?Sized> {
    a: Box<T>,
}

#[derive(Persist, Key, Serialize)]
struct BoxedWhere<T>(Box<T>, Arc<T>, Rc<T>)
where
    T: ?Sized;

#[derive(Persist, Key, Serialize)]
struct BoxedMany<T: ?Sized>(Vec<Box<T>>, Option<Arc<T>>, (u8, Box<T>));

/// The bounds for reading the field differ from those of the parameter.
#[derive(Persist, Key)]
struct Owned<'a, T: ToOwned + ?Sized>(Cow<'a, T>)
where
    T: Key;

#[derive(Persist, Key, Serialize)]
struct Pointing<T>(Box<T>, Rc<T>, Arc<T>, Box<[T]>, Arc<[T]>);

#[test]
fn markers_need_no_bounds() {
    let id = PhantomData::<Nothing>;
    persisted(&Marked { a: vec![1], b: id });
    persisted(&Only(id));
    persisted(&OfCode(PhantomData::<fn() -> str>, vec![1]));
    persisted(&OfPointer(PhantomData::<*const dyn Unit>, vec![1]));
    persisted(&OfReference(PhantomData::<&Nothing>, vec![1]));
    persisted(&Quantity(1.0, id));
    persisted(&Id(1, id));
    persisted(&Some_ { a: 1, b: id });
    persisted(&State::B(id));
    persisted(&Aliased { a: id, b: vec![1] });
    let many = vec![State::<Nothing>::A(vec![1]), State::C { marker: id }];
    assert_eq!(persisted(&many).len(), 2);
    let within = Within {
        a: (1, id),
        b: Some(id),
        c: vec![(id, 1)],
        d: [id, id],
    };
    assert_eq!(persisted(&within).c.len(), 1);
}

#[test]
fn markers_count_in_keys() {
    fn of<T>() -> u128 {
        crate::key(&Marked::<T> {
            a: vec![1],
            b: PhantomData,
        })
    }
    assert_eq!(of::<Nothing>(), of::<Nothing>());
    assert_ne!(of::<Nothing>(), of::<u8>());
}

#[test]
fn markers_implement_all_traits() {
    check((
        Marked::<u8> {
            a: vec![1],
            b: PhantomData,
        },
        Only::<u8>(PhantomData),
        Within::<u8> {
            a: (1, PhantomData),
            b: None,
            c: vec![],
            d: [PhantomData; 2],
        },
        Id::<u8>(1, PhantomData),
        State::<u8>::A(vec![1]),
        Aliased::<u8> {
            a: PhantomData,
            b: vec![1],
        },
        ByKnown([(1, 2)].into_iter().collect()),
    ));
}

#[test]
fn empty_arrays_need_no_bounds_for_their_element() {
    let none = None::<Nothing> { a: [], b: vec![1] };
    assert_eq!(persisted(&none).b, [1]);
    assert_eq!(persisted(&NoneOfThat([], 7, [])).1, 7);
    persisted(&NoneInOne::<Nothing>::One([]));
    let other = NoneInOne::<Nothing>::Other { none: [], some: 8 };
    assert!(matches!(
        persisted(&other),
        NoneInOne::Other { some: 8, .. }
    ));
    persisted(&(OnlyNone::<Nothing>([]), 1_u8));
    persisted(&vec![OnlyNone::<Nothing>([]), OnlyNone([])]);
}

#[test]
fn hashers_are_created_by_default() {
    fn of<S: BuildHasher + Default + Clone>() {
        let set = || [1].into_iter().collect::<HashSet<u8, S>>();
        let value = Hashed::<S> {
            a: [("a".to_owned(), 1)].into_iter().collect(),
            b: set(),
            c: [(1, set())].into_iter().collect(),
        };
        let back = persisted(&value);
        assert!(back.a == value.a && back.b == value.b && back.c == value.c);
        assert_eq!(crate::key(&value), crate::key(&back));
    }
    of::<RandomState>();
    of::<BuildHasherDefault<DefaultHasher>>();
    let pairs = [(1, 2)].into_iter().collect::<HashMap<u8, u8>>();
    persisted(&HashedBy(pairs));
    persisted(&HashedByDefault::<u8>(HashSet::from([1]), vec![1]));
}

#[test]
fn pointers_to_unsized_types_come_back() {
    assert_eq!(&*persisted(&Boxed::<str> { a: "a".into() }).a, "a");
    assert_eq!(&*persisted(&Boxed::<[u8]> { a: [1].into() }).a, [1]);
    assert_eq!(*persisted(&Boxed { a: Box::new(1_u8) }).a, 1);
    persisted(&BoxedWhere::<str>("a".into(), "b".into(), "c".into()));
    persisted(&BoxedMany::<[u8]>(vec![[1].into()], None, (1, [2].into())));
    persisted(&Owned::<str>("a".into()));
    persisted(&Owned::<[u8]>(vec![1].into()));
    persisted(&Owned::<u8>(Cow::Owned(1)));
    let one = || [1_u8].into();
    persisted(&Pointing(
        Box::new(1),
        Rc::new(2),
        Arc::new(3),
        [1].into(),
        one(),
    ));
    assert_eq!(crate::key(&Boxed::<str> { a: "a".into() }), {
        crate::key(&Boxed::<str> { a: "a".into() })
    });
}

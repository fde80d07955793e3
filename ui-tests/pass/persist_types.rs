//! Types of every shape have a named view, and their values are read back unchanged.

#![allow(dead_code, missing_docs)]

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::marker::PhantomData;

use joblib::Persist;
use joblib::persist::{CopyOnWrite, MapMode, ReadOnly};

#[derive(Persist)]
struct Unit;

#[derive(Persist)]
struct Empty {}

#[derive(Persist)]
struct EmptyTuple();

#[derive(Persist)]
enum Never {}

#[derive(Persist)]
enum Flag {
    On,
    Off,
}

#[derive(Persist)]
struct AllSkipped {
    #[persist(skip)]
    cache: Option<String>,
    #[persist(skip, default = seven)]
    number: u8,
}

fn seven() -> u8 {
    7
}

#[derive(Persist)]
struct SkippedWithin(Vec<f64>, #[persist(skip)] u8, Vec<u8>, #[persist(skip)] u8);

#[derive(Persist)]
struct Described {
    #[persist(serde)]
    text: String,
    #[persist(with = hexadecimal)]
    number: u64,
}

mod hexadecimal {
    pub(crate) fn serialize<S: serde::Serializer>(number: &u64, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&format_args!("{number:x}"))
    }

    pub(crate) fn deserialize<'de, D: serde::Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
        let text: String = serde::Deserialize::deserialize(from)?;
        u64::from_str_radix(&text, 16).map_err(serde::de::Error::custom)
    }
}

#[derive(Persist)]
struct Defaults<T = f64, const N: usize = 3> {
    items: Vec<T>,
    fixed: [u16; N],
}

#[derive(Persist)]
struct Bounded<T>
where
    T: Clone + PartialOrd,
    Vec<T>: Sized,
{
    item: T,
}

#[derive(Persist)]
struct Marked<T> {
    numbers: Vec<f64>,
    marker: PhantomData<T>,
}

struct WithoutPersist;

#[derive(Persist)]
struct Lent<'a> {
    name: Cow<'a, str>,
    weights: Cow<'a, [f64]>,
}

#[derive(Persist)]
struct LentGeneric<'a, T: Clone + Persist> {
    item: Cow<'a, T>,
}

#[derive(Persist)]
#[persist(write_only)]
struct Borrowed<'a, T> {
    weights: &'a [f64],
    items: &'a [T],
    text: &'a str,
    #[persist(serde)]
    described: String,
}

trait Family {
    type Item;
}

struct Floats;

impl Family for Floats {
    type Item = f32;
}

#[derive(Persist)]
struct Projected<F: Family> {
    items: Vec<F::Item>,
    one: <F as Family>::Item,
}

#[derive(Persist)]
struct Collections<K, V, T> {
    map: HashMap<K, V>,
    tree: BTreeMap<T, Vec<V>>,
    set: HashSet<K>,
    ordered: BTreeSet<T>,
}

#[derive(Persist)]
struct List {
    value: Vec<f64>,
    next: Option<Box<Self>>,
    all: Vec<Self>,
}

#[derive(Persist)]
struct GenericList<T> {
    value: T,
    next: Option<Box<GenericList<T>>>,
    other: Option<Box<Self>>,
}

#[derive(Persist)]
struct Forest {
    trees: Vec<Tree>,
}

#[derive(Persist)]
enum Tree {
    Leaf(f64),
    Node {
        forest: Forest,
        map: BTreeMap<u8, Tree>,
    },
}

pub mod models {
    #[derive(joblib::Persist)]
    struct Hidden {
        bias: Vec<f64>,
    }

    #[derive(joblib::Persist)]
    #[non_exhaustive]
    pub struct Public {
        pub weights: Vec<f64>,
        hidden: Hidden,
        pub(crate) within: u8,
    }

    #[derive(joblib::Persist)]
    #[persist(view = Shown)]
    pub(super) struct Named {
        pub(super) weights: Vec<f64>,
    }

    pub fn public() -> Public {
        Public {
            weights: vec![1.0],
            hidden: Hidden { bias: vec![2.0] },
            within: 3,
        }
    }

    pub fn bias(view: &PublicView<'_>) -> f64 {
        view.hidden.bias[0]
    }
}

/// Every view has a name, also where it is an alias of another type.
type Views<'m> = (
    UnitView<'m>,
    EmptyView<'m>,
    EmptyTupleView<'m>,
    Option<NeverView<'m>>,
    FlagView<'m>,
    AllSkippedView<'m>,
    SkippedWithinView<'m>,
    DescribedView<'m>,
    DefaultsView<'m, f64, 3>,
    BoundedView<'m, f64>,
    MarkedView<'m, WithoutPersist>,
    ProjectedView<'m, Floats>,
);

fn cow<'m>(view: &'m mut SkippedWithinView<'_, CopyOnWrite>) -> &'m mut [f64] {
    view.0
}

fn any<'m, M: MapMode>(view: &LentView<'m, '_, M>) -> &'m str {
    view.name
}

fn mapped<T: Persist, R>(value: &T, look: impl FnOnce(&T::View<'_, ReadOnly>) -> R) -> R {
    let directory = std::env::temp_dir();
    let path = directory.join(format!(
        "joblib-persist-types-{}-{:p}",
        std::process::id(),
        value
    ));
    joblib::dump(value, &path).unwrap();
    let file = joblib::open::<T>(&path).unwrap();
    let seen = look(file.view());
    joblib::dump(&joblib::load::<T>(&path).unwrap(), &path).unwrap();
    std::fs::remove_file(&path).unwrap();
    seen
}

fn main() {
    mapped(&Unit, |_: &UnitView<'_>| ());
    mapped(&Empty {}, |_: &EmptyView<'_>| ());
    mapped(&EmptyTuple(), |_: &EmptyTupleView<'_>| ());
    mapped(&None::<Never>, |view| assert!(view.is_none()));
    mapped(&Flag::On, |view| assert!(matches!(view, Flag::On)));
    let skipped = AllSkipped {
        cache: Some(String::new()),
        number: 1,
    };
    mapped(&skipped, |view: &AllSkippedView<'_>| {
        assert_eq!(view.number, 7)
    });
    let within = SkippedWithin(vec![1.0], 1, vec![2], 2);
    mapped(&within, |view: &SkippedWithinView<'_>| {
        assert_eq!((view.0[0], view.1[0]), (1.0, 2))
    });
    let described = Described {
        text: "t".to_owned(),
        number: 255,
    };
    mapped(&described, |view: &DescribedView<'_>| {
        assert_eq!(view.number, 255)
    });
    let defaults = Defaults {
        items: vec![1.0],
        fixed: [1, 2, 3],
    };
    mapped(&defaults, |view: &DefaultsView<'_, f64, 3>| {
        assert_eq!(view.fixed[1], 2)
    });
    mapped(&Bounded { item: 1.5 }, |view| assert_eq!(view.item, 1.5));
    let marked = Marked::<WithoutPersist> {
        numbers: vec![1.0],
        marker: PhantomData,
    };
    mapped(&marked, |view| assert_eq!(view.numbers[0], 1.0));
    let lent = Lent {
        name: "n".into(),
        weights: vec![1.0].into(),
    };
    mapped(&lent, |view| {
        assert_eq!((any(view), view.weights[0]), ("n", 1.0))
    });
    mapped(
        &LentGeneric {
            item: Cow::<u8>::Owned(1),
        },
        |view| assert_eq!(view.item, 1),
    );
    let projected = Projected::<Floats> {
        items: vec![1.0],
        one: 2.0,
    };
    mapped(&projected, |view| {
        assert_eq!((view.items[0], view.one), (1.0, 2.0))
    });
    let collections = Collections {
        map: HashMap::from([(1_u8, 2_u8)]),
        tree: BTreeMap::from([(1_i64, vec![3])]),
        set: HashSet::from([1]),
        ordered: BTreeSet::from([1]),
    };
    mapped(&collections, |view| {
        assert_eq!((view.map[&1], view.tree[&1][0]), (2, 3))
    });
    let list = List {
        value: vec![1.0],
        next: Some(Box::new(List {
            value: vec![2.0],
            next: None,
            all: vec![],
        })),
        all: vec![],
    };
    mapped(&list, |view: &ListView<'_>| {
        assert_eq!(view.next.as_ref().unwrap().value[0], 2.0);
    });
    let list = GenericList {
        value: "a".to_owned(),
        next: None,
        other: None,
    };
    mapped(&list, |view: &GenericListView<'_, String>| {
        assert_eq!(view.value, "a")
    });
    let forest = Forest {
        trees: vec![Tree::Node {
            forest: Forest { trees: vec![] },
            map: BTreeMap::from([(1, Tree::Leaf(1.0))]),
        }],
    };
    mapped(&forest, |view: &ForestView<'_>| match &view.trees[0] {
        TreeView::Node { map, .. } => assert!(matches!(map[&1], TreeView::Leaf(1.0))),
        TreeView::Leaf(_) => panic!(),
    });
    mapped(&models::public(), |view| {
        assert_eq!(models::bias(view), 2.0)
    });
    let named = models::Named { weights: vec![1.0] };
    mapped(&named, |view: &models::Shown<'_>| {
        assert_eq!(view.weights[0], 1.0)
    });
    let borrowed = Borrowed {
        weights: &[1.0],
        items: &["a".to_owned()],
        text: "t",
        described: String::new(),
    };
    let _ = joblib::hash(&borrowed);
}

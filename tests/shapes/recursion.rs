//! Types that contain themselves, directly and through other types.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;
use std::sync::Arc;

use joblib::{Key, Persist};
use serde::{Deserialize, Serialize};

use crate::{check, has_all};

#[derive(Default, Persist, Key, Serialize, Deserialize)]
struct Direct {
    a: Option<Box<Direct>>,
    b: Vec<Direct>,
    c: HashMap<String, Direct>,
    d: BTreeMap<u8, Vec<Option<Direct>>>,
    e: Option<Rc<Direct>>,
    f: Option<Arc<Direct>>,
    g: Box<[Direct]>,
}

#[derive(Persist, Key, Serialize, Deserialize)]
struct Tree {
    forest: Forest,
}

#[derive(Persist, Key, Serialize, Deserialize)]
struct Forest {
    trees: Vec<Tree>,
}

#[derive(Persist, Key, Serialize, Deserialize)]
enum Expression {
    Number(f64),
    Sum(Vec<Expression>),
    Product(Box<(Expression, Expression)>),
    Call { function: Box<Function> },
}

#[derive(Persist, Key, Serialize, Deserialize)]
struct Function {
    arguments: HashMap<String, Expression>,
    body: Expression,
}

#[derive(Persist, Key, Serialize, Deserialize)]
struct GenericTree<T> {
    item: T,
    forest: GenericForest<T>,
}

#[derive(Persist, Key, Serialize, Deserialize)]
struct GenericForest<T> {
    trees: Vec<GenericTree<T>>,
}

type Link<T> = Option<Box<Linked<T>>>;

#[derive(Persist, Key, Serialize, Deserialize)]
struct Linked<T> {
    item: T,
    next: Link<T>,
}

#[derive(Persist, Key, Serialize, Deserialize)]
struct ByKey<K: Eq + std::hash::Hash + Ord, V> {
    item: Option<V>,
    hashed: HashMap<K, ByKey<K, V>>,
    ordered: BTreeMap<K, Vec<Self>>,
}

#[derive(Persist, Key, Serialize, Deserialize)]
struct Three<A, B, C> {
    a: A,
    b: Vec<(B, Option<Three<A, B, C>>)>,
    c: HashMap<String, (C, Box<Three<A, B, C>>)>,
}

/// Contains itself with other arguments.
#[derive(Persist, Key, Serialize, Deserialize)]
struct Swapped<A, B> {
    a: A,
    b: B,
    next: Option<Box<Swapped<B, A>>>,
}

#[derive(Persist, Key, Serialize, Deserialize)]
enum GenericExpression<N> {
    Number(N),
    Sum(Vec<GenericExpression<N>>),
    Negative(Box<Self>),
    Call(Box<GenericCall<N>>),
}

#[derive(Persist, Key, Serialize, Deserialize)]
struct GenericCall<N> {
    function: GenericExpression<N>,
    arguments: Vec<(String, GenericExpression<N>)>,
}

#[derive(Persist, Key, Serialize, Deserialize)]
struct LentTree<'a> {
    name: std::borrow::Cow<'a, str>,
    children: Vec<LentTree<'a>>,
}

#[derive(Persist, Key, Serialize, Deserialize)]
struct Sized_<T, const N: usize> {
    item: T,
    next: Option<Box<Sized_<T, N>>>,
}

/// Types with the names of std types.
mod shadowing {
    use joblib::{Key, Persist};
    use serde::{Deserialize, Serialize};

    #[derive(Persist, Key, Serialize, Deserialize)]
    pub(super) struct Cell<T> {
        pub(super) item: T,
        pub(super) next: Option<Box<Cell<T>>>,
    }

    #[derive(Persist, Key, Serialize, Deserialize)]
    pub(super) struct Range<T> {
        pub(super) cells: Vec<Cell<T>>,
        pub(super) within: Vec<Range<T>>,
    }
}

#[test]
fn types_within_themselves_come_back() {
    let direct = || Direct::default();
    check((
        Direct {
            a: Some(Box::new(direct())),
            b: vec![direct()],
            c: [("c".to_owned(), direct())].into(),
            d: [(1, vec![Some(direct()), None])].into(),
            e: Some(Rc::new(direct())),
            f: Some(Arc::new(direct())),
            g: vec![direct()].into(),
        },
        Tree {
            forest: Forest { trees: vec![] },
        },
        Expression::Sum(vec![
            Expression::Number(1.0),
            Expression::Product(Box::new((Expression::Number(2.0), Expression::Sum(vec![])))),
            Expression::Call {
                function: Box::new(Function {
                    arguments: [("x".to_owned(), Expression::Number(1.0))].into(),
                    body: Expression::Number(1.0),
                }),
            },
        ]),
        LentTree {
            name: "a".into(),
            children: vec![],
        },
    ));
}

#[test]
fn generic_types_within_themselves_come_back() {
    check((
        GenericTree {
            item: 1,
            forest: GenericForest { trees: vec![] },
        },
        Linked {
            item: "a".to_owned(),
            next: Some(Box::new(Linked {
                item: "b".to_owned(),
                next: None,
            })),
        },
        ByKey::<u8, u8> {
            item: Some(1),
            hashed: HashMap::new(),
            ordered: BTreeMap::new(),
        },
        Three {
            a: 1,
            b: vec![("b".to_owned(), None)],
            c: HashMap::<_, (u8, _)>::new(),
        },
        Swapped::<u8, String> {
            a: 1,
            b: "b".to_owned(),
            next: None,
        },
        GenericExpression::Negative(Box::new(GenericExpression::Sum(vec![
            GenericExpression::Number(1),
            GenericExpression::Call(Box::new(GenericCall {
                function: GenericExpression::Number(2),
                arguments: vec![],
            })),
        ]))),
        Sized_::<u8, 2> {
            item: 1,
            next: None,
        },
        shadowing::Range {
            cells: vec![shadowing::Cell {
                item: 1,
                next: None,
            }],
            within: vec![],
        },
    ));
}

/// Derived impls apply to every parameter that satisfies their bounds.
#[test]
fn generic_code_needs_bounds_on_the_parameters_only() {
    fn of_any<T: Persist + Key + Serialize + serde::de::DeserializeOwned>() {
        has_all::<GenericTree<T>>();
        has_all::<Linked<T>>();
        has_all::<GenericExpression<Vec<T>>>();
        has_all::<Option<shadowing::Range<T>>>();
        has_all::<Three<T, Linked<T>, u8>>();
    }
    of_any::<u8>();
}

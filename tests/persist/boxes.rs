//! Values that are larger than a stack, or nested more deeply.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;
use std::sync::Arc;

use joblib::persist::ErrorKind;
use joblib::{Memory, Persist, memoize};

use super::Place;

type Table = [[f32; 1024]; 1024];

fn table() -> Box<Table> {
    let rows: Box<[[f32; 1024]]> = vec![[1.5; 1024]; 1024].into();
    rows.try_into().unwrap()
}

fn on_a_stack_of(bytes: usize, work: impl FnOnce() + Send) {
    let thread = std::thread::Builder::new().stack_size(bytes);
    std::thread::scope(|scope| {
        thread.spawn_scoped(scope, work).unwrap().join().unwrap();
    });
}

/// Writes, loads and maps a value on a stack of `bytes` bytes.
fn comes_back_on<T: Persist + Sync + PartialEq>(bytes: usize, value: &T) {
    on_a_stack_of(bytes, || {
        let place = Place::new();
        joblib::dump(value, &place.path).unwrap();
        let back: Box<T> = joblib::load(&place.path).unwrap();
        assert!(*back == *value);
        joblib::open::<T>(&place.path).unwrap().verify().unwrap();
        joblib::inspect(&place.path).unwrap();
        assert_eq!(joblib::hash(value), joblib::hash(&*back));
    });
}

#[derive(Persist, PartialEq)]
struct Boxed {
    table: Box<Table>,
}

#[test]
fn a_large_array_in_a_box_is_loaded() {
    let boxed = Boxed { table: table() };
    comes_back_on(8 << 20, &boxed);
    comes_back_on(2 << 20, &boxed);
    comes_back_on(64 << 10, &boxed);
}

#[test]
fn large_arrays_in_reference_counted_pointers_are_loaded() {
    #[derive(Persist)]
    struct Counted {
        arc: Arc<Table>,
        rc: Rc<Table>,
        within: Box<(u8, Option<Box<Table>>)>,
    }
    on_a_stack_of(256 << 10, || {
        let place = Place::new();
        let counted = Counted {
            arc: table().into(),
            rc: table().into(),
            within: Box::new((1, Some(table()))),
        };
        joblib::dump(&counted, &place.path).unwrap();
        let back: Counted = joblib::load(&place.path).unwrap();
        assert!(back.arc[1023][1023] == 1.5 && back.rc[0][1] == 1.5);
        assert!(back.within.1.is_some_and(|it| it[7][7] == 1.5));
    });
}

#[test]
fn large_structs_in_boxes_are_loaded() {
    #[derive(Persist, PartialEq)]
    struct Large {
        name: String,
        numbers: [f64; 1 << 17],
    }
    #[derive(Persist, PartialEq)]
    struct Around(Large);
    on_a_stack_of(16 << 20, || {
        let large = Large {
            name: "large".to_owned(),
            numbers: [0.5; 1 << 17],
        };
        let boxed = Box::new(Around(large));
        comes_back_on(512 << 10, &boxed);
    });
}

/// A node of 32 KiB that points to the next one through a box.
#[derive(Persist, PartialEq)]
struct Node {
    numbers: [f64; 4096],
    next: Option<Box<Node>>,
}

impl Node {
    fn of(levels: usize) -> Option<Box<Node>> {
        let mut first = None;
        for level in 0..levels {
            let numbers = [level as f64; 4096];
            let next = first;
            first = Some(Box::new(Node { numbers, next }));
        }
        first
    }
}

#[test]
fn many_large_nodes_within_each_other_are_loaded() {
    let nodes = Node::of(200);
    comes_back_on(2 << 20, &nodes);
    comes_back_on(256 << 10, &nodes);
}

#[test]
fn values_too_deep_are_an_error_on_any_stack() {
    let nodes = Node::of(300);
    on_a_stack_of(512 << 10, || {
        let error = joblib::dump(&nodes, Place::new().path).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::TooDeep), "{error}");
    });
}

/// A type that contains itself through every container that allows it.
#[allow(clippy::large_enum_variant, reason = "the variant is large on purpose")]
#[derive(Persist, PartialEq)]
enum Tree {
    Leaf([u8; 3000]),
    Boxed(Box<Tree>),
    Several(Vec<Tree>),
    Named(HashMap<String, Tree>),
    Sorted(BTreeMap<u8, Tree>),
    Shared(Arc<Tree>),
    Pair(Box<(Tree, Option<Tree>)>),
}

impl Tree {
    fn of(levels: usize) -> Tree {
        let mut tree = Tree::Leaf([7; 3000]);
        for level in 0..levels {
            tree = match level % 6 {
                0 => Tree::Boxed(Box::new(tree)),
                1 => Tree::Several(vec![Tree::Leaf([1; 3000]), tree]),
                2 => Tree::Named(HashMap::from([("one".to_owned(), tree)])),
                3 => Tree::Sorted(BTreeMap::from([(1, tree)])),
                4 => Tree::Shared(Arc::new(tree)),
                _ => Tree::Pair(Box::new((tree, None))),
            };
        }
        tree
    }
}

#[test]
fn trees_of_every_kind_are_loaded_on_a_small_stack() {
    on_a_stack_of(8 << 20, || {
        let tree = Tree::of(250);
        comes_back_on(128 << 10, &tree);
    });
}

#[test]
fn deep_values_of_an_older_type_are_loaded_on_a_small_stack() {
    #[derive(Persist)]
    struct Newer {
        #[persist(default)]
        added: u8,
        next: Option<Box<Newer>>,
        numbers: [f64; 4096],
    }
    on_a_stack_of(256 << 10, || {
        let place = Place::new();
        joblib::dump(&Node::of(200), &place.path).unwrap();
        let back: Option<Box<Newer>> = joblib::load(&place.path).unwrap();
        let (mut levels, mut node) = (0, &back);
        while let Some(next) = node {
            assert_eq!((next.added, next.numbers[0]), (0, (199 - levels) as f64));
            (levels, node) = (levels + 1, &next.next);
        }
        assert_eq!(levels, 200);
    });
}

static RESULTS: Memory = Memory::new(concat!(env!("CARGO_TARGET_TMPDIR"), "/boxes"));

#[memoize(memory = RESULTS, memory_tier = false)]
fn boxed(number: u8) -> (Boxed, Option<Box<Node>>) {
    let mut table = table();
    table[7][7] = f32::from(number);
    (Boxed { table }, Node::of(200))
}

#[test]
fn large_values_in_boxes_are_results() {
    on_a_stack_of(512 << 10, || {
        boxed::clear();
        let first = boxed(3);
        assert!(boxed::check(3));
        assert!(boxed(3) == first);
        boxed::clear();
    });
}

//! Types that only a self-describing encoding can read back are sent to worker processes
//! and back, and so are deeply nested values.

use std::collections::BTreeMap;

use joblib::backend::Processes;
use joblib::{Persist, parallel, task};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::serde_types::{Flat, Skipping, Tagged, Untagged};

fn flat(left_out: Option<u8>) -> Flat {
    Flat {
        left_out,
        never: 0,
        name: "flat".to_owned(),
        rest: [("a".to_owned(), json!([1, null, {"b": 2.5}]))].into(),
    }
}

fn untagged() -> Vec<Untagged> {
    vec![
        Untagged::Number(0.5),
        Untagged::Words(vec!["a".to_owned()]),
        Untagged::At {
            at: "127.0.0.1".parse().unwrap(),
        },
    ]
}

type All = (Value, Vec<Untagged>, Tagged, Vec<Skipping>);

fn all(n: u8) -> All {
    let tagged = match n % 2 {
        0 => Tagged::Plain { x: n.into() },
        _ => Tagged::More(flat(n.is_multiple_of(3).then_some(n))),
    };
    let skipping = vec![Skipping::First, Skipping::Second(Some(n)), Skipping::Third];
    (json!({"n": n}), untagged(), tagged, skipping)
}

#[parallel(shared(by, rest))]
fn same(all: All, by: &Value, rest: &[Untagged]) -> (All, Value, usize) {
    (all, by.clone(), rest.len())
}

#[test]
fn arguments_shared_arguments_and_results_are_sent_self_described() {
    let (by, rest) = (json!([1, "two"]), untagged());
    let given = same::par((0..20).map(all), &by, &rest)
        .backend(Processes)
        .n_jobs(2)
        .try_collect::<Vec<_>>()
        .unwrap();
    for (n, (back, back_by, count)) in (0..).zip(given) {
        assert_eq!((back, back_by, count), (all(n), by.clone(), 3));
    }
}

#[test]
fn captures_and_results_of_a_task_are_sent_self_described() {
    let by = json!({"by": 2});
    let task = task!([by: Value] |x: Flat| -> Result<Value, Untagged> {
        match x.left_out {
            None => Err(Untagged::Number(1.0)),
            Some(n) => Ok(json!([n, by])),
        }
    });
    let given: Vec<_> = joblib::par([flat(None), flat(Some(7))])
        .map(task)
        .backend(Processes)
        .collect();
    let expected = Ok(json!([7, {"by": 2}]));
    assert_eq!(given, [Err(Untagged::Number(1.0)), expected]);
}

#[derive(Clone, Debug, PartialEq, Persist)]
struct Model {
    weights: Vec<f64>,
    #[persist(serde)]
    meta: Option<Value>,
    #[persist(serde)]
    plain: BTreeMap<u16, String>,
    #[persist(serde)]
    tagged: Vec<Tagged>,
}

#[parallel]
fn grown(mut model: Model, base: &Model) -> Model {
    model.weights.extend(&base.weights);
    model.meta = Some(json!({"was": model.meta}));
    model
}

#[test]
fn serde_fields_of_persist_types_are_sent() {
    let model = |meta| Model {
        weights: vec![0.5; 3000],
        meta,
        plain: [(1, "a".to_owned())].into(),
        tagged: vec![Tagged::Plain { x: 1 }, Tagged::More(flat(None))],
    };
    let base = model(None);
    let inputs = [None, Some(json!([1])), Some(json!(null))].map(|meta| (model(meta), &base));
    let expected: Vec<_> = inputs
        .clone()
        .into_iter()
        .map(|(model, base)| grown(model, base))
        .collect();
    let given: Vec<_> = grown::par(inputs).backend(Processes).collect();
    assert_eq!(given, expected);
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Node {
    value: u64,
    next: Option<Box<Node>>,
}

#[derive(Clone, Debug, Persist)]
struct Kept {
    value: u64,
    next: Option<Box<Kept>>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
enum Tree {
    Leaf(u64),
    Within(Vec<Tree>),
}

#[derive(Clone, Debug, Persist)]
enum Branch {
    Leaf(u64),
    Within(Vec<Branch>),
}

macro_rules! deep {
    ($($function:ident($ty:ty), |$within:ident| $around:expr;)*) => {$(
        #[parallel]
        fn $function($within: $ty) -> $ty {
            $around
        }
    )*};
}

deep! {
    longer(Node), |within| Node { value: 1, next: Some(Box::new(within)) };
    kept(Kept), |within| Kept { value: 1, next: Some(Box::new(within)) };
    wrapped(Tree), |within| Tree::Within(vec![within]);
    branched(Branch), |within| Branch::Within(vec![within]);
    boxed(Value), |within| Value::Array(vec![within]);
}

/// Runs `test` with the stack of a main thread, because dropping a deeply nested value
/// needs stack as well.
fn with_stack(test: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(64 << 20);
    thread.spawn(test).unwrap().join().unwrap();
}

fn levels<T>(start: T, levels: usize, around: impl Fn(T) -> T) -> T {
    (0..levels).fold(start, |within, _| around(within))
}

#[test]
fn lists_and_trees_of_thousands_of_levels_are_sent() {
    with_stack(|| {
        for deep in [500, 5_000] {
            let start = Node {
                value: 0,
                next: None,
            };
            let back = longer::par([levels(start, deep, longer)]).backend(Processes);
            let mut next = Some(Box::new(back.collect::<Vec<_>>().remove(0)));
            let mut count = 0;
            while let Some(node) = next {
                count += node.value;
                next = node.next;
            }
            assert_eq!(count, deep as u64 + 1);
            let start = Kept {
                value: 0,
                next: None,
            };
            let back = kept::par([levels(start, deep, kept)]).backend(Processes);
            let back = back.try_collect::<Vec<_>>().unwrap();
            assert_eq!(back[0].value, 1);
            let back = wrapped::par([levels(Tree::Leaf(7), deep, wrapped)]).backend(Processes);
            assert!(matches!(&back.collect::<Vec<_>>()[0], Tree::Within(_)));
            let back = branched::par([levels(Branch::Leaf(7), deep, branched)]).backend(Processes);
            assert!(matches!(&back.collect::<Vec<_>>()[0], Branch::Within(_)));
            let back = boxed::par([levels(json!(1), deep, boxed)]).backend(Processes);
            assert!(back.collect::<Vec<_>>()[0].is_array());
        }
    });
}

#[test]
fn a_value_nested_too_deeply_is_an_error_that_names_the_type() {
    with_stack(|| {
        let start = Node {
            value: 0,
            next: None,
        };
        let deep = levels(start, 40_000, longer);
        let error = longer::par([deep])
            .backend(Processes)
            .try_collect::<Vec<_>>();
        let message = error.unwrap_err().to_string();
        for part in ["Node", "65536 levels", "run on `Threads`"] {
            assert!(message.contains(part), "{part} in {message}");
        }
        let start = Kept {
            value: 0,
            next: None,
        };
        let deep = levels(start, 70_000, kept);
        let error = kept::par([deep]).backend(Processes).try_collect::<Vec<_>>();
        let message = error.unwrap_err().to_string();
        assert!(message.contains("Kept` is nested deeper"), "{message}");
    });
}

//! Types that are sent to other processes through `Persist`, with or without serde's
//! traits.

use std::borrow::Cow;
use std::collections::HashMap;

use joblib::backend::Processes;
use joblib::{Persist, Shared, parallel};
use serde::{Deserialize, Serialize};

/// Does not implement serde's traits.
#[derive(Clone, Debug, Default, PartialEq, Persist)]
struct Model {
    weights: Vec<f64>,
    name: String,
    layers: Vec<Layer>,
}

#[derive(Clone, Debug, PartialEq, Persist)]
enum Layer {
    Dense(Vec<f32>),
    Dropout { rate: f64 },
}

fn model(size: usize) -> Model {
    Model {
        weights: vec![0.5; size],
        name: size.to_string(),
        layers: vec![Layer::Dense(vec![1.5; size]), Layer::Dropout { rate: 0.1 }],
    }
}

#[parallel]
fn grown(mut model: Model, by: usize) -> Model {
    model.weights.extend(vec![0.5; by]);
    model
}

#[test]
fn an_argument_and_a_result_need_nothing_but_persist() {
    for size in [0, 3, 100_000] {
        let grown: Vec<Model> = grown::par([(model(size), 2)]).backend(Processes).collect();
        let mut expected = model(size);
        expected.weights.extend([0.5; 2]);
        assert_eq!(grown, [expected]);
    }
}

#[parallel(shared(base, names))]
fn borrowed(model: &Model, base: &Model, names: Model) -> (usize, String) {
    let name = format!("{} {} {}", model.name, base.name, names.name);
    (model.weights.len() + base.weights.len(), name)
}

#[test]
fn arguments_are_borrowed_and_shared() {
    let (one, base) = (model(1), model(50_000));
    let all: Vec<_> = borrowed::par([&one], &base, model(7))
        .backend(Processes)
        .collect();
    assert_eq!(all, [(50_001, "1 50000 7".to_owned())]);
}

type Rows = Vec<Model>;

#[parallel]
fn contained(
    rows: Rows,
    some: Option<Model>,
    boxed: Box<Model>,
    slice: &[Model],
    table: HashMap<String, Model>,
    (number, layer): (u64, Layer),
) -> Result<(u64, Vec<Model>), Box<Model>> {
    let mut all = rows;
    all.extend(some);
    all.extend(slice.iter().cloned());
    all.extend(table.into_values());
    match layer {
        Layer::Dense(_) => Ok((number, all)),
        Layer::Dropout { .. } => Err(boxed),
    }
}

#[test]
fn types_that_contain_persist_types_are_sent() {
    let table = || HashMap::from([("a".to_owned(), model(4))]);
    let slice = [model(3)];
    let inputs = [Layer::Dense(vec![2.0]), Layer::Dropout { rate: 0.5 }].map(|layer| {
        let (rows, some, boxed) = (vec![model(1)], Some(model(2)), Box::new(model(9)));
        (rows, some, boxed, &slice[..], table(), (8, layer))
    });
    let all: Vec<_> = contained::par(inputs).backend(Processes).collect();
    let models = (1..5).map(model).collect();
    assert_eq!(all, [Ok((8, models)), Err(Box::new(model(9)))]);
}

#[parallel]
fn failing(size: usize) -> Result<Model, String> {
    match size {
        0 => Err("none".to_owned()),
        size => Ok(model(size)),
    }
}

#[test]
fn the_ok_of_a_result_needs_nothing_but_persist() {
    let all: Vec<_> = failing::par([0, 2]).backend(Processes).collect();
    assert_eq!(all, [Err("none".to_owned()), Ok(model(2))]);
}

#[parallel(instantiate(Model, Layer, u8, Vec<Model>))]
fn same<T: Clone>(x: &T) -> T {
    x.clone()
}

#[test]
fn each_instance_of_a_generic_function_uses_its_own_encoding() {
    let same_model: Vec<Model> = same::par([&model(2)]).backend(Processes).collect();
    assert_eq!(same_model, [model(2)]);
    let layer = Layer::Dropout { rate: 0.5 };
    assert_eq!(
        same::par([&layer]).backend(Processes).collect::<Vec<_>>(),
        [layer]
    );
    assert_eq!(
        same::par([&3_u8]).backend(Processes).collect::<Vec<_>>(),
        [3]
    );
    let rows = vec![model(1), model(2)];
    for chosen in [
        same::par([&rows]).backend_named("processes"),
        same::par([&rows]).backend_named("threads"),
    ] {
        assert_eq!(
            chosen.try_collect::<Vec<_>>().unwrap(),
            std::slice::from_ref(&rows)
        );
    }
}

impl Model {
    #[parallel]
    fn scaled(&self, by: f64) -> Model {
        let weights = self.weights.iter().map(|weight| weight * by).collect();
        Model {
            weights,
            ..self.clone()
        }
    }
}

#[derive(Clone, Persist)]
struct Of<T: Clone>(Vec<T>);

impl<T: Clone + Send + Sync + Persist> Of<T> {
    #[parallel(instantiate(Layer, f64))]
    fn times(&self, n: usize) -> Vec<T> {
        self.0.iter().cycle().take(n).cloned().collect()
    }
}

#[test]
fn receivers_of_methods_need_nothing_but_persist() {
    let scaled: Vec<Model> = model(2).scaled_par([2.0]).backend(Processes).collect();
    assert_eq!(scaled[0].weights, [1.0; 2]);
    let layers = Of(vec![Layer::Dropout { rate: 0.25 }]);
    let times: Vec<Vec<Layer>> = layers.times_par([2]).backend(Processes).collect();
    assert_eq!(
        times,
        [[Layer::Dropout { rate: 0.25 }, Layer::Dropout { rate: 0.25 }]]
    );
    let times: Vec<Vec<f64>> = Of(vec![0.5]).times_par([3]).backend(Processes).collect();
    assert_eq!(times, [[0.5; 3]]);
}

#[test]
fn closures_take_capture_and_return_persist_types() {
    let base = model(3);
    let written = joblib::task!([base: &Model = &base, owned: Model = model(5)]
    |more: Model| -> Model {
        Model { name: format!("{} {} {}", base.name, owned.name, more.name), ..more }
    });
    let results: Vec<Model> = joblib::par([model(1)])
        .map(written)
        .backend(Processes)
        .collect();
    assert_eq!(results[0].name, "3 5 1");
    let inferred = joblib::task!(|size: usize| vec![Some(model(size))]);
    let results: Vec<Vec<Option<Model>>> =
        joblib::par([4]).map(inferred).backend(Processes).collect();
    assert_eq!(results, [[Some(model(4))]]);
    let borrowed = joblib::task!(|text: &str| Layer::Dense(vec![0.5; text.len()]));
    let results: Vec<Layer> = joblib::par(["abc"])
        .map(borrowed)
        .backend(Processes)
        .collect();
    assert_eq!(results, [Layer::Dense(vec![0.5; 3])]);
}

/// Complete through `Persist`, incomplete through serde.
#[derive(Clone, Debug, PartialEq, Persist, Serialize, Deserialize)]
struct Both {
    #[serde(skip)]
    weights: Vec<f64>,
}

/// Complete through serde, incomplete through `Persist`.
#[derive(Clone, Debug, PartialEq, Persist, Serialize, Deserialize)]
struct BySerde {
    #[persist(skip)]
    weights: Vec<f64>,
}

/// Incomplete through `Persist`, without serde's traits.
#[derive(Clone, Debug, PartialEq, Persist)]
struct Less {
    #[persist(skip)]
    computed: Vec<f64>,
    weights: Vec<f64>,
}

#[parallel]
#[allow(clippy::type_complexity, reason = "the test covers this case")]
fn as_they_come(
    both: Both,
    boths: &[Both],
    by_serde: BySerde,
    less: Less,
) -> (Both, Vec<Both>, Option<BySerde>, Less) {
    let first = boths[0].clone();
    assert_eq!(both, first);
    assert_eq!(less.computed, [0.0; 0]);
    assert_eq!(by_serde.weights, both.weights);
    (both, boths.to_vec(), Some(by_serde), less)
}

#[parallel]
fn both(one: Both) -> Option<Both> {
    Some(one)
}

#[test]
fn the_encoding_that_preserves_everything_is_used() {
    let weights = || vec![0.5; 3];
    let one = || Both { weights: weights() };
    let less = Less {
        computed: weights(),
        weights: weights(),
    };
    let boths = [one()];
    let by_serde = BySerde { weights: weights() };
    let inputs = [(one(), &boths[..], by_serde, less)];
    let all: Vec<_> = as_they_come::par(inputs).backend(Processes).collect();
    assert_eq!(all[0].3.weights, weights());
    assert_eq!(
        both::par([one()]).backend(Processes).collect::<Vec<_>>(),
        [Some(one())]
    );
    let inferred = joblib::task!(|size: usize| vec![Both {
        weights: vec![0.5; size]
    }]);
    let inferred: Vec<Vec<Both>> = joblib::par([3]).map(inferred).backend(Processes).collect();
    assert_eq!(inferred, [[one()]]);
}

#[parallel]
fn mapped(numbers: Shared<f64>, text: Cow<'static, str>) -> (Shared<f64>, String) {
    (numbers, text.into_owned())
}

#[test]
fn types_of_joblib_need_no_serde() {
    let numbers = Shared::from_slice(&[0.5, 1.5]).unwrap();
    let all: Vec<_> = mapped::par([(numbers, "text".into())])
        .backend(Processes)
        .collect();
    assert_eq!((&all[0].0[..], &*all[0].1), (&[0.5, 1.5][..], "text"));
}

#[derive(Persist)]
struct Table {
    column: Shared<f64>,
}

#[test]
fn shared_arrays_are_sent_by_their_location() {
    let column = Shared::filled(1 << 18, |column| column.fill(0.5)).unwrap();
    let table = Table { column };
    let task = joblib::task!([table: &Table = &table] |n: usize| table.column[n]);
    let message = task.remote_call().unwrap().shared;
    assert!(message.len() < 500, "{}", message.len());
    let all: Vec<f64> = joblib::par([0, 7]).map(task).backend(Processes).collect();
    assert_eq!(all, [0.5; 2]);
}

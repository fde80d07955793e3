//! Trait objects behind references are ordinary arguments.

use joblib::backend::Sequential;
use joblib::parallel;

trait Model: Send + Sync {
    fn fit(&self, x: f64) -> f64;
}

struct Line(f64);

impl Model for Line {
    fn fit(&self, x: f64) -> f64 {
        self.0 * x
    }
}

#[parallel(shared(model))]
fn shared(x: f64, model: &dyn Model) -> f64 {
    model.fit(x)
}

#[parallel]
fn each(model: &dyn Model) -> f64 {
    model.fit(1.0)
}

#[parallel(shared(model))]
fn named<'a>(x: f64, model: &'a (dyn Model + 'a)) -> f64 {
    model.fit(x)
}

#[parallel(shared(model))]
fn long(x: f64, model: &(dyn Model + 'static)) -> f64 {
    model.fit(x)
}

#[parallel(shared(function))]
fn function(x: f64, function: &(dyn Fn(f64) -> f64 + Sync)) -> f64 {
    function(x)
}

#[parallel(shared(models, other))]
fn several(x: f64, models: &[&dyn Model], other: Option<&dyn Model>) -> f64 {
    let other = other.map_or(0.0, |model| model.fit(x));
    models.iter().map(|model| model.fit(x)).sum::<f64>() + other
}

#[parallel(shared(function))]
fn generic<T: Copy + Send + Sync>(x: T, function: &(dyn Fn(T) -> T + Sync)) -> T {
    function(x)
}

struct Scale(f64);

impl Scale {
    #[parallel(shared(model))]
    fn scaled(&self, x: f64, model: &dyn Model) -> f64 {
        self.0 * model.fit(x)
    }
}

#[test]
fn a_trait_object_is_shared_by_all_tasks() {
    let (line, other) = (Line(2.0), Line(3.0));
    let doubled = [2.0, 4.0];
    assert_eq!(shared::par([1.0, 2.0], &line).collect::<Vec<_>>(), doubled);
    assert_eq!(named::par([1.0, 2.0], &line).collect::<Vec<_>>(), doubled);
    assert_eq!(long::par([1.0, 2.0], &line).collect::<Vec<_>>(), doubled);
    let scaled = Scale(0.5).scaled_par([1.0, 2.0], &line);
    assert_eq!(scaled.collect::<Vec<_>>(), [1.0, 2.0]);
    let models: [&dyn Model; 2] = [&line, &other];
    let summed = several::par([1.0], &models, Some(&line));
    assert_eq!(summed.backend(Sequential).collect::<Vec<_>>(), [7.0]);
}

#[test]
fn a_trait_object_is_given_to_each_task() {
    let (line, other) = (Line(2.0), Line(3.0));
    let models: [&dyn Model; 2] = [&line, &other];
    assert_eq!(each::par(models).collect::<Vec<_>>(), [2.0, 3.0]);
}

#[test]
fn an_object_that_borrows_what_is_local_is_called() {
    let factor = 3.0;
    let scale = |x| x * factor;
    let scaled = function::par([1.0, 2.0], &scale);
    assert_eq!(scaled.collect::<Vec<_>>(), [3.0, 6.0]);
    let step = 4;
    let plus = |x| x + step;
    let stepped = generic::par([1, 2], &plus);
    assert_eq!(stepped.collect::<Vec<_>>(), [5, 6]);
}

#[test]
fn an_object_is_an_error_on_processes_chosen_by_name() {
    let line = Line(2.0);
    let par = shared::par([1.0], &line).backend_named("processes");
    let error = par.try_collect::<Vec<_>>().unwrap_err().to_string();
    assert!(error.contains("model"), "{error}");
}

#[test]
fn a_task_captures_an_object() {
    let line = Line(2.0);
    let model: &dyn Model = &line;
    let fitted = joblib::par([1.0, 2.0]).map(|x| model.fit(x));
    assert_eq!(fitted.collect::<Vec<_>>(), [2.0, 4.0]);
}

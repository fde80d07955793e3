use joblib::Persist;

#[derive(Persist)]
#[persist(view = 3)]
struct A {
    weights: Vec<f64>,
}

#[derive(Persist)]
#[persist(view = "not a name")]
struct B {
    weights: Vec<f64>,
}

#[derive(Persist)]
#[persist(view = crate::CView)]
struct C {
    weights: Vec<f64>,
}

fn main() {}

use std::rc::Rc;

use joblib::backend::Rayon;

fn main() {
    let _: Vec<i32> = joblib::par([Rc::new(1)]).map(|x| *x).backend(Rayon).collect();
}

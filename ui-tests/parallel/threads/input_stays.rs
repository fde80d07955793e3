use std::rc::Rc;

fn main() {
    let _: Vec<i32> = joblib::par([Rc::new(1)]).map(|x| *x).collect();
}

use std::rc::Rc;

#[joblib::parallel]
fn number(x: Rc<i32>) -> i32 {
    *x
}

fn main() {
    let _: Vec<i32> = number::par([Rc::new(1)]).collect();
}

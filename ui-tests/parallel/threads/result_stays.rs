use std::rc::Rc;

#[joblib::parallel]
fn counted(x: i32) -> Rc<i32> {
    Rc::new(x)
}

fn main() {
    let _: Vec<Rc<i32>> = counted::par([1]).collect();
}

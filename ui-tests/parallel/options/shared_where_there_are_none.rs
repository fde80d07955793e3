use joblib::parallel;

#[parallel(shared(data))]
fn nothing() {}

fn main() {
    nothing();
}

use joblib::parallel;

#[parallel(instantiate(String))]
fn length<T: AsRef<str>>(text: T) -> usize {
    text.as_ref().len()
}

fn main() {
    let text = String::from("text");
    let _ = length::par([text.as_str()]).collect::<Vec<_>>();
}

use joblib::backend::Processes;
use joblib::parallel;

#[parallel]
fn first(text: &str) -> &str {
    &text[..1]
}

fn main() {
    let _ = first::par(["ab"]).backend(Processes);
}

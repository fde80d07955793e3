use joblib::backend::Processes;
use joblib::parallel;

#[parallel(shared(words))]
fn nth(n: usize, words: &[&str]) -> String {
    words[n].to_owned()
}

fn main() {
    let _ = nth::par([0], &["a"]).backend(Processes);
}

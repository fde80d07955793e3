use joblib::memoize;

#[memoize]
fn first(words: &[String]) -> Option<&String> {
    words.first()
}

fn main() {
    first(&[]);
}

use joblib::memoize;

#[derive(serde::Serialize, serde::Deserialize)]
struct Word<'a>(&'a str);

#[memoize]
fn first<'a>(text: &'a str) -> Word<'a> {
    Word(text)
}

fn main() {
    first("").0;
}

fn main() {
    let words = ["a"];
    let _ = joblib::task!([words: &[&str] = &words] |n: usize| words[n].len());
    let _ = joblib::task!(|pair: (usize, &str)| pair.1.len());
    let _ = joblib::task!(|text: &str| -> &str { text });
}

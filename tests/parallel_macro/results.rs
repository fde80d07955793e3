//! Results of calls.

use joblib::backend::Processes;
use joblib::parallel;

#[parallel]
fn nothing(_: u8) {}

#[parallel]
fn parse(text: &str) -> Result<u8, String> {
    text.parse().map_err(|_| format!("{text} is no number"))
}

#[parallel(shared(words))]
#[allow(clippy::needless_lifetimes, reason = "the test covers this case")]
fn nth<'a>(n: usize, words: &'a [String]) -> &'a str {
    &words[n]
}

#[parallel]
fn first(text: &str) -> &str {
    &text[..1]
}

#[test]
fn a_function_without_result_returns_unit() {
    assert_eq!(
        nothing::par([1, 2]).backend(Processes).collect::<Vec<_>>(),
        [(), ()]
    );
}

#[test]
fn results_are_collected_into_a_result() {
    let all: Result<Vec<u8>, String> = parse::par(["1", "2"]).backend(Processes).collect();
    assert_eq!(all, Ok(vec![1, 2]));
    let all: Result<Vec<u8>, String> = parse::par(["1", "x"]).collect();
    assert_eq!(all, Err("x is no number".to_owned()));
}

#[test]
fn results_borrow_from_what_is_shared_and_from_arguments() {
    let words = ["ab".to_owned(), "cd".to_owned()];
    assert_eq!(nth::par([1, 0], &words).collect::<Vec<_>>(), ["cd", "ab"]);
    let text = "xyz".to_owned();
    assert_eq!(first::par([text.as_str()]).collect::<Vec<_>>(), ["x"]);
}

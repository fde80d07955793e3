//! Lifetimes of a signature may be anywhere in its types.

#![allow(clippy::needless_lifetimes, clippy::ptr_arg)]

use std::borrow::Cow;

use joblib::{Key, memoize, parallel};

#[derive(Clone, Key)]
struct Line<'a>(&'a str);

#[memoize(dir = "../target/ui-cache")]
fn reference<'a>(words: &'a Vec<String>) -> usize {
    words.len()
}

#[memoize(dir = "../target/ui-cache")]
fn optional<'a>(word: Option<&'a str>) -> usize {
    word.map_or(0, str::len)
}

#[memoize(dir = "../target/ui-cache")]
fn either<'a>(word: Cow<'a, str>) -> usize {
    word.len()
}

#[memoize(dir = "../target/ui-cache")]
fn several<'a, 'b>(pair: (&'a str, u64), words: &'b [&'a str], more: Vec<&'b str>) -> usize {
    pair.0.len() + words.len() + more.len()
}

#[memoize(dir = "../target/ui-cache")]
fn nested<'a>(word: &'a Option<&'a str>) -> Result<String, String> {
    word.map(str::to_owned).ok_or_else(String::new)
}

#[memoize(dir = "../target/ui-cache", ignore(other))]
fn structures<'a>(line: Line<'a>, same: &Line<'a>, other: Line<'a>) -> String {
    format!("{}{}{}", line.0, same.0, other.0)
}

#[memoize(dir = "../target/ui-cache")]
fn bounded<'a, 'b: 'a>(word: Option<&'a str>, other: &'b str) -> usize {
    word.map_or(0, str::len) + other.len()
}

#[memoize(dir = "../target/ui-cache")]
async fn later<'a>(word: Option<&'a str>) -> usize {
    word.map_or(0, str::len)
}

#[parallel]
fn apart<'a, 'b>(word: Cow<'a, str>, line: &'b Line<'a>) -> usize {
    word.len() + line.0.len()
}

#[parallel(shared(line))]
fn shared<'a, 'b>(word: Option<&'a str>, line: &'b Line<'a>) -> Result<usize, String> {
    word.map(|word| word.len() + line.0.len())
        .ok_or_else(String::new)
}

#[parallel]
#[memoize(dir = "../target/ui-cache")]
fn both<'a, 'b>(word: Option<&'a str>, words: Vec<&'b str>) -> usize {
    word.map_or(0, str::len) + words.len()
}

#[memoize(dir = "../target/ui-cache")]
#[parallel]
fn both_in_the_other_order<'a>(line: &Line<'a>) -> usize {
    line.0.len()
}

fn main() {
    let text = String::from("text");
    let line = || Line(&text);
    assert_eq!(reference(&vec![text.clone()]), 1);
    assert_eq!(optional(Some(&text)), 4);
    assert!(optional::check(Some(&text)));
    assert_eq!(either(Cow::Borrowed(&text)), 4);
    assert!(either::check(Cow::Owned(text.clone())));
    assert_eq!(several((&text, 1), &[&text], vec![&text]), 6);
    assert!(several::check((&text, 1), &[&text], vec![&text]));
    assert_eq!(nested(&Some(&text)), Ok(text.clone()));
    assert_eq!(structures(line(), &line(), line()), "texttexttext");
    assert!(structures::check(line(), &line(), Line("another")));
    assert_eq!(bounded(Some(&text), &text), 8);
    drop(later(Some(&text)));
    let long = line();
    let apart: Vec<usize> = apart::par([(Cow::Borrowed(&*text), &long)]).collect();
    let shared: Vec<_> = shared::par([Some(&*text), None], &long).collect();
    let both: Vec<usize> = both::par([(Some(&*text), vec![&*text])]).collect();
    assert!(self::both::check(Some(&text), vec![&text]));
    let other: Vec<usize> = both_in_the_other_order::par([&long]).collect();
    assert_eq!((apart, both, other), (vec![8], vec![5], vec![4]));
    assert_eq!(shared, [Ok(8), Err(String::new())]);
}

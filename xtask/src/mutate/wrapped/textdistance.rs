//! Functions over textdistance.

use joblib::memoize;
use textdistance::{nstr, str};

const TEXTS: [(&str, &str); 4] = [
    ("martha", "marhta"),
    ("a new day has come", "any way it has gone"),
    ("sitting", "kitten"),
    ("abcbdab", "bdcaba"),
];

fn pair(n: u64) -> (&'static str, &'static str) {
    TEXTS[n as usize % TEXTS.len()]
}

#[memoize]
pub fn levenshtein(n: u64) -> usize {
    let (a, b) = pair(n);
    str::levenshtein(a, b)
}

#[memoize]
pub fn damerau(n: u64) -> usize {
    let (a, b) = pair(n);
    str::damerau_levenshtein(a, b)
}

#[memoize]
pub fn hamming(n: u64) -> f64 {
    let (a, b) = pair(n);
    nstr::hamming(a, b)
}

#[memoize]
pub fn jaro(n: u64) -> f64 {
    let (a, b) = pair(n);
    str::jaro(a, b)
}

#[memoize]
pub fn jaro_winkler(n: u64) -> f64 {
    let (a, b) = pair(n);
    str::jaro_winkler(a, b)
}

#[memoize]
pub fn jaccard(n: u64) -> f64 {
    let (a, b) = pair(n);
    str::jaccard(a, b)
}

#[memoize]
pub fn sorensen(n: u64) -> f64 {
    let (a, b) = pair(n);
    str::sorensen_dice(a, b)
}

#[memoize]
pub fn cosine(n: u64) -> f64 {
    let (a, b) = pair(n);
    str::cosine(a, b)
}

#[memoize]
pub fn tversky(n: u64) -> f64 {
    let (a, b) = pair(n);
    str::tversky(a, b)
}

#[memoize]
pub fn overlap(n: u64) -> f64 {
    let (a, b) = pair(n);
    str::overlap(a, b)
}

#[memoize]
pub fn entropy(n: u64) -> f64 {
    let (a, b) = pair(n);
    str::entropy_ncd(a, b)
}

#[memoize]
pub fn subsequence(n: u64) -> usize {
    let (a, b) = pair(n);
    str::lcsseq(a, b)
}

#[memoize]
pub fn substring(n: u64) -> usize {
    let (a, b) = pair(n);
    str::lcsstr(a, b)
}

#[memoize]
pub fn ratcliff(n: u64) -> f64 {
    let (a, b) = pair(n);
    str::ratcliff_obershelp(a, b)
}

#[memoize]
pub fn smith_waterman(n: u64) -> usize {
    let (a, b) = pair(n);
    str::smith_waterman(a, b)
}

#[memoize]
pub fn roberts(n: u64) -> f64 {
    let (a, b) = pair(n);
    str::roberts(a, b)
}

#[memoize]
pub fn matched_rating(n: u64) -> usize {
    let (a, b) = pair(n);
    str::mlipns(a, b) + str::prefix(a, b) + str::suffix(a, b)
}

//! Functions over textdistance.

use joblib::memoize;
use textdistance::{nstr, str};

const TEXTS: [(&str, &str); 8] = [
    ("", "one"),
    ("martha", "marhta"),
    ("a new day has come", "any way it has gone"),
    ("sitting", "kitten"),
    ("abcbdab", "bdcaba"),
    ("prefixes", "presumed"),
    ("dixon", "dicksonx"),
    ("the rest of it", "of the rest"),
];

fn pair(n: u64) -> (&'static str, &'static str) {
    TEXTS[n as usize % TEXTS.len()]
}

#[memoize]
pub fn damerau_levenshtein(n: u64) -> (usize, f64) {
    let (a, b) = pair(n);
    (
        str::damerau_levenshtein(a, b),
        nstr::damerau_levenshtein(a, b),
    )
}

#[memoize]
pub fn damerau_levenshtein_restricted(n: u64) -> (usize, f64) {
    let (a, b) = pair(n);
    (
        str::damerau_levenshtein_restricted(a, b),
        nstr::damerau_levenshtein_restricted(a, b),
    )
}

#[memoize]
pub fn hamming(n: u64) -> (usize, f64) {
    let (a, b) = pair(n);
    (str::hamming(a, b), nstr::hamming(a, b))
}

#[memoize]
pub fn lcsseq(n: u64) -> (usize, f64) {
    let (a, b) = pair(n);
    (str::lcsseq(a, b), nstr::lcsseq(a, b))
}

#[memoize]
pub fn lcsstr(n: u64) -> (usize, f64) {
    let (a, b) = pair(n);
    (str::lcsstr(a, b), nstr::lcsstr(a, b))
}

#[memoize]
pub fn levenshtein(n: u64) -> (usize, f64) {
    let (a, b) = pair(n);
    (str::levenshtein(a, b), nstr::levenshtein(a, b))
}

#[memoize]
pub fn ratcliff_obershelp(n: u64) -> (f64, f64) {
    let (a, b) = pair(n);
    (
        str::ratcliff_obershelp(a, b),
        nstr::ratcliff_obershelp(a, b),
    )
}

#[memoize]
pub fn sift4_simple(n: u64) -> (usize, f64) {
    let (a, b) = pair(n);
    (str::sift4_simple(a, b), nstr::sift4_simple(a, b))
}

#[memoize]
pub fn sift4_common(n: u64) -> (usize, f64) {
    let (a, b) = pair(n);
    (str::sift4_common(a, b), nstr::sift4_common(a, b))
}

#[memoize]
pub fn jaro(n: u64) -> (f64, f64) {
    let (a, b) = pair(n);
    (str::jaro(a, b), nstr::jaro(a, b))
}

#[memoize]
pub fn jaro_winkler(n: u64) -> (f64, f64) {
    let (a, b) = pair(n);
    (str::jaro_winkler(a, b), nstr::jaro_winkler(a, b))
}

#[memoize]
pub fn yujian_bo(n: u64) -> (f64, f64) {
    let (a, b) = pair(n);
    (str::yujian_bo(a, b), nstr::yujian_bo(a, b))
}

#[memoize]
pub fn mlipns(n: u64) -> (usize, f64) {
    let (a, b) = pair(n);
    (str::mlipns(a, b), nstr::mlipns(a, b))
}

#[memoize]
pub fn bag(n: u64) -> (usize, f64) {
    let (a, b) = pair(n);
    (str::bag(a, b), nstr::bag(a, b))
}

#[memoize]
pub fn lig3(n: u64) -> (f64, f64) {
    let (a, b) = pair(n);
    (str::lig3(a, b), nstr::lig3(a, b))
}

#[memoize]
pub fn jaccard(n: u64) -> (f64, f64) {
    let (a, b) = pair(n);
    (str::jaccard(a, b), nstr::jaccard(a, b))
}

#[memoize]
pub fn sorensen_dice(n: u64) -> (f64, f64) {
    let (a, b) = pair(n);
    (str::sorensen_dice(a, b), nstr::sorensen_dice(a, b))
}

#[memoize]
pub fn tversky(n: u64) -> (f64, f64) {
    let (a, b) = pair(n);
    (str::tversky(a, b), nstr::tversky(a, b))
}

#[memoize]
pub fn overlap(n: u64) -> (f64, f64) {
    let (a, b) = pair(n);
    (str::overlap(a, b), nstr::overlap(a, b))
}

#[memoize]
pub fn cosine(n: u64) -> (f64, f64) {
    let (a, b) = pair(n);
    (str::cosine(a, b), nstr::cosine(a, b))
}

#[memoize]
pub fn prefix(n: u64) -> (usize, f64) {
    let (a, b) = pair(n);
    (str::prefix(a, b), nstr::prefix(a, b))
}

#[memoize]
pub fn suffix(n: u64) -> (usize, f64) {
    let (a, b) = pair(n);
    (str::suffix(a, b), nstr::suffix(a, b))
}

#[memoize]
pub fn length(n: u64) -> (usize, f64) {
    let (a, b) = pair(n);
    (str::length(a, b), nstr::length(a, b))
}

#[memoize]
pub fn smith_waterman(n: u64) -> (usize, f64) {
    let (a, b) = pair(n);
    (str::smith_waterman(a, b), nstr::smith_waterman(a, b))
}

/// A sum over a map without an order differs in its last bits, and in sign.
#[memoize]
pub fn entropy(n: u64) -> String {
    let (a, b) = pair(n);
    format!("{:.9}", 1.0 + str::entropy_ncd(a, b))
}

#[memoize]
pub fn roberts(n: u64) -> String {
    let (a, b) = pair(n);
    format!("{:.9} {:.9}", str::roberts(a, b), nstr::roberts(a, b))
}

//! Functions over pest, whose macro reads a grammar from a file.

use joblib::memoize;
use pest::Parser as _;
use pest::iterators::Pair;

#[derive(pest_derive::Parser)]
#[grammar = "grammar.pest"]
struct Calculator;

const TEXTS: [&str; 7] = [
    "1 + 2 * 3",
    "4*(5 - 6) / 7",
    "-8 + (9)",
    "x + 10",
    "2 ^ 3 - 1",
    "11 12",
    "((13",
];

fn text(n: u64) -> &'static str {
    TEXTS[n as usize % TEXTS.len()]
}

/// The tree as text.
fn tree(pair: Pair<'_, Rule>) -> String {
    let inner: Vec<String> = pair.clone().into_inner().map(tree).collect();
    format!("{:?}[{}]({})", pair.as_rule(), pair.as_str(), inner.join(" "))
}

#[memoize]
pub fn parsed(n: u64) -> String {
    match Calculator::parse(Rule::calculation, text(n)) {
        Ok(pairs) => pairs.map(tree).collect(),
        Err(_) => format!("none {n}"),
    }
}

#[memoize]
pub fn refused(n: u64) -> String {
    match Calculator::parse(Rule::calculation, &text(n)[..3]) {
        Ok(pairs) => pairs.as_str().to_owned(),
        Err(error) => error.to_string(),
    }
}

#[memoize]
pub fn places(n: u64) -> Vec<(usize, usize)> {
    let pairs = Calculator::parse(Rule::calculation, text(n));
    let place = |pair: Pair<'_, Rule>| pair.as_span().start_pos().line_col();
    pairs.map_or(vec![], |pairs| pairs.flatten().map(place).collect())
}

#[memoize]
pub fn numbers(n: u64) -> Vec<String> {
    let pairs = Calculator::parse(Rule::calculation, text(n));
    let numbers = pairs.into_iter().flatten().flat_map(|pair| pair.into_inner());
    numbers.map(|pair| pair.as_str().to_owned()).collect()
}

#[memoize]
pub fn shown(n: u64) -> String {
    let pairs = Calculator::parse(Rule::calculation, text(n));
    pairs.map_or(n.to_string(), |pairs| format!("{pairs}"))
}

#[memoize]
pub fn number(n: u64) -> bool {
    Calculator::parse(Rule::number, &"0_1a"[..n as usize % 5]).is_ok()
}

#[memoize]
pub fn explained(n: u64) -> String {
    let error = Calculator::parse(Rule::number, text(n + 3));
    error.map_or_else(|error| format!("{:?} {n}", error.variant), |pairs| pairs.as_str().to_owned())
}

//! Tests that the engine computes shared reachability once, with the same result as if
//! it were computed for each function.

use std::fmt::Write as _;

use super::fixture::Fixture;

/// Creates a crate with hundreds of impls and functions that reach all of them.
fn many(functions: &[&str]) -> Fixture {
    let mut text = "trait Step { fn step(&self, x: u64) -> u64; }\n".to_owned();
    for n in 0..300 {
        let _ = writeln!(
            text,
            "struct S{n}(u64); impl Step for S{n} {{ fn step(&self, x: u64) -> u64 {{ self.0 + x * {n} }} }}"
        );
    }
    for function in functions {
        text += function;
        text += "\n";
    }
    Fixture::lib(&text)
}

/// Asserts that all functions after the first two share what they reach, and that all
/// functions have the fingerprints that they have alone.
#[track_caller]
fn shares(functions: &[&str]) {
    shares_after(2, functions);
}

/// Asserts that all functions after the first `count` share what they reach, and that
/// all functions have the fingerprints that they have alone.
#[track_caller]
fn shares_after(count: usize, functions: &[&str]) {
    let fixture = many(functions);
    let mut engine = fixture.engine();
    for n in 0..functions.len() {
        let name = format!("f{n}");
        let id = engine.find(&format!("crate::{name}")).unwrap();
        let summary = engine.reach_of_item(id);
        assert_eq!(summary.digest, fixture.of(&name), "{name}");
        assert!(
            n < count || summary.shared.is_some(),
            "{name} shares nothing"
        );
    }
}

#[test]
fn functions_that_hide_one_of_many_types_share_what_they_reach() {
    shares(&[
        "fn f0(x: u64) -> u64 { let s: Box<dyn Step> = Box::new(S0(0)); s.step(x) }",
        "fn f1(x: u64) -> u64 { let s: Box<dyn Step> = Box::new(S1(1)); s.step(x) + 1 }",
        "fn f2(x: u64) -> u64 { let s: Box<dyn Step> = Box::new(S2(2)); s.step(x) + 2 }",
        "fn f3(x: u64) -> u64 { let s: Box<dyn Step> = Box::new(S3(3)); s.step(x) + 3 }",
    ]);
}

#[test]
fn functions_that_ask_for_a_trait_share_what_they_reach() {
    shares(&[
        "fn f0<T: Step>(t: &T) -> u64 { t.step(0) }",
        "fn f1<T: Step>(t: &T) -> u64 { t.step(1) }",
        "fn f2<T: Step>(t: &T) -> u64 { t.step(2) }",
        "fn f3<T: Step>(t: &T) -> u64 { t.step(3) }",
    ]);
    shares(&[
        "fn f0(t: &impl Step) -> u64 { t.step(0) }",
        "fn f1(t: &impl Step) -> u64 { t.step(1) }",
        "fn f2(t: &impl Step) -> u64 { t.step(2) }",
        "fn f3(t: &impl Step) -> u64 { t.step(3) }",
    ]);
}

#[test]
fn functions_with_helpers_of_their_own_share_what_these_reach() {
    shares(&[
        "fn g0(s: &dyn Step) -> u64 { s.step(0) } fn f0(x: u64) -> u64 { g0(&S0(x)) }",
        "fn g1(s: &dyn Step) -> u64 { s.step(1) } fn f1(x: u64) -> u64 { g1(&S1(x)) }",
        "fn g2(s: &dyn Step) -> u64 { s.step(2) } fn f2(x: u64) -> u64 { g2(&S2(x)) }",
        "fn g3(s: &dyn Step) -> u64 { s.step(3) } fn f3(x: u64) -> u64 { g3(&S3(x)) }",
    ]);
}

/// Returns functions that each hide `count` types behind `dyn`. The next function hides
/// all but one of them too.
fn neighbours(count: usize, functions: usize) -> Vec<String> {
    let hidden = |n: usize| -> String {
        let value = |k| format!("if x > {k} {{ Box::new(S{}(x)) }} else ", n + k);
        (1..count).map(value).collect()
    };
    let function = |n| {
        let hidden = hidden(n);
        format!(
            "fn f{n}(x: u64) -> u64 {{ let s: Box<dyn Step> = {hidden}{{ Box::new(S{n}(x)) }}; s.step(x) }}"
        )
    };
    (0..functions).map(function).collect()
}

#[test]
fn functions_that_hide_a_type_with_the_next_ones_share_what_all_reach() {
    for count in [2, 3, 5] {
        let functions = neighbours(count, 9);
        let functions: Vec<&str> = functions.iter().map(String::as_str).collect();
        shares_after(count + 1, &functions);
    }
}

#[test]
fn functions_that_hide_types_behind_two_of_three_traits_share_what_pairs_reach() {
    let mut text = String::new();
    for name in ["A", "B", "C"] {
        let _ = writeln!(text, "trait {name} {{ fn run(&self) -> u64; }}");
        for n in 0..300 {
            let _ = writeln!(
                text,
                "struct {name}{n}(u64); impl {name} for {name}{n} {{ fn run(&self) -> u64 {{ self.0 * {n} }} }}"
            );
        }
    }
    let pairs = ["AB", "BC", "CA"];
    for n in 0..12 {
        let (one, other) = pairs[n % 3].split_at(1);
        let _ = writeln!(
            text,
            "fn f{n}(x: u64) -> u64 {{ let s: Box<dyn {one}> = Box::new({one}{n}(x)); let t: Box<dyn {other}> = Box::new({other}{n}(x)); s.run() + t.run() }}"
        );
    }
    let fixture = Fixture::lib(&text);
    let mut engine = fixture.engine();
    for n in 0..12 {
        let name = format!("f{n}");
        let id = engine.find(&format!("crate::{name}")).unwrap();
        let summary = engine.reach_of_item(id);
        assert_eq!(summary.digest, fixture.of(&name), "{name}");
        let own = summary.items.len();
        assert!(n < 9 || own < 300, "{name} has {own} items of its own");
    }
}

/// The listings of the functions of a program, parsed as the program parses them.
struct Listed {
    /// The lines that the program shares among all functions, by number.
    shared_lines: Vec<String>,
    /// The numbers of the shared lines and the own text of each function.
    lists: Vec<(String, String)>,
}

impl Listed {
    fn lines(&self, function: usize) -> Vec<&str> {
        let (numbers, own) = &self.lists[function];
        let ranges = numbers.split(',').filter(|range| !range.is_empty());
        let numbers = ranges.flat_map(|range| {
            let (first, last) = range.split_once('-').unwrap_or((range, range));
            first.parse::<usize>().unwrap()..=last.parse().unwrap()
        });
        let shared = numbers.map(|number| self.shared_lines[number].as_str());
        let mut lines: Vec<_> = shared.chain(own.lines()).collect();
        lines.sort_unstable();
        lines
    }
}

#[test]
fn every_function_lists_all_it_reaches_and_no_line_stands_in_the_program_three_times() {
    let functions = [
        "fn both(x: u64) -> u64 { x } fn own1(x: u64) -> u64 { x }",
        "#[memoize] fn f0(x: u64) -> u64 { both(x) + own1(x) }",
        "fn f1(x: u64) -> u64 { both(x) + 1 }",
        "fn f2(x: u64) -> u64 { let s: Box<dyn Step> = Box::new(S2(2)); s.step(both(x)) }",
        "fn f3(x: u64) -> u64 { let s: Box<dyn Step> = Box::new(S3(3)); s.step(both(x)) + f0(x) }",
        "fn f4(x: u64) -> u64 { let s: Box<dyn Step> = Box::new(S4(4)); s.step(x) }",
        "fn f5(x: u64) -> u64 { let s: Box<dyn Step> = Box::new(S5(5)); s.step(x) }",
    ];
    let mut engine = many(&functions).engine();
    let (mut texts, mut shared_lines, mut lists) = (Vec::new(), Vec::new(), Vec::new());
    for n in 0..6 {
        let id = engine.find(&format!("crate::f{n}")).unwrap();
        let summary = engine.reach_of_item(id);
        let listing = engine.listing(&summary);
        assert_eq!(listing.start as usize, shared_lines.len(), "f{n}");
        shared_lines.extend(listing.lines.lines().map(str::to_owned));
        lists.push((listing.numbers, listing.own));
        texts.push(engine.items_text(&summary));
    }
    let listed = Listed {
        shared_lines,
        lists,
    };
    for (n, text) in texts.iter().enumerate() {
        let mut expected: Vec<_> = text.lines().collect();
        expected.sort_unstable();
        assert_eq!(listed.lines(n), expected, "f{n}");
    }
    let own = listed.lists.iter().flat_map(|(_, own)| own.lines());
    let mut written: Vec<_> = own
        .chain(listed.shared_lines.iter().map(String::as_str))
        .collect();
    written.sort_unstable();
    assert!(written.windows(3).all(|three| three[0] != three[2]));
    assert!(listed.lists[0].1.contains("own1"));
}

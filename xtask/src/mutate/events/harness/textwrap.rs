//! Functions over textwrap.

use joblib::memoize;
use textwrap::Options;

const TEXTS: [&str; 5] = [
    "The quick brown fox jumps over the lazy dog, and a well-known one at that.",
    "Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich: ein Satz.",
    "一目了然 two words 三 four 五六七八 nine ten, eleven—twelve 十三",
    "👩‍👩‍👧‍👦 a family, 👍🏽 a thumb, 🇩🇪 a flag and e\u{301}\u{200b}x\u{200b}y in one line",
    "foo  bar\tbaz\n\n    indented text that-is-hyphenated, and http://example.com/long/path\n  end",
];

fn text(n: u64) -> &'static str {
    TEXTS[n as usize % TEXTS.len()]
}

#[memoize]
pub fn fill(n: u64) -> String {
    textwrap::fill(text(n), 10 + n as usize)
}

#[memoize]
pub fn wrap(n: u64) -> Vec<String> {
    let lines = textwrap::wrap(text(n), 20);
    lines.into_iter().map(|line| line.into_owned()).collect()
}

#[memoize]
pub fn indented(n: u64) -> String {
    let options = Options::new(18).initial_indent("* ").subsequent_indent("  ");
    textwrap::fill(text(n), options)
}

#[memoize]
pub fn unbroken(n: u64) -> String {
    textwrap::fill(text(n), Options::new(4).break_words(false))
}

#[memoize]
pub fn display_width(n: u64) -> Option<usize> {
    (1..300).find(|&width| textwrap::wrap(text(n), width).len() == 1)
}

#[memoize]
pub fn dedent(n: u64) -> String {
    textwrap::dedent(&textwrap::indent(text(n), "    "))
}

#[memoize]
pub fn prefixed(n: u64) -> String {
    textwrap::indent(text(n), "-> ")
}

#[memoize]
pub fn filled_again(n: u64) -> String {
    textwrap::fill(&textwrap::fill(text(n), 15), 30 + n as usize)
}

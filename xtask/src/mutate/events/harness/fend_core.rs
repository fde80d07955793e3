//! Functions over fend-core, the library of a calculator.

use joblib::memoize;

/// Returns the result of each text, or its error.
fn said(texts: &[&str], n: u64) -> String {
    let mut context = fend_core::Context::new();
    let said = |text: &&str| {
        let text = text.replace("#", &n.to_string());
        match fend_core::evaluate(&text, &mut context) {
            Ok(result) => result.get_main_result().to_owned(),
            Err(error) => error.to_string(),
        }
    };
    texts.iter().map(said).collect::<Vec<_>>().join("; ")
}

#[memoize]
pub fn arithmetic(n: u64) -> String {
    said(&["1/# + 2^#", "# * -3 - 4.5", "2^#! / 7", "(# + 1)(# - 1)"], n)
}

#[memoize]
pub fn units(n: u64) -> String {
    said(&["# ft to m", "# miles/hour to km/h", "# kg + 3 lb", "# weeks to seconds"], n)
}

#[memoize]
pub fn temperatures(n: u64) -> String {
    said(&["# C to F", "#00 K to C", "# celsius + 1 kelvin"], n)
}

#[memoize]
pub fn places(n: u64) -> String {
    said(&["#/7 to 5 dp", "pi * # to 10 sf", "#/3 to fraction", "#/8 as mixed_fraction"], n)
}

#[memoize]
pub fn functions(n: u64) -> String {
    said(&["sqrt #", "sin #", "log2 #", "ln # to 6 dp", "atan # to 4 dp", "abs (-#)"], n)
}

#[memoize]
pub fn bases(n: u64) -> String {
    said(&["#3 to hex", "#7 to binary", "0x#f + 1", "#2 to octal", "#9 to base 7"], n)
}

#[memoize]
pub fn bits(n: u64) -> String {
    said(&["#7 & 12", "#5 | 3", "#6 xor 9", "# << 5", "#00 >> 2"], n)
}

#[memoize]
pub fn complex(n: u64) -> String {
    said(&["(# + 2i) * (1 - i)", "i^#", "sqrt (-#)"], n)
}

#[memoize]
pub fn texts(n: u64) -> String {
    said(&["\"a\" + \"#\"", "#4 to string", "'#' to codepoint", "#5 to roman", "# to words"], n)
}

#[memoize]
pub fn variables(n: u64) -> String {
    said(&["x = #; y = x^2; x y", "f = \\v. v + #; f 3", "(x: x * #) 4"], n)
}

#[memoize]
pub fn dates(n: u64) -> String {
    said(&["@2024-02-2# + 3 days", "@2023-12-31 - # days", "@2020-0#-01"], n)
}

#[memoize]
pub fn refused(n: u64) -> String {
    said(&["# ft to kg", "1/0 + #", "# +", "unknown# + 1", "#! kg!"], n)
}

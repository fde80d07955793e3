//! Tests attributes of joblib that are imported or renamed.

use super::fixture::Fixture;

/// Returns the digest of `f` in a crate that depends on joblib as `jl` and on a crate
/// `other`.
fn of(text: &str) -> u128 {
    Fixture::app(text)
        .beside("joblib", "", "", &[])
        .beside("other", "", "", &[])
        .externs(&[("jl", "joblib"), ("other", "other")])
        .of("f")
}

#[track_caller]
fn changes(text: &str, from: &str, to: &str, is_change: bool) {
    assert!(text.contains(from), "{from:?} in\n{text}");
    let (before, after) = (of(text), of(&text.replacen(from, to, 1)));
    assert_eq!(
        before != after,
        is_change,
        "{from:?} became {to:?} in\n{text}"
    );
}

const K: &str =
    "#[memo(dir = \"a\")] fn k(x: u32, y: u32) -> u32 { x + y } fn f() -> u32 { k(1, 2) }";

#[test]
fn an_attribute_of_joblib_under_another_name_is_joblibs() {
    let text = format!("use jl::memoize as memo; {K}");
    changes(&text, "\"a\"", "\"b\"", false);
    changes(&text, "#[memo(", "/// Docs.\n#[memo(", false);
    changes(&text, "(dir = \"a\")", "(ignore(y))", true);
    changes(&text, "(dir = \"a\")", "(version = 2)", true);
    let text = format!(
        "use jl::{{memoize as memo, track as seen}}; {}",
        K.replace("fn f", "#[seen] fn f")
    );
    changes(&text, "\"a\"", "\"b\"", false);
    changes(&text, "#[seen]", "", false);
}

#[test]
fn a_name_that_may_also_be_another_attribute_is_not_joblibs() {
    for other in [
        "use other::memoize as memo; ",
        "use jl::memoize as memo; mod m { use other::memo; } ",
        "use jl::memoize as memo; mod m { use other::*; } ",
        "use jl::memoize as memo; mod m { use crate::*; } ",
        "",
    ] {
        changes(&format!("{other}{K}"), "\"a\"", "\"b\"", true);
    }
}

//! Tests that a call of an item that an annotation generates reaches the annotated
//! function.

use super::fixture::changes;

#[test]
fn a_method_counts_for_those_who_call_what_stands_beside_it() {
    for call in [
        "A::run_memo().uncached(x)",
        "<A>::run_memo().uncached(x)",
        "A::run_par(0..x)",
        "A.run_par(0..x)",
        "println!(\"{}\", A::run_memo().uncached(x))",
        "pass!(A::run_memo().uncached(x))",
    ] {
        let text = format!(
            "struct A; impl A {{ fn run(x: u8) -> u8 {{ x + 1 }} }} \
             macro_rules! pass {{ ($($t:tt)*) => {{ $($t)* }} }} fn f(x: u8) {{ {call} }}"
        );
        changes(&text, "x + 1", "x + 2");
    }
}

#[test]
fn a_function_counts_by_every_path_to_what_stands_beside_it() {
    for (import, call) in [
        ("", "m::g_memo::uncached(x)"),
        ("use m::g_memo;", "g_memo::uncached(x)"),
        ("use m::g_memo as other;", "other::uncached(x)"),
        ("use m::*;", "g_memo::uncached(x)"),
        ("use m::g_par;", "g_par(0..x)"),
    ] {
        let text = format!(
            "mod m {{ pub mod g {{}} pub fn g(x: u8) -> u8 {{ x + 1 }} }} {import} \
             fn f(x: u8) {{ {call} }}"
        );
        changes(&text, "x + 1", "x + 2");
    }
}

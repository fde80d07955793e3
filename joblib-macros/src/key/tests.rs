//! Checks that all errors are reported, in one expansion.

use quote::quote;

use super::expand;

#[test]
fn all_mistakes_are_reported_together() {
    let code = expand(quote! {
        #[key(skip, hash)]
        #[key(crate)]
        enum Mistaken {
            #[key(skip)]
            A {
                #[key(skip, skip)]
                twice: u8,
                #[key(skip = yes)]
                valued: u8,
            },
            B(#[key(crate = here)] u8, #[key(ignore)] u8),
        }
    });
    let code = code.to_string();
    for message in [
        "`skip` belongs on a field",
        "unknown option `hash`; a type takes `bound` and `crate = path`",
        "`crate` takes a path",
        "unknown option `skip`; a variant takes no options",
        "`skip` is set twice",
        "`skip` takes no value; write `skip` alone",
        "`crate = path` belongs on the type",
        "unknown option `ignore`; a field takes `skip`",
    ] {
        assert!(code.contains(message), "missing {message:?} in {code}");
    }
    assert_eq!(code.matches("impl").count(), 1, "{code}");
}

#[test]
fn what_is_no_option_is_told_with_an_example() {
    let told = |item| expand(item).to_string();
    let code = told(quote!(
        struct S {
            #[key("skip")]
            a: u8,
        }
    ));
    assert!(
        code.contains("expected an option, as in `#[key(skip)]`"),
        "{code}"
    );
    for item in [
        quote!(
            struct S {
                #[key(skip = 1)]
                a: u8,
            }
        ),
        quote!(
            struct S {
                #[key(skip = (a, b))]
                a: u8,
            }
        ),
    ] {
        let code = told(item);
        assert!(
            code.contains("`skip` takes no value; write `skip` alone"),
            "{code}"
        );
    }
}

#[test]
fn a_union_is_refused() {
    let code = expand(quote!(union Bits { float: f32, int: u32 })).to_string();
    assert!(
        code.contains("`Key` cannot be derived for a union"),
        "{code}"
    );
}

#[test]
fn docs_attributes_and_visibility_do_not_change_the_definition() {
    let plain = expand(quote!(
        struct P {
            x: f64,
            y: f64,
        }
    ))
    .to_string();
    let documented = expand(quote! {
        /// A point.
        pub struct P {
            /// Across.
            #[serde(default)]
            pub x: f64,
            pub(crate) y: f64,
        }
    });
    assert_eq!(documented.to_string(), plain);
    let swapped = expand(quote!(
        struct P {
            y: f64,
            x: f64,
        }
    ))
    .to_string();
    assert_ne!(swapped, plain);
}

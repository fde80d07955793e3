//! Checks that all errors are reported, in one expansion.

use quote::quote;

use super::expand;

#[test]
fn all_mistakes_are_reported_together() {
    let code = expand(quote! {
        #[persist(skip, hash, rename = "x")]
        #[persist(crate, view)]
        enum Mistaken {
            #[persist(skip)]
            A {
                #[persist(skip, skip)]
                twice: u8,
                #[persist(serde = yes)]
                valued: u8,
                #[persist(compress = "zip")]
                zipped: u8,
                #[persist(compress = "xz:10")]
                levelled: u8,
            },
            B(#[persist(crate = here)] u8, #[persist(ignore)] u8, #[persist(rename = "x")] u8),
        }
    });
    let code = code.to_string();
    for message in [
        "`skip` belongs on a field",
        "unknown option `hash`; a type takes",
        "a type can be renamed without it",
        "`crate` takes a path",
        "`view` takes a path",
        "`skip` is set twice",
        "`serde` takes no value; write `serde` alone",
        "unknown compression `zip`",
        #[cfg(feature = "xz")]
        "the levels of xz are 0 to 9",
        #[cfg(not(feature = "xz"))]
        "compressing with xz needs the feature `xz` of the crate `joblib`",
        "`crate` belongs on the type",
        "unknown option `ignore`; a field takes",
        "`rename` needs a named field",
    ] {
        assert!(code.contains(message), "missing {message:?} in {code}");
    }
}

#[test]
fn what_is_no_option_is_told_with_an_example() {
    let code = expand(quote!(
        struct S {
            #[persist("x")]
            a: u8,
        }
    ))
    .to_string();
    assert!(
        code.contains("expected an option, as in `#[persist(default)]`"),
        "{code}"
    );
}

#[test]
fn names_that_stand_for_two_fields_are_refused() {
    let code = expand(quote! {
        struct Twice {
            a: u8,
            #[persist(rename = "a")]
            b: u8,
            #[persist(alias = "b")]
            c: u8,
            #[persist(rename = "b")]
            d: u8,
        }
    });
    let code = code.to_string();
    assert_eq!(code.matches("have the same name").count(), 2, "{code}");
}

#[test]
fn a_union_is_refused() {
    let code = expand(quote!(union Bits { float: f32, int: u32 })).to_string();
    assert!(
        code.contains("`Persist` cannot be derived for a union"),
        "{code}"
    );
}

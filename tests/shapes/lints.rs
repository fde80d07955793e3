//! Derived code triggers no lint that user code can deny, wherever the user sets the
//! level.

use joblib::{Key, Persist};
use serde::{Deserialize, Serialize};

/// Denies every lint that can be denied.
#[deny(
    warnings,
    dead_code,
    deprecated,
    keyword_idents,
    let_underscore,
    missing_copy_implementations,
    missing_debug_implementations,
    missing_docs,
    nonstandard_style,
    rust_2018_idioms,
    single_use_lifetimes,
    trivial_casts,
    trivial_numeric_casts,
    unreachable_pub,
    unsafe_code,
    unused,
    unused_lifetimes,
    unused_qualifications,
    unused_results,
    variant_size_differences,
    clippy::all,
    clippy::pedantic,
    clippy::cargo
)]
mod denied {
    use super::*;

    /// A struct whose field names follow a paper.
    #[derive(Clone, Debug, Persist, Key, Serialize, Deserialize)]
    #[allow(non_snake_case)]
    pub(crate) struct Matrices {
        /// The inputs.
        pub(crate) X: Vec<f64>,
        /// The outputs.
        pub(crate) Y: Vec<f64>,
        pub(crate) Σ_inverse: Vec<f64>,
    }

    #[derive(Clone, Debug, Persist, Key, Serialize, Deserialize)]
    #[expect(non_camel_case_types)]
    pub(crate) struct lower_case {
        pub(crate) a: Vec<u8>,
    }

    #[derive(Clone, Debug, Persist, Key, Serialize, Deserialize)]
    #[allow(non_camel_case_types)]
    pub(crate) enum variants<T> {
        first_one(Vec<T>),
        second_one { a: u8 },
    }

    #[derive(Clone, Debug, Persist, Key, Serialize, Deserialize)]
    pub(crate) enum Attributed {
        #[allow(non_camel_case_types)]
        first_one(Vec<u8>),
        Second {
            #[allow(dead_code)]
            a: u8,
        },
    }

    #[derive(Clone, Debug, Persist, Key, Serialize, Deserialize)]
    #[allow(clippy::struct_field_names)]
    pub(crate) struct Field {
        pub(crate) field_a: Vec<u8>,
        pub(crate) field_b: u8,
        pub(crate) field_c: u8,
    }

    #[derive(Clone, Copy, Debug, Persist, Key, Serialize, Deserialize)]
    #[allow(clippy::struct_excessive_bools)]
    pub(crate) struct Flags {
        pub(crate) a: bool,
        pub(crate) b: bool,
        pub(crate) c: bool,
        pub(crate) d: bool,
    }

    #[derive(Clone, Debug, Persist, Key, Serialize, Deserialize)]
    #[allow(variant_size_differences, clippy::large_enum_variant)]
    pub(crate) enum Sizes {
        Small(u8),
        Large([[f64; 32]; 32], Vec<u8>),
    }

    #[derive(Clone, Debug, Persist, Key, Serialize, Deserialize)]
    #[allow(clippy::type_complexity)]
    pub(crate) struct Complex {
        pub(crate) a: Vec<(
            Option<Result<Vec<(u8, u16)>, String>>,
            Vec<Option<(u8, u8)>>,
        )>,
    }

    #[derive(Clone, Debug, Persist, Key, Serialize, Deserialize)]
    pub(crate) struct Unread {
        pub(crate) a: Vec<u8>,
        pub(crate) never: Vec<f64>,
    }

    #[derive(Clone, Debug, Persist, Key, Serialize, Deserialize)]
    pub(crate) struct Once<'a> {
        pub(crate) a: std::borrow::Cow<'a, str>,
    }
}

/// Lint levels on the type apply to the derived code.
#[deny(non_snake_case, deprecated)]
mod lowered {
    use super::*;

    #[derive(Clone, Persist, Key, Serialize, Deserialize)]
    #[allow(non_snake_case)]
    pub(super) struct Allowed {
        pub(super) A: Vec<u8>,
    }

    #[deprecated]
    #[derive(Clone, Persist, Key, Serialize, Deserialize)]
    pub(super) struct Old {
        pub(super) a: Vec<u8>,
    }

    #[derive(Clone, Persist, Key, Serialize, Deserialize)]
    #[allow(deprecated)]
    pub(super) struct OfOld {
        pub(super) a: Old,
        pub(super) b: Option<Box<Old>>,
    }

    #[derive(Clone, Persist, Key, Serialize, Deserialize)]
    pub(super) struct OldField {
        #[deprecated]
        pub(super) a: Vec<u8>,
        pub(super) b: u8,
    }

    #[derive(Clone, Persist, Key, Serialize, Deserialize)]
    pub(super) enum OldVariant {
        #[deprecated]
        A(Vec<u8>),
        B,
    }
}

#[test]
fn derived_code_triggers_no_lint() {
    use denied::*;
    crate::check((
        Matrices {
            X: vec![1.0],
            Y: vec![2.0],
            Σ_inverse: vec![3.0],
        },
        lower_case { a: vec![1] },
        [variants::first_one(vec![1]), variants::second_one { a: 1 }],
        [Attributed::first_one(vec![1]), Attributed::Second { a: 1 }],
        Field {
            field_a: vec![1],
            field_b: 2,
            field_c: 3,
        },
        Flags {
            a: true,
            b: false,
            c: true,
            d: false,
        },
        Complex { a: vec![] },
        Unread {
            a: vec![1],
            never: vec![],
        },
    ));
    let sizes = [Sizes::Small(1), Sizes::Large([[1.0; 32]; 32], vec![])];
    sizes.iter().for_each(|it| drop(crate::persisted(it)));
    crate::persisted(&Once { a: "a".into() });
    assert!(
        Unread {
            a: vec![],
            never: vec![]
        }
        .a
        .is_empty()
    );
}

#[test]
#[allow(deprecated)]
fn levels_on_the_type_apply_to_derived_code() {
    use lowered::*;
    let old = || Old { a: vec![1] };
    crate::check((
        Allowed { A: vec![1] },
        old(),
        OfOld {
            a: old(),
            b: Some(Box::new(old())),
        },
        OldField { a: vec![1], b: 2 },
        [OldVariant::A(vec![1]), OldVariant::B],
    ));
}

//! Generated items have the visibility of the function.

#![allow(unreachable_pub, reason = "the test checks the visibility as written")]

mod outer {
    pub mod inner {
        use joblib::memoize;

        #[memoize(dir = "../target/ui-cache")]
        fn private(x: u64) -> u64 {
            x
        }

        #[memoize(dir = "../target/ui-cache")]
        pub(super) fn of_parent(x: u64) -> u64 {
            private(x)
        }

        #[memoize(dir = "../target/ui-cache")]
        pub(crate) fn of_crate(x: u64) -> u64 {
            private(x)
        }

        #[memoize(dir = "../target/ui-cache")]
        pub fn of_all(x: u64) -> u64 {
            private(x)
        }

        #[derive(serde::Serialize)]
        struct Secret(u64);

        #[memoize(dir = "../target/ui-cache")]
        fn of_secret(secret: &Secret) -> u64 {
            secret.0
        }

        pub mod child {
            use super::private;

            pub fn call(x: u64) -> u64 {
                private(x) + super::private(x) + u64::from(private::check(x))
            }
        }

        pub fn call(x: u64) -> u64 {
            of_secret(&Secret(x))
        }

        pub struct Grid;

        impl Grid {
            #[memoize(dir = "../target/ui-cache")]
            pub(in crate::outer) fn area(x: u64) -> u64 {
                x
            }
        }
    }

    pub fn call(x: u64) -> u64 {
        inner::of_parent::clear();
        inner::Grid::area_memo().clear();
        inner::of_parent(x) + inner::Grid::area(x)
    }

    pub use inner::of_all as renamed;
}

use outer::inner::{child, of_all};
use outer::renamed;

fn main() {
    assert_eq!(child::call(1), 3);
    assert_eq!(outer::call(1), 2);
    assert_eq!(outer::inner::call(1), 1);
    assert_eq!(outer::inner::of_crate(1), 1);
    assert_eq!(of_all(1), 1);
    assert!(renamed::check(1));
    assert_eq!(renamed::FINGERPRINT, of_all::FINGERPRINT);
}

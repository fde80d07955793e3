//! The entry point of every program of this package: a decoder of
//! `joblib_runtime::fuzz`, run by libFuzzer.

pub use joblib_runtime::fuzz::run;
pub use libfuzzer_sys::fuzz_target;

/// Defines the program that fuzzes the decoder of this name.
#[macro_export]
macro_rules! target {
    ($name:literal) => {
        $crate::fuzz_target!(|bytes: &[u8]| $crate::run($name, bytes));
    };
}

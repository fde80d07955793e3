//! Tests of the guarantees of keys, for every type that implements `Key`.

/// Compares keys with golden values. Reports every difference in the form in which the
/// golden values are written.
macro_rules! golden {
    ($of:ident: $($value:expr => $key:literal,)*) => {
        let mut wrong = String::new();
        $({
            let key = $of(&$value);
            if key != $key {
                wrong += &format!("        {} => {key:#034x},\n", stringify!($value));
            }
        })*
        assert!(wrong.is_empty(), "these keys changed:\n{wrong}");
    };
}

mod golden;
mod laws;
mod long;
#[cfg(any(feature = "ndarray", feature = "nalgebra"))]
mod matrices;
mod select;
mod serialize;

//! What keys promise, for every type that has one.

/// Checks keys that are written down; every one that differs is told, in the
/// form it is written.
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

mod dispatch;
mod fallback;
mod golden;
mod laws;
#[cfg(any(feature = "ndarray", feature = "nalgebra"))]
mod matrices;

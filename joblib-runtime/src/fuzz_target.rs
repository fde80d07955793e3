//! What a fuzz target is. Each decoder defines its targets next to it; `fuzz` lists them.

/// A fuzz target.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// The name that selects the target.
    pub name: &'static str,
    /// Decodes arbitrary bytes, and panics if a guarantee is broken.
    pub run: fn(&[u8]),
    /// Valid inputs from which the fuzzer starts.
    pub seeds: fn() -> Vec<Vec<u8>>,
}

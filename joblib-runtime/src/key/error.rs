//! The error for a value that has no key.

/// The error for a value that has no key. The call that it is an argument of cannot be
/// cached.
#[derive(Clone, Debug, thiserror::Error)]
#[error("a `{type_name}` cannot be part of a key: {reason}")]
pub struct KeyError {
    /// The type of the value.
    pub type_name: &'static str,
    /// The reason, as in "its `Serialize` failed: …".
    pub reason: String,
}

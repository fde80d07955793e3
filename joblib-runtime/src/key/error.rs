//! Why a value has no key.

/// A value that could not be described, so that it has no key and the call it
/// belongs to cannot be cached.
#[derive(Clone, Debug, thiserror::Error)]
#[error("a `{type_name}` cannot be part of a key: {reason}")]
pub struct KeyError {
    /// The type of the value.
    pub type_name: &'static str,
    /// What went wrong, as in "its `Serialize` failed: …".
    pub reason: String,
}

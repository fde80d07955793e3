//! Why a value has no key.

/// A value whose `serde::Serialize` refused to describe it, so that it has no
/// key and the call it belongs to cannot be cached.
#[derive(Clone, Debug, thiserror::Error)]
#[error("a `{type_name}` cannot be part of a key: its `Serialize` failed: {reason}")]
pub struct Uncacheable {
    /// The type of the value.
    pub type_name: &'static str,
    /// What its `Serialize` said.
    pub reason: String,
}

//! Fuzzing of what parents and workers send each other.

mod function;
mod stray;
mod stream;
mod to_parent;
mod to_worker;

pub use self::stray::Stray;
pub(crate) use self::to_parent::TO_PARENT;
pub(crate) use self::to_worker::TO_WORKER;

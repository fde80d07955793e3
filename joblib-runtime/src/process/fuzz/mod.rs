//! Fuzz targets for the frames between parents and workers.

mod function;
mod rogue_parent;
mod stream;
mod to_parent;
mod to_worker;

pub use self::rogue_parent::RogueParent;
pub(crate) use self::to_parent::TO_PARENT;
pub(crate) use self::to_worker::TO_WORKER;

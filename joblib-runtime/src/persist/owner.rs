//! The owner of memory that outlives the values decoded from it, so that arrays can be
//! used in place. The code that decodes sets the owner for the duration of decoding.

use std::any::Any;
use std::cell::RefCell;
use std::mem::ManuallyDrop;
use std::sync::Arc;

/// Keeps memory valid and unchanged.
pub(crate) type Owner = Arc<dyn Any + Send + Sync>;

thread_local! {
    // Has no destructor, so that destructors of other thread locals can decode values. It
    // is empty while nothing is decoded.
    static OWNER: ManuallyDrop<RefCell<Option<Owner>>> = const {
        ManuallyDrop::new(RefCell::new(None))
    };
}

/// Sets `owner` as the owner of the bytes that this thread decodes, until the returned
/// guard is dropped.
///
/// # Safety
///
/// The bytes neither move nor change as long as `owner` is alive, and until the guard
/// is dropped this thread decodes no other bytes with [`embedded`](super::embedded).
pub(crate) unsafe fn set_owner(owner: Owner) -> BackingOwner {
    BackingOwner(OWNER.with(|kept| kept.replace(Some(owner))))
}

/// Lets this thread decode other bytes while it decodes those of an owner, until the
/// returned guard is dropped.
pub(crate) fn without_owner() -> BackingOwner {
    BackingOwner(OWNER.with(|kept| kept.take()))
}

/// A guard for the owner that [`set_owner`] or [`without_owner`] set. Restores the previous owner.
#[must_use = "the owner is set until this is dropped"]
pub(crate) struct BackingOwner(Option<Owner>);

impl Drop for BackingOwner {
    fn drop(&mut self) {
        OWNER.with(|owner| owner.replace(self.0.take()));
    }
}

/// Returns the owner of the bytes that this thread decodes.
pub(super) fn owner() -> Option<Owner> {
    OWNER.with(|owner| owner.borrow().clone())
}

//! Memory that outlives what is read from it, so that arrays can be used where
//! they lie: who reads says what keeps it, for as long as reading takes.

use std::any::Any;
use std::cell::RefCell;
use std::mem::ManuallyDrop;
use std::sync::Arc;

/// What keeps memory as it is.
pub(crate) type Owner = Arc<dyn Any + Send + Sync>;

thread_local! {
    // Without a destructor, so that destructors of other thread locals can
    // read. It is empty while nothing is read.
    static OWNER: ManuallyDrop<RefCell<Option<Owner>>> = const {
        ManuallyDrop::new(RefCell::new(None))
    };
}

/// Has this thread decode bytes that neither move nor change as long as `owner` is
/// there, until what is returned is dropped.
///
/// # Safety
///
/// It is so, and no others are decoded with [`embedded`](super::embedded) meanwhile.
pub(crate) unsafe fn keep(owner: Owner) -> BackingOwner {
    BackingOwner(OWNER.with(|kept| kept.replace(Some(owner))))
}

/// Keeps the memory that this thread decodes; restores what was kept before.
#[must_use = "the memory is kept until this is dropped"]
pub(crate) struct BackingOwner(Option<Owner>);

impl Drop for BackingOwner {
    fn drop(&mut self) {
        OWNER.with(|owner| owner.replace(self.0.take()));
    }
}

/// What keeps the bytes that this thread decodes.
pub(super) fn owner() -> Option<Owner> {
    OWNER.with(|owner| owner.borrow().clone())
}

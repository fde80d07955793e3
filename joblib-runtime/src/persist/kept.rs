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

/// Runs `read`, which decodes bytes that neither move nor change as long as
/// `owner` is there.
///
/// # Safety
///
/// It is so, and `read` decodes no others with [`bare`](super::bare).
pub(crate) unsafe fn keeping<R>(owner: Owner, read: impl FnOnce() -> R) -> R {
    struct Restored(Option<Owner>);
    impl Drop for Restored {
        fn drop(&mut self) {
            OWNER.with(|owner| owner.replace(self.0.take()));
        }
    }
    let _restored = Restored(OWNER.with(|kept| kept.replace(Some(owner))));
    read()
}

/// What keeps the bytes that this thread decodes.
pub(super) fn owner() -> Option<Owner> {
    OWNER.with(|owner| owner.borrow().clone())
}

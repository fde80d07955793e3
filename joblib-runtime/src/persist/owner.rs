//! The owner of memory that outlives the values decoded from it, so that arrays can be
//! used in place. The code that decodes sets the owner for the duration of decoding.

use std::any::Any;
use std::cell::RefCell;
use std::mem::ManuallyDrop;
use std::ops::Range;
use std::sync::Arc;

/// Keeps memory valid and unchanged.
pub(crate) type Owner = Arc<dyn Any + Send + Sync>;

thread_local! {
    // Has no destructor, so that destructors of other thread locals can decode values. It
    // is empty while nothing is decoded.
    static OWNED: ManuallyDrop<RefCell<Option<OwnedBytes>>> = const {
        ManuallyDrop::new(RefCell::new(None))
    };
}

/// Bytes that are valid and unchanged as long as their owner is alive.
struct OwnedBytes {
    owner: Owner,
    addresses: Range<usize>,
}

/// Sets `owner` as the owner of `bytes`, which this thread decodes, until the returned
/// guard is dropped.
///
/// # Safety
///
/// The bytes neither move nor change as long as `owner` is alive.
pub(crate) unsafe fn set_owner(owner: Owner, bytes: &[u8]) -> BackingOwner {
    let addresses = addresses(bytes);
    let owned = OwnedBytes { owner, addresses };
    BackingOwner(OWNED.with(|kept| kept.replace(Some(owned))))
}

/// A guard for the owner that [`set_owner`] set. Restores the previous owner.
#[must_use = "the owner is set until this is dropped"]
pub(crate) struct BackingOwner(Option<OwnedBytes>);

impl Drop for BackingOwner {
    fn drop(&mut self) {
        OWNED.with(|owned| owned.replace(self.0.take()));
    }
}

/// Returns the owner of `bytes`, if they are those of [`set_owner`]. Code of the user that
/// runs while a value is decoded may decode others.
pub(super) fn owner_of(bytes: &[u8]) -> Option<Owner> {
    OWNED.with(|owned| {
        let owned = owned.borrow();
        let owned = owned.as_ref()?;
        (owned.addresses == addresses(bytes)).then(|| Arc::clone(&owned.owner))
    })
}

fn addresses(bytes: &[u8]) -> Range<usize> {
    let ends = bytes.as_ptr_range();
    ends.start.addr()..ends.end.addr()
}

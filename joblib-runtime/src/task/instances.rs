//! Instances of generic functions, found by their types at run time. Where a generic
//! function is called, the compiler does not know which instances are registered.

use std::any::{Any, TypeId};
use std::collections::HashMap;

use super::not_remote::NotRemote;
use super::remote::RemoteVTable;
use crate::fork::OnceComputed;

/// How to send tasks to another process, or why they cannot be sent.
pub type Way<A, S, R> = Result<RemoteVTable<A, S, R>, NotRemote>;

/// The slot into which an instance stores how it is sent. The marker `M` distinguishes
/// functions with the same types.
pub struct InstanceSlot<M, A, S, R> {
    way: Option<Way<A, S, R>>,
    marker: std::marker::PhantomData<fn() -> M>,
}

/// A registered instance. `found` is a `for<'a> fn(&mut InstanceSlot<M, A, S, R>)` with
/// `'a` for every lifetime.
pub struct InstanceEntry {
    /// The function that fills an [`InstanceSlot`].
    pub fill: &'static (dyn Any + Send + Sync),
}

inventory::collect!(InstanceEntry);

impl<M, A, S, R> InstanceSlot<M, A, S, R> {
    /// An empty slot.
    pub const NOTHING: Self = InstanceSlot {
        way: None,
        marker: std::marker::PhantomData,
    };

    /// Stores `way`.
    pub fn set(&mut self, way: Way<A, S, R>) {
        self.way = Some(way);
    }

    /// Returns what was stored, or else the error from `unlisted`.
    pub fn or_else(self, unlisted: impl FnOnce() -> NotRemote) -> Way<A, S, R> {
        self.way.unwrap_or_else(|| Err(unlisted()))
    }
}

/// Returns the function that is registered under its own type `F`.
pub fn find_instance<F: Any + Copy>() -> Option<F> {
    type ByType = HashMap<TypeId, &'static (dyn Any + Send + Sync)>;
    static BY_TYPE: OnceComputed<ByType> = OnceComputed::new();
    let by_type = BY_TYPE.get_or_init(|| {
        let all = inventory::iter::<InstanceEntry>;
        all.into_iter()
            .map(|known| (known.fill.type_id(), known.fill))
            .collect()
    });
    by_type.get(&TypeId::of::<F>())?.downcast_ref().copied()
}

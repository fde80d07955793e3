//! Instances of generic functions, found by their types at run time: where a
//! generic function is called, the compiler does not know which of them are
//! registered.

use std::any::{Any, TypeId};
use std::collections::HashMap;

use super::not_remote::NotRemote;
use super::remote::RemoteVTable;
use crate::fork::OnceComputed;

/// How tasks travel, or why they stay.
pub type Way<A, S, R> = Result<RemoteVTable<A, S, R>, NotRemote>;

/// Where an instance leaves how it travels. The marker `M` tells functions of
/// the same types apart.
pub struct InstanceSlot<M, A, S, R> {
    way: Option<Way<A, S, R>>,
    marker: std::marker::PhantomData<fn() -> M>,
}

/// An instance that is registered: `found` is a
/// `for<'a> fn(&mut Found<M, A, S, R>)` with `'a` for every lifetime.
pub struct InstanceEntry {
    /// What fills in a [`InstanceSlot`].
    pub found: &'static (dyn Any + Send + Sync),
}

inventory::collect!(InstanceEntry);

impl<M, A, S, R> InstanceSlot<M, A, S, R> {
    /// Nothing yet.
    pub const NOTHING: Self = InstanceSlot {
        way: None,
        marker: std::marker::PhantomData,
    };

    /// Leaves `way`.
    pub fn leave(&mut self, way: Way<A, S, R>) {
        self.way = Some(way);
    }

    /// What was left, or else `unlisted`.
    pub fn or_else(self, unlisted: impl FnOnce() -> NotRemote) -> Way<A, S, R> {
        self.way.unwrap_or_else(|| Err(unlisted()))
    }
}

/// The function that is registered under its own type `F`.
pub fn listed<F: Any + Copy>() -> Option<F> {
    type ByType = HashMap<TypeId, &'static (dyn Any + Send + Sync)>;
    static BY_TYPE: OnceComputed<ByType> = OnceComputed::new();
    let by_type = BY_TYPE.get_or_init(|| {
        let all = inventory::iter::<InstanceEntry>;
        all.into_iter()
            .map(|known| (known.found.type_id(), known.found))
            .collect()
    });
    by_type.get(&TypeId::of::<F>())?.downcast_ref().copied()
}

//! What shares the cores of this process: how many there are, how many a call may use, and the
//! threads that are lent to calls. What runs on them is up to the callers.

mod cgroup;
pub(crate) mod core_budget;
mod cores;
pub(crate) mod rayon_pool;
pub(crate) mod thread_pool;

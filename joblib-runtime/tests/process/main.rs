//! Calls on worker processes, which are this test program again.

mod call;
mod faults;
mod function;
mod laws;
mod memory;
mod parent;
mod sizes;

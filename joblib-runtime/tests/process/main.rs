//! Calls on worker processes, which are this test program again.

mod call;
mod changed;
mod endings;
mod faults;
mod function;
mod inherited;
mod laws;
mod memory;
mod parent;
mod sizes;

//! Calls on worker processes, which run this test program.

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

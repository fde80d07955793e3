//! Files with a name from the start, as file systems need them that have none
//! without.

//! Programs that use the macros of joblib. Those in `pass/` must compile and run.
//! Those in the other directories must fail to compile, each with the messages in
//! the `.stderr` file of the same name.

//! Programs that use joblib's annotations: those in `pass/` must compile and
//! run, those in the other folders must not compile, each with the message
//! in the `.stderr` beside it.

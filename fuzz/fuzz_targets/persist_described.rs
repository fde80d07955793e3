#![no_main]

joblib_fuzz::target!("persist_described");

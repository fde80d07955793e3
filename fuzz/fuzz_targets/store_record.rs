#![no_main]

joblib_fuzz::target!("store_record");

#![no_main]

joblib_fuzz::target!("frames_to_worker");

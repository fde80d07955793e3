#![no_main]

joblib_fuzz::target!("codec");

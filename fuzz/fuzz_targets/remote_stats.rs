#![no_main]

joblib_fuzz::target!("remote_stats");

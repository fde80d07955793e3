#![no_main]

joblib_fuzz::target!("surroundings");

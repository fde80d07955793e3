#![no_main]

joblib_fuzz::target!("call_context");

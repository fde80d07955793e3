//! A hit equals the computed value; otherwise the call is a miss.

use joblib::Memory;
use serde_json::Value;

mod described;
mod lost;
mod order;
#[path = "../serde_types/mod.rs"]
mod serde_types;

static MEMORY: Memory = Memory::new(concat!(env!("CARGO_TARGET_TMPDIR"), "/results"));

fn json(n: u64) -> Value {
    serde_json::json!({"z": [n, -1, 0.1, null], "a": {"text": "ß", "many": u64::MAX}})
}

const AGAIN: &str = "JOBLIB_TEST_RESULTS";

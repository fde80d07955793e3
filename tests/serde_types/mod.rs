//! Types that only a self-describing encoding can read back.

use std::collections::HashMap;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use serde_json::Value;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Untagged {
    Number(f64),
    Words(Vec<String>),
    At { at: IpAddr },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind")]
pub(crate) enum Tagged {
    Plain { x: u64 },
    More(Flat),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Flat {
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) left_out: Option<u8>,
    #[serde(skip_serializing, default)]
    pub(crate) never: u8,
    pub(crate) name: String,
    #[serde(flatten)]
    pub(crate) rest: HashMap<String, Value>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Skipping {
    First,
    #[serde(skip)]
    #[allow(dead_code, reason = "only the position of the variant matters")]
    Never,
    Second(Option<u8>),
    Third,
}

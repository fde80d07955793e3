use joblib::Persist;

#[derive(Persist)]
struct Run {
    any: serde::de::IgnoredAny,
    count: u64,
}

fn main() {}

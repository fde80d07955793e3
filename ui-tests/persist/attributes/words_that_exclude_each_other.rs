use joblib::Persist;

#[derive(Persist)]
struct Model {
    #[persist(skip, rename = "b")]
    renamed: u64,
    #[persist(skip, alias = "c")]
    aliased: u64,
    #[persist(skip, serde)]
    described: u64,
    #[persist(skip, compress = "zstd")]
    compressed: Vec<u8>,
    #[persist(serde, with = module)]
    both: u64,
    #[persist(serde, compress = "zstd")]
    text: String,
}

fn main() {}

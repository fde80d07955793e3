use joblib::Persist;

#[derive(Persist)]
struct Model {
    #[persist(ignore)]
    unknown: u64,
    #[persist(skip, skip)]
    twice: u64,
    #[persist(write_only)]
    of_the_type: u64,
    #[persist(serde = true)]
    valued: u64,
    #[persist(rename = name)]
    unquoted: u64,
    #[persist(rename = "")]
    nameless: u64,
    #[persist(alias = "a", alias = "a")]
    aliased: u64,
    #[persist(with)]
    with_nothing: u64,
    #[persist(default = "not a path")]
    text: u64,
    #[persist]
    nothing: u64,
    #[persist(skip default)]
    without_comma: u64,
    #[persist = "skip"]
    equals: u64,
    #[persist("skip")]
    quoted: u64,
}

fn main() {}

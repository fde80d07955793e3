mod inner {
    #[joblib::memoize]
    pub fn main() -> u64 {
        1
    }
}

#[joblib::memoize]
fn main() {
    inner::main();
}

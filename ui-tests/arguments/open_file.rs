use joblib::memoize;

#[memoize]
fn size(file: &std::fs::File) -> u64 {
    file.metadata().unwrap().len()
}

fn main() {
    size(&std::fs::File::open("a").unwrap());
}

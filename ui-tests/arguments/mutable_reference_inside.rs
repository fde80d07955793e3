use joblib::memoize;

#[memoize]
fn sort(data: Option<&mut [u64]>) -> u64 {
    data.map_or(0, |data| data[0])
}

fn main() {
    sort(None);
}

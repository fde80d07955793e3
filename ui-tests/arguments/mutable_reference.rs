use joblib::memoize;

#[memoize]
fn sort(data: &mut Vec<u64>) -> u64 {
    data.sort();
    data[0]
}

fn main() {
    sort(&mut vec![2, 1]);
}

#[joblib::parallel(shared(data))]
fn score(fold: usize, data: &[u64]) -> u64 {
    data[fold]
}

async fn scores() -> Vec<u64> {
    let data = vec![1, 2, 3];
    score::par(0..3, &data).await.unwrap()
}

fn main() {
    drop(scores());
}

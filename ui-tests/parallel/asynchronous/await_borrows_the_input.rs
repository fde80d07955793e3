async fn sum(data: &[u64]) -> Vec<u64> {
    joblib::par(data).map(|x| x + 1).await.unwrap()
}

fn main() {
    drop(sum(&[1]));
}

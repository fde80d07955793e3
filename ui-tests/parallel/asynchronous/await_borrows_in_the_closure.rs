async fn sum() -> Vec<usize> {
    let data = vec![1, 2, 3];
    joblib::par(0..3).map(|x| data[x]).await.unwrap()
}

fn main() {
    drop(sum());
}

#[joblib::main]
async fn main() {}

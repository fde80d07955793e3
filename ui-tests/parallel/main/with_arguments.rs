#[joblib::main]
fn main(arguments: Vec<String>) {}

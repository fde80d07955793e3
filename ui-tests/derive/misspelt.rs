use joblib::Key;

#[derive(Key)]
#[key(bounds = "", rename = "Other")]
struct Args {
    #[key(skipp)]
    x: u64,
    #[key(ignore)]
    y: u64,
}

fn main() {
    let Args { x, y } = Args { x: 1, y: 2 };
    println!("{x}{y}");
}

struct Plan(u8);

fn main() {
    let plan = joblib::task!(|x: u8| Plan(x));
    let _ = plan(1).0;
}

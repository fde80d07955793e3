struct Plan(u8);

fn main() {
    let _ = joblib::task!(|plan: Plan| plan.0);
}

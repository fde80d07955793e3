use joblib::memoize;

#[memoize]
fn serve(port: u16) -> ! {
    loop {
        std::hint::black_box(port);
    }
}

fn main() {
    serve(1);
}

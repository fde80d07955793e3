#![deny(warnings)]

use joblib::memoize;

struct Timer;

impl Timer {
    #[memoize(ignore(self))]
    fn start(&self) -> u64 {
        std::time::Instant::now().elapsed().as_secs()
    }
}

fn main() {
    Timer.start();
}

#![deny(private_interfaces)]

pub mod models {
    use joblib::Persist;

    #[derive(Persist)]
    struct Inner {
        bias: Vec<f64>,
    }

    #[derive(Persist)]
    pub struct Model {
        pub inner: Inner,
    }
}

fn main() {}

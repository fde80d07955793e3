//! Derived code triggers no lint.

#![forbid(unsafe_code)]
#![deny(
    missing_docs,
    missing_debug_implementations,
    missing_copy_implementations,
    unused,
    nonstandard_style,
    rust_2018_idioms,
    future_incompatible,
    unreachable_pub,
    single_use_lifetimes,
    unused_qualifications,
    unused_lifetimes,
    trivial_casts,
    private_interfaces,
    private_bounds,
    deprecated,
    clippy::all,
    clippy::pedantic
)]

use std::borrow::Cow;

use joblib::Persist;

/// A model.
#[derive(Debug, Persist)]
pub struct Model<'a, T> {
    /// Its weights.
    pub weights: Vec<f64>,
    /// Its items.
    pub items: Vec<T>,
    /// Its name.
    pub name: Cow<'a, str>,
    layer: Layer,
    kind: Kind,
    #[persist(default)]
    next: Option<Box<Layer>>,
    #[persist(skip)]
    skipped: u8,
    #[persist(serde)]
    described: String,
}

/// A layer.
#[derive(Debug, Persist)]
#[persist(from = OldLayer)]
struct Layer(Vec<f64>, #[persist(default = bias)] f64);

#[derive(Debug, Persist)]
struct OldLayer {
    weights: Vec<f64>,
}

impl From<OldLayer> for Layer {
    fn from(old: OldLayer) -> Self {
        Layer(old.weights, 0.0)
    }
}

fn bias() -> f64 {
    0.5
}

/// A kind.
#[derive(Clone, Copy, Debug, Persist)]
pub enum Kind {
    /// None.
    None,
    /// Some.
    Some {
        /// How many.
        count: u8,
    },
}

/// A type that is its own view.
#[derive(Clone, Copy, Debug, Persist)]
pub struct Unit;

/// Only written.
#[derive(Debug, Persist)]
#[persist(write_only)]
pub struct Borrowed<'a> {
    /// Its weights.
    pub weights: &'a [f64],
}

/// An old model.
#[derive(Debug, Persist)]
#[deprecated]
pub struct Old {
    /// Its weights.
    #[deprecated]
    pub weights: Vec<f64>,
}

mod inner {
    #[derive(Debug, joblib::Persist)]
    pub(crate) struct Within {
        pub(crate) weights: Vec<f64>,
    }

    #[derive(Debug, joblib::Persist)]
    enum Hidden {
        On,
        Off(Vec<f64>),
    }

    pub(crate) fn hidden() -> String {
        format!("{:?} {:?}", Hidden::On, Hidden::Off(Vec::new()))
    }
}

fn main() {
    let model = Model {
        weights: vec![1.0],
        items: vec![1_u8],
        name: "n".into(),
        layer: Layer(vec![1.0], bias()),
        kind: Kind::Some { count: 1 },
        next: None,
        skipped: 0,
        described: String::new(),
    };
    println!("{} {}", joblib::hash(&model), inner::hidden());
    println!("{}", joblib::hash(&Kind::None));
    println!(
        "{}",
        joblib::hash(&inner::Within { weights: vec![] }.weights)
    );
    println!("{}", joblib::hash(&(Unit, Borrowed { weights: &[1.0] })));
    let _ = (model.skipped, OldLayer { weights: vec![] });
}

//! A crate may forbid any lint, because derived code contains no `allow`.

#![forbid(
    dead_code,
    deprecated,
    missing_debug_implementations,
    missing_docs,
    non_camel_case_types,
    non_snake_case,
    non_upper_case_globals,
    nonstandard_style,
    single_use_lifetimes,
    trivial_casts,
    unreachable_code,
    unreachable_pub,
    unsafe_code,
    unused,
    unused_lifetimes,
    unused_qualifications,
    clippy::all,
    clippy::pedantic
)]

use joblib::{Key, Persist};

/// A struct.
#[derive(Debug, Persist, Key)]
pub struct Model<'a, T> {
    /// Its weights.
    pub weights: Vec<f64>,
    /// Its name.
    pub name: std::borrow::Cow<'a, str>,
    items: Vec<T>,
    #[persist(default)]
    later: u8,
    #[persist(skip)]
    #[key(skip)]
    skipped: u8,
}

/// An enum.
#[derive(Debug, Persist, Key)]
pub enum Kind {
    /// Nothing.
    None,
    /// Several.
    Several {
        /// How many.
        weights: Vec<f64>,
    },
    /// Two.
    Two(Vec<f64>, u8),
}

/// Without values.
#[derive(Clone, Copy, Debug, Persist, Key)]
pub enum Never {}

/// Is its field.
#[derive(Debug, Persist, Key)]
#[persist(transparent)]
pub struct Meters(Vec<f64>);

fn main() {
    let model = Model {
        weights: vec![1.0],
        name: "n".into(),
        items: vec![1_u8],
        later: 1,
        skipped: 2,
    };
    let kinds = [
        Kind::None,
        Kind::Several { weights: vec![] },
        Kind::Two(vec![], 1),
    ];
    println!("{} {}", joblib::hash(&model), joblib::hash(&kinds));
    println!("{}", joblib::hash(&Meters(vec![1.0])));
    println!("{} {:?}", model.skipped + model.later, model.items);
}

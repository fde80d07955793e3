//! Generated code triggers none of the lints of `clippy::pedantic`.

#![deny(warnings, clippy::pedantic)]

use std::borrow::Cow;
use std::io;

use joblib::{Key, Persist, memoize, parallel, task, track};
use serde::{Deserialize, Serialize};

/// Some settings.
#[derive(Clone, Debug, PartialEq, Key, Persist)]
pub struct Settings<'a, T> {
    /// Their name.
    pub name: Cow<'a, str>,
    #[persist(default)]
    rates: Vec<T>,
    #[persist(skip)]
    #[key(skip)]
    verbose: bool,
}

/// A choice. Lints about serde see that it has no `unsafe` methods.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, Key, Persist)]
pub enum Choice {
    /// Without a value.
    Nothing,
    /// With one.
    Something {
        /// Its rate.
        rate: f64,
    },
}

#[memoize(dir = "../target/ui-cache")]
fn optional(word: Option<&str>, words: &[&str], _unused: u64) -> usize {
    word.map_or(0, str::len) + words.len()
}

#[memoize(dir = "../target/ui-cache", key(pair = pair.0), ignore(_verbose))]
fn keyed(pair: (u32, f64), _verbose: bool) -> io::Result<f64> {
    match pair.0 {
        0 => Err(io::Error::other("zero")),
        number => Ok(f64::from(number) + pair.1),
    }
}

#[memoize(dir = "../target/ui-cache")]
fn generic<T: Key + Into<u64> + Copy, const N: usize>(values: [T; N], _other: &T) -> u64 {
    values.iter().map(|&value| value.into()).sum()
}

#[memoize(dir = "../target/ui-cache")]
async fn later(settings: &Settings<'_, f64>, _unused: &str) -> Option<String> {
    std::future::ready(settings.name.split(' ').next_back().map(str::to_owned)).await
}

#[memoize(dir = "../target/ui-cache")]
#[allow(deprecated)]
fn nothing(_unused: &str) {}

#[parallel(shared(settings))]
fn scaled(x: f64, _unused: u8, settings: &Settings<'_, f64>) -> f64 {
    settings.rates.iter().map(|rate| rate * x).sum()
}

#[parallel(instantiate(u8, u16))]
fn doubled<T: Into<u32>>(x: T) -> u32 {
    x.into() * 2
}

#[parallel]
#[memoize(dir = "../target/ui-cache")]
fn both(x: u32, _unused: Option<&str>) -> u32 {
    x + 1
}

#[track]
fn tracked(_unused: u64) -> u64 {
    1
}

impl Settings<'_, f64> {
    #[memoize(dir = "../target/ui-cache")]
    fn total(&self, _unused: u64) -> f64 {
        self.rates.iter().sum()
    }

    #[parallel]
    #[memoize(dir = "../target/ui-cache", ignore(self))]
    fn times(&self, x: u32, _unused: u8) -> u32 {
        x * u32::from(self.verbose)
    }
}

impl Choice {
    #[memoize(dir = "../target/ui-cache")]
    async fn later(self) -> u64 {
        std::future::ready(1).await
    }

    #[parallel]
    #[memoize(dir = "../target/ui-cache", key(self = self.area(0)))]
    fn scaled(&self, x: f64) -> f64 {
        self.area(0) * x
    }
}

trait Area {
    fn area(&self, _unused: u64) -> f64;
}

impl Area for Choice {
    #[memoize(dir = "../target/ui-cache")]
    fn area(&self, _unused: u64) -> f64 {
        match self {
            Choice::Nothing => 0.0,
            Choice::Something { rate } => *rate,
        }
    }
}

fn main() -> io::Result<()> {
    let settings = Settings {
        name: Cow::Borrowed("settings"),
        rates: vec![0.5, 1.5],
        verbose: true,
    };
    let offset = 1_u32;
    let shifted: Vec<u32> = joblib::par([1, 2])
        .map(task!([offset: u32] |x: u32| x + offset))
        .collect();
    let scaled: Vec<f64> = scaled::par([(1.0, 0)], &settings).collect();
    let doubled: Vec<u32> = doubled::par([1_u8]).collect();
    let both: Vec<u32> = both::par([(1, None)]).collect();
    let times: Vec<u32> = settings.times_par([(1, 0)]).collect();
    println!("{shifted:?} {scaled:?} {doubled:?} {both:?} {times:?}");
    let areas: Vec<f64> = Choice::Nothing.scaled_par([1.0]).collect();
    drop(Choice::Nothing.later());
    println!("{areas:?}");
    nothing("");
    drop(later(&settings, ""));
    println!(
        "{} {} {} {} {} {}",
        optional(Some("word"), &["more"], 1),
        keyed((1, 2.0), true)?,
        generic([1_u32, 2], &3),
        tracked(1),
        settings.total(1),
        Choice::Something { rate: 1.0 }.area(1),
    );
    Ok(())
}

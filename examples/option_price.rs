//! Monte Carlo with seeds: the price of an Asian option, as precise as asked.
//!
//! Each row of the table is a round of batches that run in parallel and arrive as a
//! stream; the program stops when the 95 % confidence interval is narrow enough.
//!
//! ```console
//! cargo run --release --example option_price --features rand
//! ```
//!
//! The second run computes nothing. Each batch draws a seed from `joblib::rng()`, which
//! depends on the seed of the call and the position of the batch, not on the worker.
//! The seed is an argument of the memoized function, hence part of its key. A smaller
//! `PRECISION` continues where the last run ended. Precision is tested between rounds:
//! tasks run ahead of a stream, so within a round, what has been computed depends on time.

use std::error::Error;
use std::f64::consts::TAU;
use std::time::Instant;

use joblib::{Key, Persist, memoize, parallel};
use rand::rngs::StdRng;
use rand::{Rng, RngExt, SeedableRng};

/// The right to buy at the price `strike`, in a year, what costs the mean price of the
/// year.
#[derive(Clone, Copy, Key, Persist)]
struct AsianCall {
    price: f64,
    strike: f64,
    interest: f64,
    volatility: f64,
}

const OPTION: AsianCall = AsianCall {
    price: 100.0,
    strike: 105.0,
    interest: 0.03,
    volatility: 0.2,
};
/// Half of the width of the interval at which the program stops.
const PRECISION: f64 = 0.03;
/// Batches of a round.
const BATCHES: u32 = 16;
/// Paths of a batch.
const PATHS: u32 = 2_000;
/// Days on which the price is taken.
const DAYS: u32 = 252;

/// Payoffs of many paths, as far as mean and variance need them.
#[derive(Clone, Copy, Default, Persist)]
struct Payoffs {
    paths: u32,
    sum: f64,
    sum_of_squares: f64,
}

/// Simulates a batch of paths with random numbers of its own.
#[parallel(shared(option))]
fn batch(_number: u32, option: &AsianCall) -> Payoffs {
    simulate(*option, PATHS, joblib::rng().next_u64())
}

/// Returns the payoffs of `paths` paths of geometric Brownian motion.
#[memoize(dir = ".cache")]
fn simulate(option: AsianCall, paths: u32, seed: u64) -> Payoffs {
    let mut rng = StdRng::seed_from_u64(seed);
    let mut payoffs = Payoffs::default();
    for _ in 0..paths {
        let payoff = option.payoff(&mut rng);
        payoffs.add(Payoffs {
            paths: 1,
            sum: payoff,
            sum_of_squares: payoff * payoff,
        });
    }
    payoffs
}

impl AsianCall {
    /// Returns the payoff of one path, discounted to today.
    fn payoff(&self, rng: &mut StdRng) -> f64 {
        let dt = 1.0 / f64::from(DAYS);
        let drift = (self.interest - self.volatility.powi(2) / 2.0) * dt;
        let mut price = self.price;
        let mut sum = 0.0;
        for _ in 0..DAYS {
            price *= (drift + self.volatility * dt.sqrt() * normal(rng)).exp();
            sum += price;
        }
        (-self.interest).exp() * (sum * dt - self.strike).max(0.0)
    }
}

/// Draws from the normal distribution by the method of Box and Muller.
fn normal(rng: &mut StdRng) -> f64 {
    let (radius, angle): (f64, f64) = (rng.random(), rng.random());
    (-2.0 * (1.0 - radius).ln()).sqrt() * (TAU * angle).cos()
}

impl Payoffs {
    fn add(&mut self, other: Payoffs) {
        self.paths += other.paths;
        self.sum += other.sum;
        self.sum_of_squares += other.sum_of_squares;
    }

    fn mean(&self) -> f64 {
        self.sum / f64::from(self.paths)
    }

    /// Half of the width of the 95 % confidence interval of the mean.
    fn precision(&self) -> f64 {
        let count = f64::from(self.paths);
        let variance = self.sum_of_squares / count - self.mean().powi(2);
        1.96 * (variance / count).sqrt()
    }
}

#[joblib::main]
fn main() -> Result<(), Box<dyn Error>> {
    let start = Instant::now();
    let mut total = Payoffs::default();
    println!("   paths   price   95 % interval");
    for round in 0.. {
        for payoffs in batch::par(0..BATCHES, &OPTION).seed(round).stream() {
            total.add(payoffs);
        }
        println!(
            "{:>8} {:>7.3}   ± {:.4}",
            total.paths,
            total.mean(),
            total.precision()
        );
        if total.precision() < PRECISION {
            break;
        }
    }
    let stats = simulate::stats();
    let loaded = stats.memory_hits + stats.disk_hits;
    println!(
        "\n{} batches computed, {loaded} loaded, in {:.2?}",
        stats.misses,
        start.elapsed()
    );
    Ok(())
}

//! Functions over statrs.

use joblib::memoize;
use statrs::distribution::{
    Beta, Binomial, ChiSquared, Continuous, ContinuousCDF, Discrete, DiscreteCDF, Exp, FisherSnedecor,
    Gamma, Normal, Poisson, StudentsT, Weibull,
};
use statrs::function::{beta, erf, factorial, gamma, harmonic};
use statrs::statistics::{Distribution, Statistics};

fn sample(n: u64) -> Vec<f64> {
    (0..20).map(|i| ((i * 7 + n) % 11) as f64 + 0.25).collect()
}

#[memoize]
pub fn normal(n: u64) -> f64 {
    let normal = Normal::new(0.5, 2.0).unwrap();
    normal.cdf(n as f64 * 0.3) + normal.pdf(n as f64)
}

#[memoize]
pub fn quantile(n: u64) -> f64 {
    Normal::new(0.0, 1.0).unwrap().inverse_cdf(n as f64 / 20.0)
}

#[memoize]
pub fn students(n: u64) -> f64 {
    let students = StudentsT::new(0.0, 1.0, n as f64 + 1.0).unwrap();
    students.cdf(0.7) + students.inverse_cdf(0.9)
}

#[memoize]
pub fn chi_squared(n: u64) -> f64 {
    ChiSquared::new(n as f64).unwrap().cdf(2.5)
}

#[memoize]
pub fn gamma_density(n: u64) -> f64 {
    let gamma = Gamma::new(n as f64, 1.5).unwrap();
    gamma.pdf(0.8) + gamma.cdf(1.1) + gamma.variance().unwrap()
}

#[memoize]
pub fn beta_cumulative(n: u64) -> f64 {
    Beta::new(n as f64, 2.5).unwrap().cdf(0.3)
}

#[memoize]
pub fn fisher(n: u64) -> f64 {
    FisherSnedecor::new(n as f64, 7.0).unwrap().cdf(1.2)
}

#[memoize]
pub fn poisson(n: u64) -> f64 {
    let poisson = Poisson::new(2.5).unwrap();
    poisson.pmf(n) + poisson.cdf(n)
}

#[memoize]
pub fn binomial(n: u64) -> f64 {
    let binomial = Binomial::new(0.3, 12).unwrap();
    binomial.pmf(n) + binomial.cdf(n)
}

#[memoize]
pub fn exponential(n: u64) -> f64 {
    Exp::new(0.7).unwrap().cdf(n as f64)
}

#[memoize]
pub fn weibull(n: u64) -> f64 {
    let weibull = Weibull::new(1.5, 2.0).unwrap();
    weibull.cdf(n as f64) + weibull.mean().unwrap()
}

#[memoize]
pub fn error_function(n: u64) -> f64 {
    erf::erf(n as f64 * 0.21) + erf::erf_inv(n as f64 / 30.0)
}

#[memoize]
pub fn gamma_functions(n: u64) -> f64 {
    gamma::gamma(n as f64 + 0.5) + gamma::digamma(n as f64) + gamma::gamma_lr(2.0, n as f64)
}

#[memoize]
pub fn beta_functions(n: u64) -> f64 {
    beta::beta_reg(2.0, n as f64, 0.4) + beta::ln_beta(1.5, n as f64)
}

#[memoize]
pub fn counting(n: u64) -> f64 {
    factorial::binomial(12, n) + factorial::ln_factorial(n) + harmonic::harmonic(n)
}

#[memoize]
pub fn moments(n: u64) -> f64 {
    let sample = sample(n);
    sample.iter().mean() + sample.iter().variance() + Statistics::max(sample.iter())
}

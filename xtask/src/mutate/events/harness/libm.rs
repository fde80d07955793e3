//! Functions over libm.

use joblib::memoize;

fn x(n: u64) -> f64 {
    n as f64 * 0.37 + 0.11
}

#[memoize]
pub fn trigonometric(n: u64) -> [f64; 4] {
    let x = x(n);
    [libm::sin(x), libm::cos(x), libm::tan(x), libm::atan2(x, 0.7)]
}

#[memoize]
pub fn hyperbolic(n: u64) -> [f64; 4] {
    let x = x(n);
    [libm::sinh(x), libm::cosh(x), libm::tanh(x), libm::asinh(x)]
}

#[memoize]
pub fn exponential(n: u64) -> [f64; 4] {
    let x = x(n);
    [libm::exp(x), libm::exp2(x), libm::exp10(x), libm::expm1(x)]
}

#[memoize]
pub fn logarithm(n: u64) -> [f64; 4] {
    let x = x(n);
    [libm::log(x), libm::log2(x), libm::log10(x), libm::log1p(x)]
}

#[memoize]
pub fn power(n: u64) -> [f64; 3] {
    let x = x(n);
    [libm::pow(x, 1.7), libm::cbrt(x), libm::hypot(x, 2.0)]
}

#[memoize]
pub fn root(n: u64) -> (f64, f32) {
    (libm::sqrt(x(n)), libm::sqrtf(x(n) as f32))
}

#[memoize]
pub fn rounded(n: u64) -> [f64; 5] {
    let x = x(n) * 1.9;
    let round = [libm::floor(x), libm::ceil(x), libm::trunc(x), libm::round(x)];
    [round[0], round[1], round[2], round[3], libm::floor(x * 3.0)]
}

#[memoize]
pub fn gamma(n: u64) -> (f64, f64, i32) {
    let (logarithm, sign) = libm::lgamma_r(x(n));
    (libm::tgamma(x(n)), logarithm, sign)
}

#[memoize]
pub fn error(n: u64) -> [f64; 2] {
    [libm::erf(x(n)), libm::erfc(x(n))]
}

#[memoize]
pub fn bessel(n: u64) -> [f64; 3] {
    [libm::j0(x(n)), libm::y1(x(n)), libm::jn(2, x(n))]
}

#[memoize]
pub fn remainder(n: u64) -> (f64, f64, f64) {
    let (remainder, quotient) = libm::remquo(x(n) * 5.0, 1.3);
    (libm::fmod(x(n) * 5.0, 1.3), remainder, f64::from(quotient))
}

#[memoize]
pub fn single(n: u64) -> [f32; 5] {
    let x = x(n) as f32;
    [libm::sinf(x), libm::expf(x), libm::logf(x), libm::powf(x, 0.3), libm::fmaf(x, x, 1.0)]
}

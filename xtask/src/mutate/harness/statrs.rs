//! Functions over statrs.

use joblib::memoize;
use statrs::distribution::{
    Beta, Binomial, Categorical, Cauchy, Chi, ChiSquared, Continuous, ContinuousCDF, Discrete,
    DiscreteCDF, Erlang, Exp, FisherSnedecor, Gamma, Geometric, Gumbel, Hypergeometric,
    InverseGamma, Laplace, Levy, LogNormal, NegativeBinomial, Normal, Pareto, Poisson, StudentsT,
    Triangular, Weibull,
};
use statrs::function::{beta, erf, exponential::integral, factorial, gamma, harmonic, logistic};
use statrs::statistics::{Data, Distribution, OrderStatistics, RankTieBreaker, Statistics};
use statrs::stats_tests::fisher::fishers_exact;
use statrs::stats_tests::{
    Alternative, NaNPolicy, f_oneway::f_oneway, mannwhitneyu::*, skewtest::skewtest,
    ttest_onesample::ttest_onesample,
};

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

#[memoize]
pub fn cauchy(n: u64) -> [f64; 4] {
    let cauchy = Cauchy::new(0.3, 1.7).unwrap();
    let x = n as f64 * 0.4 - 1.1;
    [
        cauchy.pdf(x),
        cauchy.ln_pdf(x),
        cauchy.cdf(x),
        cauchy.inverse_cdf(n as f64 / 9.0),
    ]
}

#[memoize]
pub fn laplace(n: u64) -> [f64; 4] {
    let laplace = Laplace::new(1.2, 0.7).unwrap();
    let x = n as f64 * 0.4;
    [
        laplace.pdf(x),
        laplace.sf(x),
        laplace.cdf(x),
        laplace.inverse_cdf(n as f64 / 9.0),
    ]
}

#[memoize]
pub fn log_normal(n: u64) -> [f64; 5] {
    let normal = LogNormal::new(0.2, 0.6).unwrap();
    let x = n as f64 * 0.3;
    let moments = [normal.mean().unwrap(), normal.skewness().unwrap()];
    [
        normal.pdf(x),
        normal.cdf(x),
        normal.ln_pdf(x),
        moments[0],
        moments[1],
    ]
}

#[memoize]
pub fn triangular(n: u64) -> [f64; 5] {
    let triangular = Triangular::new(0.5, 6.5, 2.5).unwrap();
    let x = n as f64;
    let quantile = triangular.inverse_cdf(x / 8.0);
    let variance = triangular.variance().unwrap();
    [
        triangular.pdf(x),
        triangular.cdf(x),
        triangular.sf(x),
        quantile,
        variance,
    ]
}

#[memoize]
pub fn inverse_gamma(n: u64) -> [f64; 5] {
    let gamma = InverseGamma::new(3.5, 1.5).unwrap();
    let x = n as f64 * 0.3;
    let moments = [gamma.variance().unwrap(), gamma.entropy().unwrap()];
    [
        gamma.pdf(x),
        gamma.cdf(x),
        gamma.sf(x),
        moments[0],
        moments[1],
    ]
}

#[memoize]
pub fn extremes(n: u64) -> [f64; 6] {
    let (gumbel, levy) = (Gumbel::new(0.4, 1.3).unwrap(), Levy::new(0.1, 0.9).unwrap());
    let pareto = Pareto::new(0.8, 2.5).unwrap();
    let x = n as f64 * 0.6;
    [
        gumbel.pdf(x),
        gumbel.cdf(x),
        levy.pdf(x),
        levy.cdf(x),
        pareto.pdf(x),
        pareto.sf(x),
    ]
}

#[memoize]
pub fn chi(n: u64) -> [f64; 4] {
    let chi = Chi::new(3).unwrap();
    let x = n as f64 * 0.5;
    [chi.pdf(x), chi.cdf(x), chi.sf(x), chi.mean().unwrap()]
}

#[memoize]
pub fn erlang(n: u64) -> [f64; 4] {
    let erlang = Erlang::new(n, 1.5).unwrap();
    [
        erlang.pdf(1.2),
        erlang.cdf(1.2),
        erlang.ln_pdf(0.4),
        erlang.entropy().unwrap(),
    ]
}

#[memoize]
pub fn trials(n: u64) -> [f64; 6] {
    let (geometric, negative) = (
        Geometric::new(0.35).unwrap(),
        NegativeBinomial::new(4.0, 0.6).unwrap(),
    );
    let tail = [geometric.sf(n), negative.ln_pmf(n)];
    [
        geometric.pmf(n),
        geometric.cdf(n),
        negative.pmf(n),
        negative.cdf(n),
        tail[0],
        tail[1],
    ]
}

#[memoize]
pub fn urn(n: u64) -> [f64; 4] {
    let urn = Hypergeometric::new(30, 12, 9).unwrap();
    [urn.pmf(n), urn.cdf(n), urn.sf(n), urn.skewness().unwrap()]
}

#[memoize]
pub fn categories(n: u64) -> (f64, f64, u64) {
    let categorical = Categorical::new(&[0.1, 0.4, 0.2, 0.7, 0.3, 0.5, 0.9, 0.2]).unwrap();
    let quantile = categorical.inverse_cdf(n as f64 / 8.0);
    (categorical.pmf(n), categorical.cdf(n), quantile)
}

#[memoize]
pub fn order(n: u64) -> [f64; 5] {
    let mut data = Data::new(sample(n * n));
    let ranks: f64 = data
        .ranks(RankTieBreaker::Average)
        .iter()
        .map(|rank| rank * rank)
        .sum();
    let quartiles = data.interquartile_range();
    [
        data.percentile(7 * n as usize),
        data.quantile(0.61),
        data.median(),
        quartiles,
        ranks,
    ]
}

#[memoize]
pub fn pairs(n: u64) -> [f64; 4] {
    let (a, b) = (sample(n), sample(n * n));
    let means = [a.iter().geometric_mean(), a.iter().harmonic_mean()];
    let covariance = a.iter().covariance(b.iter());
    [covariance, means[0], means[1], b.iter().quadratic_mean()]
}

#[memoize]
pub fn tests(n: u64) -> Vec<f64> {
    let (a, b, c) = (sample(n), sample(n * n), sample(3 * n));
    let groups = f_oneway(vec![a.clone(), b.clone(), c], NaNPolicy::Error).unwrap();
    let mean = ttest_onesample(a.clone(), 4.5, Alternative::TwoSided, NaNPolicy::Error).unwrap();
    let skew = skewtest(b.clone(), Alternative::Greater, NaNPolicy::Error).unwrap();
    vec![groups.0, groups.1, mean.0, mean.1, skew.0, skew.1]
}

#[memoize]
pub fn ranks(n: u64) -> [f64; 2] {
    let (a, b) = (sample(n), sample(n * n).split_off(4));
    let ranks = mannwhitneyu(
        &a,
        &b,
        MannWhitneyUMethod::AsymptoticInclContinuityCorrection,
        Alternative::TwoSided,
    );
    ranks.map(|(u, p)| [u, p]).unwrap()
}

#[memoize]
pub fn exact(n: u64) -> f64 {
    fishers_exact(&[n + 1, 7, 4, 9], Alternative::Less).unwrap()
}

#[memoize]
pub fn inverses(n: u64) -> [f64; 5] {
    let x = n as f64 * 0.12;
    let integral = integral(x, 2).unwrap();
    [
        erf::erfc(x),
        erf::erfc_inv(x),
        gamma::inv_digamma(x),
        integral,
        logistic::logit(x),
    ]
}

//! The similarity of two digits.

/// Returns one for equal points, and falls to zero over a distance of `width`.
pub(crate) fn gaussian(a: &[f64], b: &[f64], width: f64) -> f64 {
    let distance: f64 = a.iter().zip(b).map(|(x, y)| (x - y).powi(2)).sum();
    (-distance / (2.0 * width * width)).exp()
}

/// Returns the similarity of one point to each of the others.
pub(crate) fn likeness<'a>(
    point: &[f64],
    others: impl Iterator<Item = &'a [f64]>,
    width: f64,
) -> Vec<f64> {
    others.map(|other| gaussian(point, other, width)).collect()
}

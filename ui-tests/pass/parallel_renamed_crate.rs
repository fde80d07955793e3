//! The crate may be renamed, and modules may have the names `joblib`, `std` and
//! `core`.

extern crate joblib as other;

mod joblib {}
mod std {}
mod core {}

mod inner {
    #[other::parallel(crate = other, shared(data), name = "scores")]
    pub(super) fn score(fold: usize, data: &[f64]) -> f64 {
        data[fold]
    }

    pub(super) struct Grid;

    impl Grid {
        #[other::parallel(crate = ::other)]
        pub(super) fn area(x: f64) -> f64 {
            x
        }
    }

    #[other::parallel(crate = other)]
    #[other::memoize(crate = other, dir = "../target/ui-cache")]
    pub(super) fn kept(x: u64) -> u64 {
        x
    }
}

#[other::main(crate = other)]
fn main() {
    use other::backend::Processes;

    let scores: Vec<f64> = inner::score::par(0..1, &[1.0]).backend(Processes).collect();
    assert_eq!(scores, [1.0]);
    assert_eq!(inner::Grid::area_par([1.0]).collect::<Vec<_>>(), [1.0]);
    assert_eq!(inner::kept::par([1]).collect::<Vec<_>>(), [1]);
    let task = other::task!(crate = other, |x: u64| x + 1);
    assert_eq!(
        other::par([1])
            .map(task)
            .backend(Processes)
            .collect::<Vec<_>>(),
        [2]
    );
}

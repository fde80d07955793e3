//! Code that `#[parallel]` generates uses only absolute paths, and contains no
//! `unsafe`.

#![no_implicit_prelude]
#![forbid(unsafe_code)]

#[derive(::core::clone::Clone, ::serde::Serialize, ::serde::Deserialize)]
struct Grid {
    side: f64,
}

impl Grid {
    #[::joblib::parallel(shared(offset))]
    fn area(&self, factor: f64, offset: &[f64]) -> f64 {
        self.side * factor + offset[0]
    }

    #[::joblib::parallel]
    fn new(side: f64) -> Self {
        Grid { side }
    }
}

#[::joblib::parallel(shared(grid, data))]
fn score(
    fold: usize,
    grid: Grid,
    data: &[f64],
) -> ::std::result::Result<f64, ::std::string::String> {
    ::std::result::Result::Ok(grid.side + data[fold])
}

#[::joblib::parallel(instantiate(f32, f64))]
fn double<T: ::core::ops::Add<Output = T> + ::core::marker::Copy>(x: T) -> T {
    x + x
}

#[::joblib::parallel]
fn sum(x: u64, y: u64) -> u64 {
    x + y
}

#[::joblib::parallel]
async fn later(x: u64) -> u64 {
    x
}

#[::joblib::parallel]
#[::joblib::memoize(dir = "../target/ui-cache")]
fn kept(x: u64) -> u64 {
    x
}

#[::joblib::main]
fn main() {
    use ::joblib::backend::Processes;
    use ::std::iter::Iterator;
    use ::std::vec::Vec;

    let grid = Grid { side: 2.0 };
    let areas: Vec<f64> = grid.area_par([1.0], &[0.5]).backend(Processes).collect();
    ::std::assert_eq!(areas, [2.5]);
    let grids: Vec<Grid> = Grid::new_par([1.0]).collect();
    ::std::assert_eq!(grids.len(), 1);
    let scores: ::std::result::Result<Vec<f64>, ::std::string::String> =
        score::par(0..2, grid, &[1.0, 2.0])
            .backend(Processes)
            .collect();
    ::std::assert_eq!(scores.unwrap(), [3.0, 4.0]);
    ::std::assert_eq!(
        double::par([1.0_f32])
            .backend(Processes)
            .collect::<Vec<_>>(),
        [2.0]
    );
    ::std::assert_eq!(sum::par([(1, 2)]).collect::<Vec<_>>(), [3]);
    ::std::assert_eq!(later::par([1]).collect::<Vec<_>>(), [1]);
    ::std::assert_eq!(kept::par([1]).collect::<Vec<_>>(), [1]);
    ::std::assert!(kept::check(1));
    let scale = 2.0;
    let task = ::joblib::task!([scale: f64] |x: f64| x * scale);
    let scaled: Vec<f64> = ::joblib::par([1.0]).map(task).backend(Processes).collect();
    ::std::assert_eq!(scaled, [2.0]);
    ::std::assert_eq!((0..3).count(), 3);
}

//! Methods and associated functions of an `impl`.

use std::sync::Arc;

use joblib::backend::Processes;
use joblib::parallel;
use serde::{Deserialize, Serialize};

#[derive(Clone, Serialize, Deserialize, Debug, PartialEq)]
struct Grid {
    side: u64,
}

impl Grid {
    #[parallel]
    fn area(&self, factor: u64) -> u64 {
        self.side * self.side * factor
    }

    #[parallel(shared(offset))]
    fn moved(self, x: u64, offset: &[u64]) -> Self {
        Self {
            side: self.side + x + offset[0],
        }
    }

    #[parallel]
    fn new(side: u64) -> Self {
        Grid { side }
    }

    #[parallel]
    fn counted(self: Arc<Self>, x: u64) -> u64 {
        self.side + x
    }

    #[parallel]
    fn longest<'a>(&self, text: &'a str) -> &'a str {
        text
    }

    #[parallel]
    fn side(&self) -> &u64 {
        &self.side
    }

    #[parallel]
    fn generic<T: Into<u64>>(&self, x: T) -> u64 {
        self.side + x.into()
    }
}

struct Of<T>(T);

impl<T: Clone + Into<u64>> Of<T> {
    #[parallel]
    fn value(&self, x: u64) -> u64 {
        self.0.clone().into() + x
    }
}

impl Of<String> {
    #[parallel]
    fn len(text: String) -> usize {
        text.len()
    }
}

mod inner {
    pub(super) struct Far;
}

impl inner::Far {
    #[parallel]
    fn near(x: u8) -> u8 {
        x
    }
}

#[test]
fn the_receiver_is_shared_by_all_tasks() {
    let grid = Grid { side: 2 };
    assert_eq!(Grid::area_par(&grid, [1, 2]).collect::<Vec<_>>(), [4, 8]);
    let elsewhere: Vec<u64> = grid.area_par([3]).backend(Processes).collect();
    assert_eq!(elsewhere, [12]);
    let moved: Vec<Grid> = grid
        .clone()
        .moved_par([1], &[10])
        .backend(Processes)
        .collect();
    assert_eq!(moved, [Grid { side: 13 }]);
    assert_eq!(
        Grid::counted_par(Arc::new(grid), [1]).collect::<Vec<_>>(),
        [3]
    );
}

#[test]
fn an_associated_function_takes_inputs_alone() {
    let grids: Vec<Grid> = Grid::new_par([7]).backend(Processes).collect();
    assert_eq!(grids, [Grid { side: 7 }]);
    let lengths: Vec<usize> = Of::<String>::len_par(["ab".to_owned()])
        .backend(Processes)
        .collect();
    assert_eq!(lengths, [2]);
    assert_eq!(
        inner::Far::near_par([1])
            .backend(Processes)
            .collect::<Vec<_>>(),
        [1]
    );
}

#[test]
fn results_borrow_from_the_receiver_or_the_argument() {
    let grid = Grid { side: 2 };
    assert_eq!(grid.longest_par(["a", "b"]).collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(grid.side_par([()]).collect::<Vec<_>>(), [&2]);
}

#[test]
fn generic_methods_and_types_run_on_threads() {
    assert_eq!(
        Grid { side: 2 }.generic_par([1_u8]).collect::<Vec<_>>(),
        [3]
    );
    assert_eq!(Of(1_u8).value_par([1]).collect::<Vec<_>>(), [2]);
}

#[derive(Clone, Serialize, Deserialize)]
struct Scaled<T, const N: usize> {
    scale: Vec<T>,
}

impl<T, const N: usize> Scaled<T, N>
where
    T: Copy + Into<f64> + Serialize + for<'de> Deserialize<'de>,
{
    #[parallel(instantiate((f32, 2), (u8, 3)))]
    fn sum(&self, x: f64) -> (u32, f64) {
        let sum: f64 = self.scale.iter().map(|&scale| scale.into() * x).sum();
        (std::process::id(), sum + N as f64)
    }

    #[parallel(instantiate((f32, 2, u16, 5)), shared(offset))]
    #[allow(clippy::needless_lifetimes, reason = "the test covers this case")]
    fn moved<'a, U: Copy + Into<f64>, const M: u8>(&self, x: &'a U, offset: &[U]) -> (u32, f64) {
        let offset: f64 = offset.iter().map(|&it| it.into()).sum();
        (
            std::process::id(),
            (*x).into() + offset + f64::from(M) + self.scale[0].into(),
        )
    }

    #[parallel(instantiate((f32, 2)))]
    fn of_type(scale: T) -> Self {
        Scaled {
            scale: vec![scale; N],
        }
    }
}

impl Grid {
    #[parallel(instantiate(u8, String))]
    fn shown<T: ToString>(&self, x: T) -> (u32, String) {
        (std::process::id(), x.to_string() + &self.side.to_string())
    }

    #[parallel(instantiate(u8))]
    fn shown_too<T: ToString>(&self, x: T) -> (u32, String) {
        (0, x.to_string())
    }
}

#[test]
fn listed_methods_of_generic_types_run_in_processes() {
    let here = std::process::id();
    let scaled = Scaled::<f32, 2> {
        scale: vec![1.0, 2.0],
    };
    let run = |call: Vec<(u32, f64)>| {
        assert_ne!(call[0].0, here);
        call[0].1
    };
    assert_eq!(run(scaled.sum_par([2.0]).backend(Processes).collect()), 8.0);
    let bytes = Scaled::<u8, 3> { scale: vec![3] };
    assert_eq!(run(bytes.sum_par([2.0]).backend(Processes).collect()), 9.0);
    let named = scaled.sum_par([2.0]).backend_named("processes");
    assert_eq!(run(named.collect()), 8.0);

    let x = 4_u16;
    let moved = || scaled.moved_par::<u16, 5, _>([&x], &[1, 2]);
    assert_eq!(run(moved().backend(Processes).collect()), 13.0);
    assert_eq!(run(moved().backend_named("processes").collect()), 13.0);

    let made: Vec<Scaled<f32, 2>> = Scaled::of_type_par([1.5]).backend(Processes).collect();
    assert_eq!(made[0].scale, [1.5, 1.5]);
}

#[test]
fn listed_methods_with_parameters_run_in_processes() {
    let here = std::process::id();
    let grid = Grid { side: 2 };
    let run = |call: Vec<(u32, String)>| {
        assert_ne!(call[0].0, here);
        call[0].1.clone()
    };
    assert_eq!(
        run(grid.shown_par([1_u8]).backend(Processes).collect()),
        "12"
    );
    let text = "x".to_owned();
    assert_eq!(
        run(grid.shown_par([text]).backend(Processes).collect()),
        "x2"
    );
    let named = grid.shown_par([1_u8]).backend_named("processes");
    assert_eq!(run(named.collect()), "12");
    let other: Vec<_> = grid.shown_too_par([1_u8]).backend(Processes).collect();
    assert_eq!(other, [(0, "1".to_owned())]);
}

#[test]
fn other_instances_of_methods_stay_in_the_process_and_report_it() {
    let here = std::process::id();
    let scaled = Scaled::<u8, 2> { scale: vec![1] };
    assert_eq!(scaled.sum_par([2.0]).collect::<Vec<_>>(), [(here, 4.0)]);
    let refused = scaled.sum_par([2.0]).backend_named("processes");
    let text = refused.try_collect::<Vec<_>>().unwrap_err().to_string();
    assert!(text.contains("`Scaled::sum::<u8, 2>`"), "{text}");
    assert!(
        text.contains("`#[parallel(instantiate((u8, 2)))]`"),
        "{text}"
    );
    let refused = Grid { side: 2 }
        .shown_par([1_u16])
        .backend_named("processes");
    let text = refused.try_collect::<Vec<_>>().unwrap_err().to_string();
    assert!(text.contains("`Grid::shown::<u16>`"), "{text}");
}

/// `Self` in lengths of arrays.
#[derive(joblib::Persist)]
struct Sized3(u64);

impl Sized3 {
    const LEN: usize = 3;

    const fn more(by: usize) -> usize {
        Self::LEN + by
    }

    #[parallel]
    fn sum(values: [u64; Self::LEN]) -> u64 {
        values.iter().sum()
    }

    #[parallel(shared(rows))]
    fn longer(&self, values: [u64; Self::LEN], rows: &[[u64; Self::LEN]]) -> [u64; Self::more(1)] {
        let row = rows[0];
        [values[0] + row[0], values[1], values[2], self.0]
    }

    #[parallel]
    fn bytes(values: Vec<[u8; size_of::<Self>()]>) -> Option<[u8; Self::LEN + 5]> {
        values.first().copied()
    }
}

#[test]
fn lengths_that_name_self_are_those_of_the_type() {
    let own = Sized3(9);
    let rows = [[10, 0, 0]];
    for backend in ["sequential", "threads", "processes"] {
        let sums = Sized3::sum_par([[1, 2, 3]]).backend_named(backend);
        assert_eq!(sums.collect::<Vec<_>>(), [6], "{backend}");
        let longer = own.longer_par([[1, 2, 3]], &rows).backend_named(backend);
        assert_eq!(longer.collect::<Vec<_>>(), [[11, 2, 3, 9]], "{backend}");
        let bytes = Sized3::bytes_par([vec![[7; 8]], vec![]]).backend_named(backend);
        assert_eq!(bytes.collect::<Vec<_>>(), [Some([7; 8]), None], "{backend}");
    }
}

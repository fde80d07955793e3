//! Signatures with associated types of a parameter, such as `T::Output`.

use std::ops::{Add, Mul};

use joblib::backend::{Processes, Threads};
use joblib::parallel;
use serde::{Deserialize, Serialize};

#[parallel(instantiate(f32, f64))]
fn product<T: Mul<Output = T> + Copy>(a: T, b: T) -> T::Output {
    a * b
}

trait Shape {
    type Input;
    type Output;

    fn area(input: &Self::Input) -> Self::Output;
}

struct Square;

struct Rectangle;

impl Shape for Square {
    type Input = f64;
    type Output = f64;

    fn area(input: &f64) -> f64 {
        input * input
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Sides(u32, u32);

impl Shape for Rectangle {
    type Input = Sides;
    type Output = u32;

    fn area(input: &Sides) -> u32 {
        input.0 * input.1
    }
}

#[parallel(instantiate((Square, 1), (Rectangle, 2)), shared(more))]
#[allow(clippy::needless_lifetimes, reason = "the test covers this case")]
fn areas<'a, S, const N: usize>(
    inputs: &'a [S::Input],
    one: S::Input,
    more: &[S::Input; N],
) -> Result<Vec<S::Output>, String>
where
    S: Shape<Input: Clone>,
    [S::Input; N]: Sized,
{
    let all = inputs.iter().chain([&one]).chain(more);
    Ok(all.map(S::area).collect())
}

#[derive(Clone, Copy, Serialize, Deserialize)]
struct Scaled<T>(T);

impl<T> Scaled<T>
where
    T: Copy + Mul,
    T::Output: Add,
{
    #[parallel(instantiate((f64, Square), (u32, Rectangle)))]
    fn moved<S: Shape>(&self, by: T, input: S::Input) -> (T::Output, S::Output) {
        (self.0 * by, S::area(&input))
    }

    #[parallel(instantiate(f64))]
    fn doubled(&self, by: T) -> <T::Output as Add>::Output {
        self.0 * by + self.0 * by
    }
}

#[test]
fn associated_types_of_a_parameter_run_in_processes() {
    let products: Vec<f64> = product::par([(2.0, 3.0)]).backend(Processes).collect();
    assert_eq!(products, [6.0]);
    let products: Vec<f32> = product::par([(2.0, 3.0)]).backend(Processes).collect();
    assert_eq!(products, [6.0]);
    let products: Vec<u8> = product::par([(2_u8, 3)]).backend(Threads).collect();
    assert_eq!(products, [6]);
    let squares: Vec<_> = areas::par::<Square, 1, _>([(&[2.0][..], 3.0)], &[4.0])
        .backend(Processes)
        .collect();
    assert_eq!(squares, [Ok(vec![4.0, 9.0, 16.0])]);
    let more = [Sides(5, 6), Sides(7, 8)];
    let rectangles: Vec<_> = areas::par::<Rectangle, 2, _>([(&[][..], Sides(3, 4))], &more)
        .backend(Processes)
        .collect();
    assert_eq!(rectangles, [Ok(vec![12, 30, 56])]);
}

#[test]
fn associated_types_of_the_parameters_of_a_method_run_in_processes() {
    let scaled = Scaled(2.0);
    let moved: Vec<_> = scaled
        .moved_par::<Square, _>([(3.0, 4.0)])
        .backend(Processes)
        .collect();
    assert_eq!(moved, [(6.0, 16.0)]);
    let moved: Vec<_> = Scaled(2_u32)
        .moved_par::<Rectangle, _>([(3, Sides(4, 5))])
        .backend(Processes)
        .collect();
    assert_eq!(moved, [(6, 20)]);
    let doubled: Vec<f64> = scaled.doubled_par([3.0]).backend(Processes).collect();
    assert_eq!(doubled, [12.0]);
}

#[test]
fn instances_are_found_by_associated_types_at_run_time() {
    let products = product::par([(2.0, 3.0)]).backend_named("processes");
    assert_eq!(products.try_collect::<Vec<f64>>().unwrap(), [6.0]);
    let other = product::par([(2_u8, 3)]).backend_named("processes");
    let other = other.try_collect::<Vec<u8>>().unwrap_err().to_string();
    assert!(other.contains("`#[parallel(instantiate(u8))]`"), "{other}");
    let moved = Scaled(2_u32).moved_par::<Rectangle, _>([(3, Sides(4, 5))]);
    let moved = moved.backend_named("processes").try_collect::<Vec<_>>();
    assert_eq!(moved.unwrap(), [(6, 20)]);
}

//! Every form of function, and every option.

use joblib::{Key, Memory, Persist, Shared, memoize};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::maps;
use crate::{Image, Solver, computations, computed, image, pixels};

static MEMORY: Memory = Memory::new(concat!(env!("CARGO_TARGET_TMPDIR"), "/conversions"));

#[memoize(memory = MEMORY, store = pixels)]
fn in_memory(width: u32) -> Image {
    image(width)
}

#[memoize(memory = MEMORY, memory_tier = false, store(to = pixels::to, from = pixels::from))]
fn on_disk(width: u32) -> Image {
    image(width)
}

#[cfg_attr(feature = "zstd", memoize(memory = MEMORY, memory_tier = false, compress = "zstd:3", store = pixels))]
#[cfg_attr(not(feature = "zstd"), memoize(memory = MEMORY, memory_tier = false, store = pixels))]
fn compressed(width: u32) -> Image {
    image(width)
}

/// Checks a function that takes a width and is stored.
macro_rules! assert_stored {
    ($name:ident) => {
        $name::clear();
        assert!(!$name::check(3));
        assert_eq!(computations(|| assert_eq!($name(3).width(), 3)), 1);
        assert!($name::check(3));
        assert_eq!(computations(|| assert_eq!($name(3).pixels(), [7; 6])), 0);
        let shelved = $name::shelve(4);
        assert_eq!(
            computations(|| assert_eq!(shelved.get().unwrap().width(), 4)),
            0
        );
    };
}

#[test]
fn a_converted_result_is_stored_in_memory_on_disk_and_compressed() {
    assert_stored!(in_memory);
    assert_stored!(on_disk);
    assert_stored!(compressed);
}

#[memoize(memory = MEMORY, memory_tier = false, store = pixels)]
fn fallible(width: u32) -> Result<Image, String> {
    computed();
    match width {
        0 => Err("no pixels".to_owned()),
        _ => Ok(Image::new(width, vec![1; width as usize]).unwrap()),
    }
}

#[test]
fn the_ok_of_a_result_is_converted_and_an_err_is_not_stored() {
    fallible::clear();
    for (width, again) in [(2, 0), (0, 1)] {
        let first = fallible(width);
        assert_eq!(
            computations(|| assert_eq!(fallible(width), first)),
            again,
            "{width}"
        );
    }
}

fn is_wide(image: &Image) -> bool {
    image.width() > 1
}

#[memoize(memory = MEMORY, memory_tier = false, cache_if = is_wide, store = pixels)]
fn wide_only(width: u32) -> Image {
    image(width)
}

mod outcome {
    use super::{Image, pixels};

    type Stored = Result<(u32, Vec<u8>), String>;

    pub(super) fn to(result: &Result<Image, String>) -> Stored {
        result.as_ref().map(pixels::to).map_err(String::clone)
    }

    pub(super) fn from(stored: Stored) -> Result<Result<Image, String>, String> {
        match stored {
            Ok(parts) => pixels::from(parts).map(Ok),
            Err(error) => Ok(Err(error)),
        }
    }
}

fn always(_: &Result<Image, String>) -> bool {
    true
}

#[memoize(memory = MEMORY, memory_tier = false, cache_if = always, store = outcome)]
fn errors_too(width: u32) -> Result<Image, String> {
    fallible::uncached(width)
}

#[test]
fn with_a_condition_the_whole_result_is_converted() {
    wide_only::clear();
    errors_too::clear();
    for (width, again) in [(1, 1), (2, 0)] {
        assert_eq!(computations(|| drop(wide_only(width))), 1);
        assert_eq!(computations(|| drop(wide_only(width))), again);
    }
    for width in [0, 2] {
        let first = errors_too(width);
        assert_eq!(
            computations(|| assert_eq!(errors_too(width), first)),
            0,
            "{width}"
        );
    }
}

fn taken<T: Clone>(solver: &Solver<T>) -> T {
    solver.0.clone()
}

#[memoize(memory = MEMORY, memory_tier = false, store(from = Solver, to = taken))]
fn generic<T: Key + Serialize + DeserializeOwned + Clone>(state: T) -> Solver<T> {
    computed();
    Solver(state)
}

#[memoize(memory = MEMORY, memory_tier = false, store(to = taken::<T>, from = Solver::<T>))]
async fn asynchronous<T>(state: T) -> Solver<T>
where
    T: Key + Serialize + DeserializeOwned + Clone + Send,
{
    computed();
    Solver(state)
}

#[test]
fn generic_and_async_functions_store_converted_results() {
    generic::clear();
    asynchronous::clear();
    for again in [1, 0] {
        assert_eq!(computations(|| assert_eq!(generic(7_u64).0, 7)), again);
        let text = || assert_eq!(generic("text".to_owned()).0, "text");
        assert_eq!(computations(text), again);
        let waited = || assert_eq!(pollster::block_on(asynchronous(7_u64)).0, 7);
        assert_eq!(computations(waited), again);
    }
    assert!(generic::check("text".to_owned()));
    let shelved = pollster::block_on(asynchronous::shelve(8_u64));
    assert_eq!(shelved.get().unwrap().0, 8);
}

static METHODS: Memory = Memory::new(concat!(env!("CARGO_TARGET_TMPDIR"), "/conversion-methods"));

#[derive(Key)]
struct Camera {
    width: u32,
}

trait Shoot {
    fn shoot(&self) -> Image;
}

impl Camera {
    fn encode(image: &Image) -> (u32, Vec<u8>) {
        pixels::to(image)
    }

    #[memoize(memory = METHODS, memory_tier = false, store(to = Self::encode, from = pixels::from))]
    fn shot(&self) -> Image {
        image(self.width)
    }
}

impl Shoot for Camera {
    #[memoize(memory = METHODS, memory_tier = false, store(to = Self::encode, from = pixels::from))]
    fn shoot(&self) -> Image {
        image(self.width)
    }
}

#[test]
fn methods_store_converted_results() {
    METHODS.clear().unwrap();
    let camera = Camera { width: 5 };
    for again in [1, 0] {
        assert_eq!(computations(|| drop(camera.shot())), again);
        assert_eq!(computations(|| drop(camera.shoot())), again);
    }
    assert!(Camera::shot_memo().check(&camera));
    let shelved = Camera::shot_memo().shelve(&camera);
    assert_eq!(shelved.get().unwrap().width(), 5);
}

#[memoize(memory = METHODS, key(image = (image.width(), image.pixels())), store = pixels)]
fn doubled(image: &Image) -> Image {
    computed();
    let pixels = image.pixels().iter().map(|pixel| 2 * pixel).collect();
    Image::new(image.width(), pixels).unwrap()
}

#[test]
fn an_argument_and_the_result_are_of_a_type_without_traits() {
    doubled::clear();
    for (width, computes) in [(4, 1), (4, 0), (3, 1)] {
        let image = image(width);
        assert_eq!(
            computations(|| assert_eq!(doubled(&image).pixels()[0], 14)),
            computes
        );
    }
}

/// A type of another crate with a trait object in it.
type Law = Box<dyn Fn(f64) -> f64>;

struct Fit(Law, f64);

fn slope(fit: &Fit) -> f64 {
    fit.1
}

fn fit(slope: f64) -> Fit {
    Fit(Box::new(move |x| slope * x), slope)
}

#[memoize(memory = MEMORY, memory_tier = false, store(to = slope, from = fit))]
fn fitted(rise: u32) -> Fit {
    computed();
    fit(f64::from(rise) / 2.0)
}

fn half(law: &Law) -> f64 {
    law(1.0)
}

fn law(slope: f64) -> Law {
    fit(slope).0
}

#[memoize(memory = MEMORY, memory_tier = false, store(to = half, from = law))]
fn law_of(rise: u32) -> Box<dyn Fn(f64) -> f64> {
    computed();
    law(f64::from(rise) / 2.0)
}

#[test]
fn a_trait_object_is_stored_by_what_restores_it() {
    fitted::clear();
    law_of::clear();
    for again in [1, 0] {
        assert_eq!(computations(|| assert_eq!(fitted(6).0(2.0), 6.0)), again);
        assert_eq!(computations(|| assert_eq!(law_of(6)(2.0), 6.0)), again);
    }
}

#[derive(Persist)]
struct Raster {
    width: u32,
    pixels: Shared<u8>,
}

/// A type without traits that keeps an array.
struct Mapped {
    width: u32,
    pixels: Shared<u8>,
}

fn raster(image: &Mapped) -> Raster {
    Raster {
        width: image.width,
        pixels: image.pixels.clone(),
    }
}

fn mapped(raster: Raster) -> Mapped {
    // Results that are decoded meanwhile are copies, although this one is not.
    let copies = [shared(1), shared(1)];
    assert_ne!(copies[0].as_ptr(), copies[1].as_ptr());
    assert_eq!(copies[0][..], [1; 1 << 20]);
    Mapped {
        width: raster.width,
        pixels: raster.pixels,
    }
}

#[memoize(memory = MEMORY)]
fn shared(byte: u8) -> Shared<u8> {
    Shared::from_slice(&vec![byte; 1 << 20]).unwrap()
}

#[memoize(memory = MEMORY, mmap, store(to = raster, from = mapped))]
fn large(width: u32) -> Mapped {
    computed();
    Mapped {
        width,
        pixels: shared::uncached(9),
    }
}

#[test]
fn an_array_of_a_converted_result_stays_in_the_map() {
    large::clear();
    let first = large(1 << 10);
    let mut again = None;
    assert_eq!(computations(|| again = Some(large(1 << 10))), 0);
    let again = again.unwrap();
    assert_eq!(again.width, 1 << 10);
    assert_eq!(again.pixels[..], first.pixels[..]);
    let mapped = maps::words_of(again.pixels.as_ptr().addr());
    assert!(
        mapped.last().unwrap().contains("/conversions"),
        "{mapped:?}"
    );
}

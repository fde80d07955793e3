//! Results of types that have neither serde nor `Persist` are stored by `store`, which
//! names the functions that convert them.

mod faults;
mod functions;
#[path = "../maps/mod.rs"]
mod maps;

use std::cell::Cell;

thread_local! {
    static COMPUTATIONS: Cell<usize> = const { Cell::new(0) };
}

/// Counts a computation.
fn computed() {
    COMPUTATIONS.set(COMPUTATIONS.get() + 1);
}

/// Returns how often `run` computes.
fn computations(run: impl FnOnce()) -> usize {
    let before = COMPUTATIONS.get();
    run();
    COMPUTATIONS.get() - before
}

/// A module of types that have neither serde nor `Persist`.
mod other {
    #[derive(Debug, PartialEq)]
    pub(crate) struct Image {
        width: u32,
        pixels: Vec<u8>,
    }

    impl Image {
        pub(crate) fn new(width: u32, pixels: Vec<u8>) -> Option<Image> {
            pixels
                .len()
                .is_multiple_of(width as usize)
                .then_some(Image { width, pixels })
        }

        pub(crate) fn width(&self) -> u32 {
            self.width
        }

        pub(crate) fn pixels(&self) -> &[u8] {
            &self.pixels
        }
    }

    /// It cannot be compared either.
    pub(crate) struct Solver<T>(pub(crate) T);
}

use other::{Image, Solver};

fn image(width: u32) -> Image {
    computed();
    Image::new(width, vec![7; 2 * width as usize]).unwrap()
}

mod pixels {
    use super::Image;

    pub(crate) fn to(image: &Image) -> (u32, Vec<u8>) {
        (image.width(), image.pixels().to_vec())
    }

    pub(crate) fn from((width, pixels): (u32, Vec<u8>)) -> Result<Image, String> {
        Image::new(width, pixels).ok_or_else(|| "no whole rows".to_owned())
    }
}

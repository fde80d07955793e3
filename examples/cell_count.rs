//! An image pipeline: finds bright cells in a noisy micrograph, for a sweep of two
//! parameters.
//!
//! Smoothing and counting are separately memoized steps, so all thresholds share one
//! smoothed image for each radius.
//!
//! ```console
//! cargo run --release --example cell_count --features image
//! ```
//!
//! prints how many cells are found for each pair of parameters, and writes `cells.png`, a
//! sheet with a row for each radius and a column for each threshold. The second run
//! computes no step. Edit `label`, and only the counts are computed again.

use std::error::Error;
use std::time::Instant;

use image::imageops::{fast_blur, replace};
use image::{GrayImage, Luma, Rgb, RgbImage};
use joblib::{Persist, memoize, parallel};

const SIZE: u32 = 256;
const RADII: [f32; 4] = [1.0, 2.0, 3.0, 5.0];
const THRESHOLDS: [u8; 4] = [90, 110, 130, 150];

/// How a picture of `image` is stored in the cache, which knows no type of that crate.
mod pixels {
    use image::GrayImage;

    pub(crate) fn to(image: &GrayImage) -> (u32, u32, Vec<u8>) {
        (image.width(), image.height(), image.as_raw().clone())
    }

    pub(crate) fn from((width, height, bytes): (u32, u32, Vec<u8>)) -> Result<GrayImage, String> {
        GrayImage::from_raw(width, height, bytes).ok_or(format!("not {width} by {height} pixels"))
    }
}

/// Draws a micrograph: cells of several sizes, and noise.
#[memoize(dir = ".cache", store = pixels)]
fn micrograph(cells: u32) -> GrayImage {
    let mut bits = 1_u64;
    let mut random = move |below: u32| {
        bits = bits.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (bits >> 33) as u32 % below
    };
    let mut place = || [random(SIZE), random(SIZE), 4 + random(7)].map(f64::from);
    let cells: Vec<[f64; 3]> = (0..cells).map(|_| place()).collect();
    GrayImage::from_fn(SIZE, SIZE, |x, y| {
        let light = cells.iter().map(|[cell_x, cell_y, radius]| {
            let squared = (f64::from(x) - cell_x).powi(2) + (f64::from(y) - cell_y).powi(2);
            140.0 * (-(squared / radius.powi(2)).powi(2)).exp()
        });
        let noise = f64::from(random(100));
        Luma([(30.0 + light.fold(0.0, f64::max) + noise).min(255.0) as u8])
    })
}

#[memoize(dir = ".cache", key(image = (image.dimensions(), image.as_raw())), store = pixels)]
fn smooth(image: &GrayImage, radius: f32) -> GrayImage {
    fast_blur(image, radius)
}

/// The cells of a picture.
#[derive(Persist)]
struct Cells {
    count: u32,
    /// For each pixel, the number of its cell, or 0.
    labels: Vec<u32>,
}

/// Finds connected areas that are brighter than `threshold`.
#[memoize(dir = ".cache", key(image = (image.dimensions(), image.as_raw())))]
fn label(image: &GrayImage, threshold: u8) -> Cells {
    let (width, height) = image.dimensions();
    let index = |x: u32, y: u32| (y * width + x) as usize;
    let mut labels = vec![0; index(0, height)];
    let mut count = 0;
    for (x, y, _) in image.enumerate_pixels() {
        let mut area = vec![(x, y)];
        let mut is_new = true;
        while let Some((x, y)) = area.pop() {
            if labels[index(x, y)] > 0 || image.get_pixel(x, y)[0] <= threshold {
                continue;
            }
            count += u32::from(std::mem::take(&mut is_new));
            labels[index(x, y)] = count;
            let around = [
                (x.wrapping_sub(1), y),
                (x + 1, y),
                (x, y.wrapping_sub(1)),
                (x, y + 1),
            ];
            area.extend(
                around
                    .into_iter()
                    .filter(|(x, y)| *x < width && *y < height),
            );
        }
    }
    Cells { count, labels }
}

/// Finds the cells for one pair of parameters, and paints them over the smoothed picture.
#[parallel(shared(image))]
fn find(radius: f32, threshold: u8, image: &GrayImage) -> (u32, RgbImage) {
    let smoothed = smooth(image, radius);
    let cells = label(&smoothed, threshold);
    let painted = RgbImage::from_fn(SIZE, SIZE, |x, y| {
        let Luma([light]) = *smoothed.get_pixel(x, y);
        match cells.labels[(y * SIZE + x) as usize] {
            0 => Rgb([light; 3]),
            cell => Rgb([1, 3, 5].map(|shift| 64 + (cell.wrapping_mul(37 << shift) % 192) as u8)),
        }
    });
    (cells.count, painted)
}

#[joblib::main]
fn main() -> Result<(), Box<dyn Error>> {
    let start = Instant::now();
    let image = micrograph(40);
    let pairs = RADII
        .iter()
        .flat_map(|&radius| THRESHOLDS.map(|threshold| (radius, threshold)));
    let found: Vec<(u32, RgbImage)> = find::par(pairs, &image).progress("pictures").collect();

    let mut sheet = RgbImage::new(SIZE * THRESHOLDS.len() as u32, SIZE * RADII.len() as u32);
    println!("cells brighter than {THRESHOLDS:?}");
    for (row, (radius, found)) in RADII.iter().zip(found.chunks(THRESHOLDS.len())).enumerate() {
        let counts: Vec<u32> = found.iter().map(|(count, _)| *count).collect();
        println!("radius {radius:<12} {counts:>3?}");
        for (column, (_, picture)) in found.iter().enumerate() {
            let [x, y] = [column, row].map(|it| it as i64 * i64::from(SIZE));
            replace(&mut sheet, picture, x, y);
        }
    }
    sheet.save("cells.png")?;

    let stats = [micrograph::stats(), smooth::stats(), label::stats()];
    let computed: u64 = stats.iter().map(|it| it.misses).sum();
    let loaded: u64 = stats.iter().map(|it| it.memory_hits + it.disk_hits).sum();
    println!(
        "\n{computed} steps computed, {loaded} loaded, in {:.2?}",
        start.elapsed()
    );
    println!("written: cells.png");
    Ok(())
}

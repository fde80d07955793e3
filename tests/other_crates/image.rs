//! Images of `image`.

use image::metadata::{Cicp, CicpColorPrimaries, CicpTransferCharacteristics};
use image::{
    DynamicImage, GrayImage, ImageBuffer, Luma, LumaA, Rgb, RgbImage, Rgba, Rgba32FImage, RgbaImage,
};
use joblib::Persist;
use joblib::persist::DynamicImageView;

use super::{Place, as_another, forged, golden, inspected, key, memoized, refused, there_and_back};

type Rgb16 = ImageBuffer<Rgb<u16>, Vec<u16>>;
type Depth = ImageBuffer<Luma<f32>, Vec<f32>>;

fn photo(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| Rgb([x as u8, y as u8, 7]))
}

fn wide_gamut() -> RgbImage {
    let mut image = photo(3, 2);
    image.set_color_space(Cicp::DISPLAY_P3).unwrap();
    image
}

#[derive(Persist)]
struct Scan {
    photo: RgbImage,
    depth: Depth,
    any: Vec<DynamicImage>,
}

fn scan(size: u32) -> Scan {
    Scan {
        photo: photo(size, size + 1),
        depth: Depth::from_pixel(size, size, Luma([0.5])),
        any: vec![DynamicImage::new_luma8(size, 1), photo(size, size).into()],
    }
}

#[test]
fn every_image_comes_back() {
    for (width, height) in [(0, 0), (0, 5), (5, 0), (1, 1), (3, 2), (300, 200)] {
        assert_eq!(there_and_back(&photo(width, height)), photo(width, height));
    }
    let gray = GrayImage::from_pixel(3, 2, Luma([7]));
    assert_eq!(there_and_back(&gray), gray);
    let deep = Rgb16::from_pixel(30, 20, Rgb([1, 2, u16::MAX]));
    assert_eq!(there_and_back(&deep), deep);
    let float = Rgba32FImage::from_pixel(30, 20, Rgba([0.5, 1.5, -0.0, 1.0]));
    assert_eq!(there_and_back(&float), float);
    let depth = scan(9).depth;
    assert_eq!(there_and_back(&depth), depth);
    let alpha = ImageBuffer::from_pixel(2, 2, LumaA([1_u8, 2]));
    assert_eq!(there_and_back(&alpha), alpha);
    let back = there_and_back(&wide_gamut());
    assert_eq!(back.color_space(), Cicp::DISPLAY_P3);
}

#[test]
fn every_color_space_comes_back() {
    use CicpColorPrimaries as P;
    use CicpTransferCharacteristics as T;
    let all = [
        P::SRgb,
        P::Unspecified,
        P::RgbM,
        P::RgbB,
        P::Bt601,
        P::Rgb240m,
        P::GenericFilm,
        P::Rgb2020,
        P::Xyz,
        P::SmpteRp431,
        P::SmpteRp432,
        P::Industry22,
    ];
    for primaries in all {
        for transfer in [T::Bt709, T::Linear, T::SRgb, T::Smpte2084, T::Bt2100Hlg] {
            let mut image = photo(1, 1);
            image.set_rgb_primaries(primaries);
            image.set_transfer_function(transfer);
            assert_eq!(there_and_back(&image).color_space(), image.color_space());
        }
    }
}

#[test]
fn every_dynamic_image_comes_back() {
    let rgb = DynamicImage::from(photo(3, 2));
    for image in [
        rgb.to_luma8().into(),
        rgb.to_luma_alpha8().into(),
        rgb.to_rgba8().into(),
        rgb.to_luma16().into(),
        rgb.to_luma_alpha16().into(),
        rgb.to_rgb16().into(),
        rgb.to_rgba16().into(),
        rgb.to_rgb32f().into(),
        rgb.to_rgba32f().into(),
        rgb,
    ] {
        let image: DynamicImage = image;
        assert_eq!(there_and_back(&image), image);
    }
}

#[test]
fn a_map_shows_images_whose_samples_are_borrowed() {
    let place = Place::of(&scan(200));
    let file = joblib::open::<Scan>(&place.path).unwrap();
    let view: &ImageBuffer<Rgb<u8>, &[u8]> = &file.view().photo;
    assert_eq!(view.get_pixel(7, 9), &Rgb([7, 9, 7]));
    assert_eq!(file.view().depth.dimensions(), (200, 200));
    let DynamicImageView::ImageRgb8(any) = &file.view().any[1] else {
        panic!("{:?}", file.view().any[1]);
    };
    assert_eq!(any.get_pixel(1, 2), &Rgb([1, 2, 7]));
    let mut file = joblib::open_cow::<Scan>(&place.path).unwrap();
    file.view_mut()
        .unwrap()
        .photo
        .put_pixel(0, 0, Rgb([1, 2, 3]));
    assert_eq!(
        file.view_mut().unwrap().photo.get_pixel(0, 0),
        &Rgb([1, 2, 3])
    );
    let back: Scan = joblib::load(&place.path).unwrap();
    assert_eq!(back.photo, photo(200, 201));
}

#[test]
fn they_are_arguments_and_results() {
    memoized! {
        RgbImage: photo(0, 0), photo(30, 20), wide_gamut();
        Depth: scan(3).depth;
        DynamicImage: photo(3, 2).into(), DynamicImage::new_luma16(3, 2);
    }
}

#[test]
fn keys_are_equal_exactly_if_a_function_cannot_tell_the_images_apart() {
    let image = photo(3, 2);
    let view = ImageBuffer::<Rgb<u8>, &[u8]>::from_raw(3, 2, image.as_raw()).unwrap();
    assert_eq!(key(&image), key(&view));
    let turned = RgbImage::from_raw(2, 3, image.as_raw().clone()).unwrap();
    assert_ne!(key(&image), key(&turned));
    assert_ne!(key(&image), key(&wide_gamut()));
    let longer = RgbImage::from_raw(3, 2, vec![0; 19]).unwrap();
    assert_ne!(key(&longer), key(&RgbImage::new(3, 2)));
    assert_ne!(key(&RgbImage::new(0, 0)), key(&RgbaImage::new(0, 0)));
    assert_ne!(key(&RgbImage::new(0, 0)), key(&Rgb16::new(0, 0)));
    assert_ne!(key(&DynamicImage::from(image.clone())), key(&image));
    assert_ne!(
        key(&DynamicImage::new_luma8(0, 0)),
        key(&DynamicImage::new_rgb8(0, 0))
    );
}

#[test]
fn a_buffer_that_is_longer_than_its_image_is_not_written() {
    let image = RgbImage::from_raw(3, 2, vec![0; 19]).unwrap();
    let error = joblib::dump(&image, "never.joblib")
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("3 by 2 pixels in a buffer of 19 samples"),
        "{error}"
    );
}

/// What an image is stored as.
#[derive(Clone, Persist)]
struct Parts {
    primaries: u8,
    transfer: u8,
    samples: Vec<[[u8; 3]; 2]>,
}

/// The same with four channels.
#[derive(Clone, Persist)]
struct Wider {
    primaries: u8,
    transfer: u8,
    samples: Vec<[[u8; 4]; 2]>,
}

#[test]
fn images_that_do_not_exist_are_refused() {
    {
        forged!("image::ImageBuffer<Rgb<u8>>" of Parts);
        let samples = vec![[[1, 2, 3]; 2]; 500];
        let parts = Parts {
            primaries: 1,
            transfer: 13,
            samples,
        };
        let image = as_another::<RgbImage>(&Forged(parts.clone())).unwrap();
        assert_eq!(
            (image.dimensions(), image.get_pixel(1, 499)),
            ((2, 500), &Rgb([1, 2, 3]))
        );
        for code in [0, 3, 23, 255] {
            let parts = Parts {
                primaries: code,
                ..parts.clone()
            };
            refused::<RgbImage>(&Forged(parts), "is not a valid `CicpColorPrimaries`");
            let parts = Parts {
                primaries: 1,
                transfer: code,
                samples: Vec::new(),
            };
            refused::<RgbImage>(
                &Forged(parts),
                "is not a valid `CicpTransferCharacteristics`",
            );
        }
    }
    forged!("image::ImageBuffer<Rgb<u8>>" of Wider);
    let parts = Wider {
        primaries: 1,
        transfer: 13,
        samples: vec![[[1; 4]; 2]; 3],
    };
    refused::<RgbImage>(&Forged(parts), "[3, 2, 4] is not a valid");
}

#[test]
fn a_file_says_which_image_it_has() {
    assert_eq!(inspected(&photo(1, 1)), "`image::ImageBuffer<Rgb<u8>>`");
    let inspection = joblib::inspect(Place::of(&scan(200)).path).unwrap();
    let part = inspection
        .parts
        .iter()
        .find(|it| it.name.starts_with("photo") && !it.shape.is_empty());
    assert_eq!(part.unwrap().shape, [201, 200, 3]);
    // Samples of another width have another meaning.
    refused::<Rgb16>(&photo(1, 1), "`image::ImageBuffer<Rgb<u16>>` was expected");
    refused::<RgbaImage>(&photo(1, 1), "`image::ImageBuffer<Rgba<u8>>` was expected");
}

#[test]
fn keys_and_files_never_change() {
    golden! {
        photo(3, 2) => 0xe1931dff8fb9cd8cb857bf56e223ee09, "75b3e8fbe73513a7b2dae1df36e0254e";
        wide_gamut() => 0x3f8de70faee1ee670ffc99c4c9d39468, "9e9481e1925b5c507ce3bb935e1c21c4";
        scan(2).depth => 0xce598e52981f91560ed580c2dd634ef1, "03ff0882643da8545223551538678c0e";
        DynamicImage::from(photo(3, 2)) => 0x606539ccda816fef82468b2ce7fc8294, "3a6a280427f99c547f996651b7db1d1a";
    }
}

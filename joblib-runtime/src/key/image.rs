//! Keys of images of `image`: the size, the color space and all samples, in whatever the
//! image stores them.

use std::ops::Deref;

use image::{DynamicImage, ImageBuffer, Luma, LumaA, Pixel, Rgb, Rgba};

use super::{Key, KeyError, KeyHasher};

/// A type of pixels, with its name.
pub(crate) trait NamedPixel: Pixel {
    const NAME: &'static str;
}

macro_rules! named {
    ($($pixel:ident)*) => {$(
        impl<T> NamedPixel for $pixel<T>
        where
            $pixel<T>: Pixel,
        {
            const NAME: &'static str = stringify!($pixel);
        }
    )*};
}

named!(Luma LumaA Rgb Rgba);

impl<P: NamedPixel<Subpixel: Key>, C: Deref<Target = [P::Subpixel]>> Key for ImageBuffer<P, C> {
    fn feed_type(hasher: &mut KeyHasher) {
        hasher.nominal("image", "ImageBuffer", 0);
        P::NAME.feed(hasher);
        P::Subpixel::feed_type(hasher);
    }

    fn feed(&self, hasher: &mut KeyHasher) {
        let color = self.color_space();
        self.dimensions().feed(hasher);
        (color.primaries as u8, color.transfer as u8).feed(hasher);
        // There may be samples behind those of the pixels.
        <[P::Subpixel]>::feed(self.as_raw(), hasher);
    }
}

macro_rules! variants {
    ($($variant:ident)*) => {
        impl Key for DynamicImage {
            fn feed_type(hasher: &mut KeyHasher) {
                hasher.nominal("image", "DynamicImage", 0);
            }

            fn feed(&self, hasher: &mut KeyHasher) {
                match self {
                    $(DynamicImage::$variant(image) => {
                        stringify!($variant).feed(hasher);
                        image.feed(hasher);
                    })*
                    other => hasher.fail(KeyError {
                        type_name: "DynamicImage",
                        reason: format!(
                            "this version of joblib does not know images of the type {:?}",
                            other.color()
                        ),
                    }),
                }
            }
        }
    };
}

variants! {
    ImageLuma8 ImageLumaA8 ImageRgb8 ImageRgba8
    ImageLuma16 ImageLumaA16 ImageRgb16 ImageRgba16
    ImageRgb32F ImageRgba32F
}

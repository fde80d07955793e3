//! Images of `image`: encoded as their color space and an array of rows, columns and
//! channels, which is borrowed from a map.

use std::ops::Deref;

use image::metadata::{CicpColorPrimaries as Primaries, CicpTransferCharacteristics as Transfer};
use image::{DynamicImage, ImageBuffer, Luma, LumaA, Rgb, Rgba};

use super::foreign::valid;
use crate::key::NamedPixel;
use crate::persist::derive_support::{
    BodyReader, BodyWriter, FieldDecl, FieldsDecl, SchemaBuilder, TypeDecl, VariantDecl, Viewer,
    identity,
};
use crate::persist::error::{Error, ErrorKind};
use crate::persist::mode::MapMode;
use crate::persist::number::Number;
use crate::persist::row::one_by_one;
use crate::persist::schema::Rank;
use crate::persist::traits::{Persist, Save};
use crate::persist::untyped::ArrayShape;

/// Rows, columns and channels.
const DIMENSIONS: u32 = 3;

fn field(name: &'static str, schema: fn(&mut SchemaBuilder) -> u32) -> FieldDecl {
    FieldDecl {
        name,
        schema,
        aliases: &[],
        default: None,
    }
}

impl<P, C> Save for ImageBuffer<P, C>
where
    P: NamedPixel<Subpixel: Number>,
    C: Deref<Target = [P::Subpixel]>,
{
    fn schema(schemas: &mut SchemaBuilder) -> u32 {
        let name = format!(
            "image::ImageBuffer<{}<{}>>",
            P::NAME,
            P::Subpixel::KIND.name()
        );
        schemas.named_by(&name, |schemas| {
            let head = TypeDecl {
                ty: identity::<ImageBuffer<P, Vec<P::Subpixel>>>(),
                name: "ImageBuffer",
                older_types: &[],
            };
            let fields = [
                field("primaries", u8::schema),
                field("transfer", u8::schema),
                field("samples", |schemas| {
                    schemas.grid(P::Subpixel::KIND, Some(DIMENSIONS as usize))
                }),
            ];
            schemas.structure(head, FieldsDecl::Named(&fields))
        })
    }

    fn save<'v>(&'v self, writer: &mut BodyWriter<'v, '_>) -> Result<(), Error> {
        let (color, samples) = (self.color_space(), &**self.as_raw());
        let dimensions = [self.height(), self.width(), P::CHANNEL_COUNT.into()].map(u64::from);
        if dimensions.iter().product::<u64>() != samples.len() as u64 {
            let message = format!(
                "an image of {} by {} pixels in a buffer of {} samples cannot be written, because \
                 the buffer is longer than the image; shorten it",
                self.width(),
                self.height(),
                samples.len()
            );
            return Err(ErrorKind::Value(message).into());
        }
        writer.enter()?;
        writer.raw(&[color.primaries as u8, color.transfer as u8]);
        dimensions.iter().for_each(|it| writer.varint(*it));
        writer.raw(&[0]);
        writer.numbers(samples);
        writer.leave();
        Ok(())
    }
}

/// What a file has before the samples.
struct ImageHeader {
    primaries: Primaries,
    transfer: Transfer,
    size: (u32, u32),
    samples: usize,
}

impl ImageHeader {
    fn read<P: NamedPixel>(reader: &mut BodyReader<'_>) -> Result<Self, Error> {
        let [primaries, transfer] = reader.raw()?;
        let shape = ArrayShape::read(Rank::Fixed(DIMENSIONS), reader)?;
        let size = |at: usize| u32::try_from(shape.dimensions[at]).ok();
        let size = size(1)
            .zip(size(0))
            .filter(|_| shape.order == 0 && shape.dimensions[2] == u64::from(P::CHANNEL_COUNT));
        Ok(ImageHeader {
            primaries: valid(primaries_of(primaries), "CicpColorPrimaries", primaries)?,
            transfer: valid(
                transfer_of(transfer),
                "CicpTransferCharacteristics",
                transfer,
            )?,
            size: valid(size, P::NAME, &shape.dimensions)?,
            samples: shape.numbers()?,
        })
    }

    fn image<P: NamedPixel, C: Deref<Target = [P::Subpixel]>>(
        self,
        samples: C,
    ) -> Result<ImageBuffer<P, C>, Error> {
        let (width, height) = self.size;
        let image = ImageBuffer::from_raw(width, height, samples);
        let mut image = valid(image, "ImageBuffer", self.size)?;
        image.set_rgb_primaries(self.primaries);
        image.set_transfer_function(self.transfer);
        Ok(image)
    }
}

/// Returns the constant with this code of Rec. H.273.
macro_rules! constants {
    ($name:ident, $ty:ident: $($constant:ident)*) => {
        fn $name(code: u8) -> Option<$ty> {
            let mut all = [$($ty::$constant),*].into_iter();
            all.find(|it| *it as u8 == code)
        }
    };
}

constants! {
    primaries_of, Primaries:
    SRgb Unspecified RgbM RgbB Bt601 Rgb240m GenericFilm Rgb2020 Xyz SmpteRp431 SmpteRp432
    Industry22
}

constants! {
    transfer_of, Transfer:
    Bt709 Unspecified Bt470M Bt470BG Bt601 Smpte240m Linear Log100 LogSqrt Iec61966_2_4 Bt1361
    SRgb Bt2020_10bit Bt2020_12bit Smpte2084 Smpte428 Bt2100Hlg
}

impl<P: NamedPixel<Subpixel: Number>> Persist for ImageBuffer<P, Vec<P::Subpixel>> {
    type View<'m, M: MapMode> = ImageBuffer<P, M::Slice<'m, P::Subpixel>>;
    one_by_one!();

    fn load(reader: &mut BodyReader<'_>) -> Result<Self, Error> {
        reader.enter()?;
        let header = ImageHeader::read::<P>(reader)?;
        let samples = reader.numbers(header.samples)?;
        reader.leave();
        header.image(samples)
    }

    fn view<'m, M: MapMode>(viewer: &mut Viewer<'m, M>) -> Result<Self::View<'m, M>, Error> {
        viewer.enter()?;
        let header = ImageHeader::read::<P>(viewer.reader())?;
        let samples = viewer.numbers(header.samples)?;
        viewer.leave();
        header.image(samples)
    }
}

macro_rules! variants {
    ($($number:literal $variant:ident $pixel:ident<$sample:ty>;)*) => {
        /// The view of a [`DynamicImage`] in a map: its samples are borrowed.
        pub enum DynamicImageView<'m, M: MapMode> {$(
            #[allow(missing_docs, reason = "as the variant of `DynamicImage`")]
            $variant(ImageBuffer<$pixel<$sample>, M::Slice<'m, $sample>>),
        )*}

        impl<M: MapMode> std::fmt::Debug for DynamicImageView<'_, M> {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                match self {$(
                    Self::$variant(image) => {
                        f.debug_tuple(stringify!($variant)).field(image).finish()
                    }
                )*}
            }
        }

        impl Save for DynamicImage {
            fn schema(schemas: &mut SchemaBuilder) -> u32 {
                let head = TypeDecl {
                    ty: identity::<DynamicImage>(),
                    name: "DynamicImage",
                    older_types: &[],
                };
                let cases = [$(VariantDecl {
                    name: stringify!($variant),
                    aliases: &[],
                    shape: FieldsDecl::Unnamed(const {
                        &[FieldDecl {
                            name: "",
                            schema: ImageBuffer::<$pixel<$sample>, Vec<$sample>>::schema,
                            aliases: &[],
                            default: None,
                        }]
                    }),
                }),*];
                schemas.enumeration(head, &cases)
            }

            fn save<'v>(&'v self, writer: &mut BodyWriter<'v, '_>) -> Result<(), Error> {
                writer.enter()?;
                match self {
                    $(DynamicImage::$variant(image) => {
                        writer.varint($number);
                        Save::save(image, writer)?;
                    })*
                    other => return Err(ErrorKind::Value(format!(
                        "this version of joblib cannot write images of the type {:?}",
                        other.color()
                    ))
                    .into()),
                }
                writer.leave();
                Ok(())
            }
        }

        impl Persist for DynamicImage {
            type View<'m, M: MapMode> = DynamicImageView<'m, M>;
            one_by_one!();

            fn load(reader: &mut BodyReader<'_>) -> Result<Self, Error> {
                reader.enter()?;
                let image = match reader.varint()? {
                    $($number => DynamicImage::$variant(ImageBuffer::load(reader)?),)*
                    other => return reader.no_variant(other),
                };
                reader.leave();
                Ok(image)
            }

            fn view<'m, M: MapMode>(
                viewer: &mut Viewer<'m, M>,
            ) -> Result<DynamicImageView<'m, M>, Error> {
                viewer.enter()?;
                let image = match viewer.varint()? {
                    $($number => DynamicImageView::$variant(
                        ImageBuffer::<$pixel<$sample>, Vec<$sample>>::view(viewer)?,
                    ),)*
                    other => return viewer.no_variant(other),
                };
                viewer.leave();
                Ok(image)
            }
        }
    };
}

variants! {
    0 ImageLuma8 Luma<u8>;
    1 ImageLumaA8 LumaA<u8>;
    2 ImageRgb8 Rgb<u8>;
    3 ImageRgba8 Rgba<u8>;
    4 ImageLuma16 Luma<u16>;
    5 ImageLumaA16 LumaA<u16>;
    6 ImageRgb16 Rgb<u16>;
    7 ImageRgba16 Rgba<u16>;
    8 ImageRgb32F Rgb<f32>;
    9 ImageRgba32F Rgba<f32>;
}

//! Pictures are made anew from what they show: where and when they were taken, what is hidden in them, and what makes a decoder
//! stumble stays behind.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageDecoder, ImageEncoder, ImageFormat, ImageReader, Limits};

use crate::materials::kind::FileKind;

/// Longest side, in pixels.
const SIDE: u32 = 12_000;
/// Most pixels: what a good telephone takes.
const PIXELS: u64 = 50_000_000;
/// Most memory of a decoder.
const MEMORY: u64 = 320 * 1024 * 1024;
/// Quality of a JPEG, in percent.
const QUALITY: u8 = 90;

/// What picture it is, by its first bytes.
pub fn kind(bytes: &[u8]) -> Option<(FileKind, ImageFormat)> {
    if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        Some((FileKind::Png, ImageFormat::Png))
    } else if bytes.starts_with(b"\xff\xd8\xff") {
        Some((FileKind::Jpeg, ImageFormat::Jpeg))
    } else if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        Some((FileKind::Webp, ImageFormat::WebP))
    } else {
        None
    }
}

/// The same picture with nothing but its pixels, turned as its camera said.
pub fn made_anew(bytes: &[u8], format: ImageFormat) -> Result<Vec<u8>, String> {
    // The size is in the first bytes: a bomb is refused before it goes off.
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.no_limits();
    let (width, height) = reader.into_dimensions().map_err(|_| broken())?;
    if width == 0 || height == 0 || width > SIDE || height > SIDE || u64::from(width) * u64::from(height) > PIXELS {
        return Err(
            "This picture has more than 50 million pixels or a side over 12,000; make it smaller and send it again."
                .to_owned(),
        );
    }
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::default();
    (limits.max_image_width, limits.max_image_height, limits.max_alloc) = (Some(SIDE), Some(SIDE), Some(MEMORY));
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|_| broken())?;
    let turned = decoder.orientation().ok();
    let mut picture = DynamicImage::from_decoder(decoder).map_err(|_| broken())?;
    if let Some(turned) = turned {
        picture.apply_orientation(turned);
    }
    let mut kept = Vec::new();
    let written = match format {
        ImageFormat::Jpeg => {
            let plain = picture.to_rgb8();
            let encoder = JpegEncoder::new_with_quality(&mut kept, QUALITY);
            encoder.write_image(&plain, plain.width(), plain.height(), image::ExtendedColorType::Rgb8)
        }
        ImageFormat::WebP => DynamicImage::from(picture.to_rgba8()).write_to(&mut Cursor::new(&mut kept), format),
        other => picture.write_to(&mut Cursor::new(&mut kept), other),
    };
    written.map_err(|_| broken())?;
    Ok(kept)
}

fn broken() -> String {
    "This picture cannot be read; save it again and send that.".to_owned()
}

#[cfg(test)]
mod tests {
    use image::RgbImage;

    use super::*;

    fn picture(format: ImageFormat) -> Vec<u8> {
        let mut bytes = Vec::new();
        let pixels = RgbImage::from_fn(40, 20, |x, _| image::Rgb([if x < 20 { 250 } else { 5 }, 0, 0]));
        DynamicImage::from(pixels).write_to(&mut Cursor::new(&mut bytes), format).unwrap();
        bytes
    }

    #[test]
    fn pictures_come_out_as_what_they_were() {
        for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP] {
            let bytes = picture(format);
            let (_, known) = kind(&bytes).unwrap();
            assert_eq!(known, format);
            let kept = made_anew(&bytes, format).unwrap();
            assert_eq!(kind(&kept).unwrap().1, format);
            let read = image::load_from_memory(&kept).unwrap();
            assert_eq!((read.width(), read.height()), (40, 20));
        }
    }

    #[test]
    fn where_it_was_taken_stays_behind_and_it_stands_upright() {
        // EXIF with orientation 6 (turned right) and words that must not stay.
        let mut exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0".to_vec();
        exif.extend(b"GPS 40.7128 canary");
        let mut segment = vec![0xff, 0xe1];
        segment.extend(u16::try_from(exif.len() + 2).unwrap().to_be_bytes());
        segment.extend(&exif);
        let plain = picture(ImageFormat::Jpeg);
        let bytes = [&plain[..2], &segment, &plain[2..], b"hung on"].concat();
        let kept = made_anew(&bytes, ImageFormat::Jpeg).unwrap();
        for gone in [b"Exif".as_slice(), b"canary", b"hung on"] {
            assert!(super::super::holds(&bytes, gone) && !super::super::holds(&kept, gone));
        }
        let read = image::load_from_memory(&kept).unwrap().to_rgb8();
        assert_eq!((read.width(), read.height()), (20, 40));
        assert!(read.get_pixel(10, 5)[0] > 200 && read.get_pixel(10, 35)[0] < 60);
    }

    #[test]
    fn a_bomb_does_not_go_off() {
        // A PNG that says it is 60,000 by 60,000.
        let mut bomb = picture(ImageFormat::Png);
        bomb[16..24].copy_from_slice(&[0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60]);
        let mut sum = flate2::Crc::new();
        sum.update(&bomb[12..29]);
        bomb[29..33].copy_from_slice(&sum.sum().to_be_bytes());
        assert!(made_anew(&bomb, ImageFormat::Png).unwrap_err().contains("pixels"));
        assert!(made_anew(&picture(ImageFormat::Png)[..60], ImageFormat::Png).unwrap_err().contains("cannot be read"));
    }
}

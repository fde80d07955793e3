//! Numbers of other crates, as single values and in arrays.

use super::{Place, there_and_back};

#[cfg(feature = "half")]
mod of_half {
    use half::{bf16, f16};

    use super::*;

    #[test]
    fn halves_come_back_bit_for_bit() {
        for bits in [0, 1, 0x3c00, 0x8000, 0x7c00, 0x7e01, 0xffff] {
            let (one, other) = (f16::from_bits(bits), bf16::from_bits(bits));
            assert_eq!(there_and_back(&one).to_bits(), bits);
            assert_eq!(there_and_back(&other).to_bits(), bits);
        }
        let all: Vec<f16> = (0..=u16::MAX).map(f16::from_bits).collect();
        let back = there_and_back(&all);
        assert!(
            back.iter()
                .zip(&all)
                .all(|(it, other)| it.to_bits() == other.to_bits())
        );
        let few = vec![bf16::from_f32(1.5); 3];
        assert_eq!(there_and_back(&few), few);
    }

    #[test]
    fn halves_are_mapped_and_become_wider() {
        let place = Place::new();
        let numbers: Vec<f16> = (0..3000_u16)
            .map(|it| f16::from_f32(f32::from(it) / 8.0))
            .collect();
        joblib::dump(&(numbers.clone(), bf16::from_f32(2.5)), &place.path).unwrap();
        let file = joblib::open::<(Vec<f16>, bf16)>(&place.path).unwrap();
        assert_eq!(file.view().0, numbers);
        let (wide, one): (Vec<f32>, f64) = joblib::load(&place.path).unwrap();
        assert!(
            wide.iter()
                .zip(&numbers)
                .all(|(it, other)| *it == other.to_f32())
        );
        assert_eq!(one, 2.5);
    }
}

#[cfg(feature = "num-complex")]
mod of_complex {
    use num_complex::Complex;

    use super::*;

    #[test]
    fn complex_numbers_come_back() {
        let single = Complex::new(-0.0_f32, f32::INFINITY);
        assert_eq!(there_and_back(&single).re.to_bits(), single.re.to_bits());
        let double = Complex::new(1.5_f64, -2.5);
        assert_eq!(there_and_back(&double), double);
        for len in [0, 1, 63, 64, 65, 5000] {
            let numbers: Vec<Complex<f64>> = (0..len)
                .map(|it| Complex::new(f64::from(it), -f64::from(it)))
                .collect();
            assert_eq!(there_and_back(&numbers), numbers);
            let singles = vec![Complex::new(1.0_f32, 2.0); len as usize];
            assert_eq!(there_and_back(&singles), singles);
        }
    }

    #[test]
    fn complex_numbers_are_mapped_and_become_wider() {
        let place = Place::new();
        let numbers = vec![Complex::new(1.5_f32, -2.5); 3000];
        // The small first field checks that the 16-byte alignment is respected.
        joblib::dump(&(1_u8, numbers.clone(), numbers[..3].to_vec()), &place.path).unwrap();
        type Three<N> = (u8, Vec<Complex<N>>, Vec<Complex<N>>);
        let file = joblib::open::<Three<f32>>(&place.path).unwrap();
        assert_eq!(file.view().1, numbers);
        assert_eq!(file.view().2, &numbers[..3]);
        let wide: Three<f64> = joblib::load(&place.path).unwrap();
        assert_eq!(wide.1[2999], Complex::new(1.5, -2.5));
    }
}

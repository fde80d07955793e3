//! Decimal numbers of `rust_decimal`: the mantissa without its sign, the number of digits
//! after the point, and whether it is negative.

use rust_decimal::Decimal;

use super::foreign::valid;
use super::number::checked;
use crate::persist::derive_support::{BodyReader, BodyWriter, SchemaBuilder, Viewer};
use crate::persist::error::Error;
use crate::persist::mode::MapMode;
use crate::persist::row::one_by_one;
use crate::persist::traits::{Persist, Save};

checked! {
    [] Decimal as "rust_decimal::Decimal" of (u128, u8, bool),
        |number| (number.mantissa().unsigned_abs(), number.scale() as u8, number.is_sign_negative()),
        |parts| {
            let (mantissa, scale, is_negative) = parts;
            let number = i128::try_from(mantissa).ok().and_then(|mantissa| {
                let mut number = Decimal::try_from_i128_with_scale(mantissa, scale.into()).ok()?;
                number.set_sign_negative(is_negative);
                Some(number)
            });
            valid(number, "rust_decimal::Decimal", parts)
        };
}

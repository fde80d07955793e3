//! Keys of the decimal numbers of `rust_decimal`: 1.0 and 1.00 have different keys, because
//! a function can print them, although they are equal.

use rust_decimal::Decimal;

use super::nominal::fed_as;
use super::{Key, KeyHasher};

fed_as! {
    "rust_decimal":
    // The mantissa of a negative zero has no sign.
    [] Decimal = "Decimal", |number| (number.mantissa(), number.scale(), number.is_sign_negative());
}

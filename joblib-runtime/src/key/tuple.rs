//! Keys of tuples with up to twelve elements, and of `()`.

use super::{Key, KeyHasher, tag};

impl Key for () {
    fn feed_type(hasher: &mut KeyHasher) {
        hasher.write_u8(tag::UNIT);
    }

    fn feed(&self, _: &mut KeyHasher) {}
}

macro_rules! tuples {
    ($($len:literal: $($type:ident $index:tt)*;)*) => {$(
        impl<$($type: Key),*> Key for ($($type,)*) {
            fn feed_type(hasher: &mut KeyHasher) {
                hasher.write_u8(tag::TUPLE);
                hasher.write_u8($len);
                $($type::feed_type(hasher);)*
            }

            #[inline]
            fn feed(&self, hasher: &mut KeyHasher) {
                $(self.$index.feed(hasher);)*
            }
        }
    )*};
}

tuples! {
    1: A 0;
    2: A 0 B 1;
    3: A 0 B 1 C 2;
    4: A 0 B 1 C 2 D 3;
    5: A 0 B 1 C 2 D 3 E 4;
    6: A 0 B 1 C 2 D 3 E 4 F 5;
    7: A 0 B 1 C 2 D 3 E 4 F 5 G 6;
    8: A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7;
    9: A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8;
    10: A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9;
    11: A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10;
    12: A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10 L 11;
}

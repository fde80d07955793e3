//! Functions of impls and traits that `macro_rules!` macros generate, with the
//! attribute in any position and with any part of the function as macro input.

#![deny(warnings)]

#[macro_use]
#[path = "members_by_macro/elsewhere.rs"]
mod elsewhere;

use joblib::{Key, memoize};
use serde::{Deserialize, Serialize};

trait Run {
    fn go(x: i64) -> i64;
    fn held(&self, x: i64) -> i64;
}

#[derive(Key)]
struct A(i64);
#[derive(Key)]
struct B(i64);

macro_rules! model {
    ($t:ident, $k:literal) => {
        impl Run for $t {
            #[memoize(dir = "../target/ui-cache")]
            fn go(x: i64) -> i64 {
                x + $k
            }

            #[memoize(dir = "../target/ui-cache")]
            fn held(&self, x: i64) -> i64 {
                x + self.0 + $k
            }
        }
    };
}

model!(A, 1);
model!(B, 2);

/// The same for a generic trait and type, with constants from the macro's input.
trait Scaled<T> {
    const K: i64;
    fn scaled(&self, x: i64) -> i64;
}

#[derive(Key)]
struct Wrap<T>(T);

macro_rules! scaled {
    ($t:ty, $k:literal) => {
        impl<T: Key> Scaled<$t> for Wrap<T> {
            const K: i64 = $k;

            #[memoize(dir = "../target/ui-cache")]
            fn scaled(&self, x: i64) -> i64 {
                x * <Self as Scaled<$t>>::K
            }
        }
    };
}

scaled!(u8, 10);
scaled!(u16, 100);

macro_rules! inherent {
    ($t:ident, $name:ident, $k:literal) => {
        impl $t {
            #[memoize(dir = "../target/ui-cache")]
            pub(crate) fn $name(&self, x: i64) -> i64 {
                x + self.0 * $k
            }

            #[memoize(dir = "../target/ui-cache")]
            fn made(x: i64) -> Self {
                Self(x * $k)
            }

            #[memoize(dir = "../target/ui-cache")]
            fn plain(x: i64) -> i64 {
                x * $k
            }
        }
    };
}

#[derive(Key, Serialize, Deserialize)]
struct C(i64);
#[derive(Key, Serialize, Deserialize)]
struct D(i64);

inherent!(C, area, 1);
inherent!(D, area, 2);

macro_rules! generic {
    ($t:ident<$p:ident>) => {
        impl<$p: Key + Copy + Into<i64>> $t<$p> {
            #[memoize(dir = "../target/ui-cache")]
            fn sum(&self, x: i64) -> i64 {
                x + self.0.into() * std::mem::size_of::<$p>() as i64
            }

            #[memoize(dir = "../target/ui-cache")]
            fn size(x: i64) -> i64 {
                x + std::mem::size_of::<$p>() as i64
            }
        }
    };
}

generic!(Wrap<T>);

macro_rules! with_default {
    ($name:ident) => {
        trait $name {
            const N: i64;

            #[memoize(dir = "../target/ui-cache")]
            fn times(x: i64) -> i64 {
                x * Self::N
            }
        }
    };
}

with_default!(Times);

impl Times for A {
    const N: i64 = 3;
}

impl Times for B {
    const N: i64 = 4;
}

/// Complete functions as input of a macro that generates the owner.
macro_rules! members_of {
    ($t:ident; $($item:item)*) => {
        impl $t {
            $($item)*
        }
    };
}

struct E;

members_of! {
    E;
    #[memoize(dir = "../target/ui-cache", ignore(self))]
    fn given(&self, x: i64) -> i64 {
        x + 7
    }
}

/// A macro that generates only a member. Its owner contains the macro call.
macro_rules! member {
    ($name:ident, $k:literal) => {
        #[memoize(dir = "../target/ui-cache", ignore(self))]
        fn $name(&self, x: i64) -> i64 {
            x + $k
        }
    };
}

struct F;

impl F {
    member!(first, 1);
    member!(second, 2);
}

/// Free functions from a macro that another macro calls, or that one defines.
macro_rules! outer {
    ($($t:tt)*) => {
        $($t)*
    };
}

outer! {
    #[memoize(dir = "../target/ui-cache")]
    fn passed_on(x: i64) -> i64 {
        x + 8
    }

    mod inner {
        #[joblib::memoize(dir = "../target/ui-cache")]
        pub(super) fn passed_on(x: i64) -> i64 {
            x + 9
        }
    }

    impl E {
        #[memoize(dir = "../target/ui-cache")]
        fn passed_in(x: i64) -> i64 {
            x + 10
        }
    }
}

macro_rules! define {
    ($name:ident) => {
        macro_rules! $name {
            ($k:literal) => {
                #[memoize(dir = "../target/ui-cache")]
                fn defined(x: i64) -> i64 {
                    x + $k
                }
            };
        }
    };
}

define!(defining);
defining!(11);

macro_rules! asynchronous {
    ($t:ident) => {
        impl $t {
            #[memoize(dir = "../target/ui-cache")]
            async fn later(&self, x: i64) -> i64 {
                std::future::ready(x + self.0).await
            }
        }
    };
}

asynchronous!(A);
asynchronous!(B);

trait Elsewhere {
    fn elsewhere(x: i64) -> i64;
}

impl Elsewhere for E {
    elsewhere!(elsewhere, 12);
}

impl Elsewhere for F {
    elsewhere!(elsewhere, 13);
}

/// A function in different contexts, which therefore has no companion.
macro_rules! anywhere {
    ($name:ident, $k:literal) => {
        #[memoize(dir = "../target/ui-cache")]
        fn $name(x: i64) -> i64 {
            x + $k
        }
    };
}

anywhere!(anywhere, 14);

impl E {
    anywhere!(anywhere, 15);
}

trait Anywhere {
    anywhere!(anywhere_else, 16);
}

impl Anywhere for F {}

fn main() {
    for _ in 0..2 {
        assert_eq!((E::elsewhere(1), F::elsewhere(1)), (13, 14));
        assert_eq!((anywhere(1), E::anywhere(1)), (15, 16));
        assert_eq!(F::anywhere_else(1), 17);
        assert_eq!((A::go(1), B::go(1)), (2, 3));
        assert_eq!((A(5).held(1), B(5).held(1)), (7, 8));
        assert_eq!(Scaled::<u8>::scaled(&Wrap(1), 1), 10);
        assert_eq!(Scaled::<u16>::scaled(&Wrap(1), 1), 100);
        assert_eq!((C(3).area(1), D(3).area(1)), (4, 7));
        assert_eq!((C::made(1).0, D::made(1).0), (1, 2));
        assert_eq!((C::plain(1), D::plain(1)), (1, 2));
        assert_eq!((Wrap(1_u8).sum(1), Wrap(1_u16).sum(1)), (2, 3));
        assert_eq!((Wrap::<u8>::size(1), Wrap::<u16>::size(1)), (2, 3));
        assert_eq!((A::times(1), B::times(1)), (3, 4));
        assert_eq!((E.given(1), E::passed_in(1)), (8, 11));
        assert_eq!((F.first(1), F.second(1)), (2, 3));
        assert_eq!((passed_on(1), inner::passed_on(1), defined(1)), (9, 10, 12));
        let later = |future| pollster(future);
        assert_eq!(later(Box::pin(A(1).later(1))), 2);
        assert_eq!(later(Box::pin(B(5).later(1))), 6);
    }
    assert!(C::area_memo().check(&C(3), 1) && D::plain_memo().check(1));
    assert!(F::first_memo().check(&F, 1));
    assert!(passed_on::check(1) && inner::passed_on::check(1) && defined::check(1));
}

/// Returns the output of a future that is ready when polled first.
fn pollster<'a>(mut future: std::pin::Pin<Box<dyn Future<Output = i64> + 'a>>) -> i64 {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match future.as_mut().poll(&mut context) {
        std::task::Poll::Ready(value) => value,
        std::task::Poll::Pending => panic!("the future is pending"),
    }
}

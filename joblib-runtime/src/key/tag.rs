//! The type tags, one byte each. They are part of every key, so the meaning of a tag
//! never changes.

/// `()`.
pub const UNIT: u8 = 0x01;
/// `bool`: one byte, 0 or 1.
pub const BOOL: u8 = 0x02;
/// `char`: four bytes.
pub const CHAR: u8 = 0x03;
/// `str`, `String`: the length, then UTF-8.
pub const STR: u8 = 0x04;
/// `u8`.
pub const U8: u8 = 0x05;
/// `u16`.
pub const U16: u8 = 0x06;
/// `u32`.
pub const U32: u8 = 0x07;
/// `u64`.
pub const U64: u8 = 0x08;
/// `u128`.
pub const U128: u8 = 0x09;
/// `usize`, in eight bytes on every platform.
pub const USIZE: u8 = 0x0a;
/// `i8`.
pub const I8: u8 = 0x0b;
/// `i16`.
pub const I16: u8 = 0x0c;
/// `i32`.
pub const I32: u8 = 0x0d;
/// `i64`.
pub const I64: u8 = 0x0e;
/// `i128`.
pub const I128: u8 = 0x0f;
/// `isize`, in eight bytes on every platform.
pub const ISIZE: u8 = 0x10;
/// `f32`, by its bits.
pub const F32: u8 = 0x11;
/// `f64`, by its bits.
pub const F64: u8 = 0x12;
/// A type without values.
pub const NEVER: u8 = 0x13;
/// `Path`, `PathBuf`: the length, then the text.
pub const PATH: u8 = 0x14;
/// `OsStr`, `OsString`: the length, then the text.
pub const OS_STR: u8 = 0x15;
/// `CStr`, `CString`: the length, then the bytes without the final zero.
pub const C_STR: u8 = 0x16;

/// `[T]`, `Vec<T>`: the length, then the elements.
pub const SLICE: u8 = 0x20;
/// `[T; N]`: N is in the tag, the elements follow.
pub const ARRAY: u8 = 0x21;
/// `VecDeque<T>`: as a slice.
pub const DEQUE: u8 = 0x22;
/// `LinkedList<T>`: as a slice.
pub const LIST: u8 = 0x23;
/// `BTreeMap<K, V>`: the length, then keys and values in order.
pub const ORDERED_MAP: u8 = 0x24;
/// `BTreeSet<T>`: the length, then the elements in order.
pub const ORDERED_SET: u8 = 0x25;
/// `HashMap<K, V>`: the length, then the sorted hashes of the entries.
pub const MAP: u8 = 0x26;
/// `HashSet<T>`: the length, then the sorted hashes of the elements.
pub const SET: u8 = 0x27;
// 0x28 is reserved: it was `BinaryHeap<T>` without its order.
/// A tuple: the number of types is in the tag.
pub const TUPLE: u8 = 0x29;
/// An n-dimensional array: the lengths of all axes, then the elements, row-major.
pub const ND_ARRAY: u8 = 0x2a;
/// A matrix: rows and columns, then the elements, column-major.
pub const MATRIX: u8 = 0x2b;
/// A complex number: the real part, then the imaginary one.
pub const COMPLEX: u8 = 0x2c;
/// `BinaryHeap<T>`: the length, then the elements in the order of its iterator.
pub const HEAP: u8 = 0x2d;

/// `Option<T>`: 0, or 1 and the value.
pub const OPTION: u8 = 0x30;
/// `Result<T, E>`: 0 and the value, or 1 and the error.
pub const RESULT: u8 = 0x31;
/// `Ordering`: one byte, -1, 0 or 1.
pub const ORDERING: u8 = 0x32;
/// `Bound<T>`: 0 unbounded, 1 included, 2 excluded, then the value.
pub const BOUND: u8 = 0x33;
/// `NonZero<T>`: as `T`.
pub const NON_ZERO: u8 = 0x34;
/// `Wrapping<T>`: as `T`.
pub const WRAPPING: u8 = 0x35;
/// `Saturating<T>`: as `T`.
pub const SATURATING: u8 = 0x36;
/// `Reverse<T>`: as `T`.
pub const REVERSE: u8 = 0x37;
/// `PhantomData<T>`: nothing.
pub const PHANTOM: u8 = 0x38;
/// `Range<T>`.
pub const RANGE: u8 = 0x39;
/// `RangeInclusive<T>`.
pub const RANGE_INCLUSIVE: u8 = 0x3a;
/// `RangeFrom<T>`.
pub const RANGE_FROM: u8 = 0x3b;
/// `RangeTo<T>`.
pub const RANGE_TO: u8 = 0x3c;
/// `RangeToInclusive<T>`.
pub const RANGE_TO_INCLUSIVE: u8 = 0x3d;
/// `RangeFull`.
pub const RANGE_FULL: u8 = 0x3e;

/// `Duration`: seconds, then nanoseconds.
pub const DURATION: u8 = 0x40;
/// `SystemTime`: 0 since or 1 before the Unix epoch, then as a duration.
pub const SYSTEM_TIME: u8 = 0x41;
/// `Ipv4Addr`.
pub const IPV4: u8 = 0x42;
/// `Ipv6Addr`.
pub const IPV6: u8 = 0x43;
/// `IpAddr`: 4 or 6, then the address.
pub const IP: u8 = 0x44;
/// `SocketAddrV4`.
pub const SOCKET_V4: u8 = 0x45;
/// `SocketAddrV6`.
pub const SOCKET_V6: u8 = 0x46;
/// `SocketAddr`: 4 or 6, then the address.
pub const SOCKET: u8 = 0x47;
/// `FileContents`: 0, the length and the hash, or 1 and the kind of the error.
pub const FILE_CONTENTS: u8 = 0x48;

/// A type with a name: module, name, digest of the definition, parameters.
pub const NOMINAL: u8 = 0x50;
/// A value encoded by its `serde::Serialize`, every part tagged.
pub const SERDE: u8 = 0x51;
/// A type with a derived `Key`: a hash of sixteen bytes, then the type parameters. The
/// hash is that of its package, its path, the digest of its definition and, inside a
/// function, its position in it.
pub const DECLARED: u8 = 0x52;
/// In place of an argument of more bytes than the buffer of [`KeyHasher`](super::KeyHasher)
/// has room for: the XXH3-128 hash of its bytes.
pub const LONG: u8 = 0x60;

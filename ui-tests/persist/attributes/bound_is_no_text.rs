use joblib::{Key, Persist};

#[derive(Persist)]
#[persist(bound = Clone)]
struct Persisted<T>(T);

#[derive(Key)]
#[key(bound)]
struct Keyed<T>(T);

#[derive(Persist)]
#[persist(bound = "T Clone")]
struct Unparsed<T>(T);

#[derive(Persist)]
#[persist(transparent)]
struct Two(u8, u8);

#[derive(Persist)]
#[persist(default)]
enum Of {
    A(u8),
}

fn main() {}

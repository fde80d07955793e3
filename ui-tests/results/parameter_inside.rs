use joblib::{Key, memoize};

#[memoize]
fn list<T: Key + Clone>(value: &[T]) -> Vec<T> {
    value.to_vec()
}

#[memoize]
fn converted<T: Key + Into<U>, U>(value: T) -> Result<U, String> {
    Ok(value.into())
}

trait Model: Key {
    type Output;

    fn run(&self) -> Self::Output;
}

#[memoize]
fn projected<M: Model>(model: &M) -> M::Output {
    model.run()
}

fn main() {
    list(&[1]);
}

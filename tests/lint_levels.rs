//! Lint levels on a memoized function apply to its body at any visibility.

mod levels {
    use joblib::memoize;

    /// Documented.
    #[allow(unused_variables)]
    #[memoize(dir = "target/test-cache/annotated")]
    pub(super) fn before(n: u64) -> u64 {
        let unused = 1;
        n + 1
    }

    #[memoize(dir = "target/test-cache/annotated")]
    #[allow(unused_variables)]
    pub(crate) fn after(n: u64) -> u64 {
        let unused = 1;
        n + 2
    }
}

#[test]
fn lint_levels_apply_at_any_visibility() {
    assert_eq!(levels::before(1), 2);
    assert_eq!(levels::after(1), 3);
    assert_eq!(levels::after::uncached(1), 3);
}

//! Whether the source of a crate asks for debug assertions or overflow checks,
//! which a profile may set for one package alone.

/// Whether a source asks for them. Only the root of a crate can allow it to ask
/// for overflow checks, and names them then.
///
/// The macros themselves are often not optimized, so the search is left to the
/// standard library's for a character that is rare in source.
pub(super) fn asks(source: &[u8], is_root: bool) -> bool {
    let source = String::from_utf8_lossy(source);
    let names = |asked: &str, rare: char| {
        let offset = asked.find(rare).unwrap_or_default();
        let places = source.match_indices(rare).map(|(at, _)| at);
        let mut starts = places.filter_map(|at| at.checked_sub(offset));
        starts.any(|start| source.as_bytes()[start..].starts_with(asked.as_bytes()))
    };
    names("debug_assertions", 'g') || (is_root && names("overflow_checks", 'k'))
}

#[cfg(test)]
mod tests {
    fn asks(source: &str) -> bool {
        super::asks(source.as_bytes(), true)
    }

    #[test]
    fn what_asks_is_found_wherever_it_stands() {
        assert!(asks("debug_assertions"));
        assert!(asks("gg k #![feature(cfg_overflow_checks)]"));
        assert!(asks("é if cfg!(debug_assertions) { 1 } else { 2 }"));
        assert!(!asks(
            "g debug_assert!(true); overflow_check debug_assertion"
        ));
        assert!(!asks(""));
    }
}

//! `pin = "…"`: a function whose fingerprint differs from the pinned one does not
//! compile, and the error lists the changes.
//!
//! If the fingerprint matches, the list of reachable items is stored in the target
//! directory, so that a later build can compute the differences.

use std::fs;
use std::path::PathBuf;

use super::model::Model;
use crate::errors::ErrorList;
use crate::source::{self, Reach};

/// Reports an error if the fingerprint of the function differs from the pinned one.
pub(super) fn check(model: &Model, reach: &Reach, errors: &mut ErrorList) {
    let Some(pin) = model.args.pin.get() else {
        return;
    };
    if model.args.depends.is_set() || !reach.unknown_cfgs.is_empty() {
        errors.at(
            pin.literal.span(),
            "a fingerprint that includes other crates (`depends`) or `cfg`s that the macro cannot \
             evaluate is complete only after macro expansion; remove `pin` or these dependencies",
        );
        return;
    }
    let scope = model.args.scope.get().copied().unwrap_or_default();
    if scope.binary {
        errors.at(
            pin.literal.span(),
            "with `scope = \"binary\"` results depend on the executable, so each build recomputes \
             them; remove `pin` or `scope`",
        );
        return;
    }
    if pin.fingerprint == reach.digest {
        store(pin.fingerprint, reach);
        return;
    }
    let changes = match stored(pin.fingerprint) {
        Some(before) => source::differences(&before, &reach.items_text()).join("\n  "),
        None => "(the changes are unknown, because no build in this target directory had the \
                 pinned fingerprint)"
            .to_owned(),
    };
    errors.at(
        pin.literal.span(),
        format!(
            "the source that `{}` depends on has changed since it was pinned:\n  {changes}\n\
             undo the change to keep the stored results, or write `pin = \"{:032x}\"` to recompute them",
            model.name(),
            reach.digest,
        ),
    );
}

/// Stores the list of reachable items. Failures are ignored: without the list, an
/// error does not name the changes.
fn store(fingerprint: u128, reach: &Reach) {
    if let Some(path) = list_path(fingerprint)
        && !path.exists()
        && let Some(folder) = path.parent()
    {
        let _ = fs::create_dir_all(folder);
        let _ = fs::write(path, reach.items_text());
    }
}

fn stored(fingerprint: u128) -> Option<String> {
    fs::read_to_string(list_path(fingerprint)?).ok()
}

fn list_path(fingerprint: u128) -> Option<PathBuf> {
    let target = source::target_dir()?;
    Some(
        target
            .join("joblib-pins")
            .join(format!("{fingerprint:032x}")),
    )
}

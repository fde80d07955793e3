//! `pin = "…"`: a function whose fingerprint is another than the pinned one
//! does not compile, and the error names what changed.
//!
//! The items behind a fingerprint that matched are kept in the target
//! directory, where the next build finds them to compare with.

use std::fs;
use std::path::PathBuf;

use super::model::Model;
use crate::errors::ErrorList;
use crate::source::{self, Reach};

/// Compares the pinned fingerprint, if there is one, with what was found.
pub(super) fn check(model: &Model, reach: &Reach, errors: &mut ErrorList) {
    let Some(pin) = model.args.pin.get() else {
        return;
    };
    if model.args.depends.is_set() || !reach.unknown_cfgs.is_empty() {
        errors.at(
            pin.literal.span(),
            "a fingerprint that other crates or unknown `cfg`s take part in is complete only after \
             this annotation ran; remove `pin` or what makes it incomplete (`depends`)",
        );
        return;
    }
    let scope = model.args.scope.get().copied().unwrap_or_default();
    if scope.binary {
        errors.at(
            pin.literal.span(),
            "the executable counts by `scope = \"binary\"`, so that each build computes anew; \
             remove `pin` or `scope`",
        );
        return;
    }
    if pin.fingerprint == reach.digest {
        keep(pin.fingerprint, reach);
        return;
    }
    let changes = match known(pin.fingerprint) {
        Some(before) => source::differences(&before, &reach.items_text()).join("\n  "),
        None => "(no build of this target directory has seen the pinned fingerprint, so what \
                 changed cannot be named)"
            .to_owned(),
    };
    errors.at(
        pin.literal.span(),
        format!(
            "the source that `{}` depends on has changed since it was pinned:\n  {changes}\n\
             undo the change to keep the stored results, or write `pin = \"{:032x}\"` to compute anew",
            model.name(),
            reach.digest,
        ),
    );
}

/// The list is a convenience: where it cannot be kept the error says less.
fn keep(fingerprint: u128, reach: &Reach) {
    if let Some(path) = place(fingerprint)
        && !path.exists()
        && let Some(folder) = path.parent()
    {
        let _ = fs::create_dir_all(folder);
        let _ = fs::write(path, reach.items_text());
    }
}

fn known(fingerprint: u128) -> Option<String> {
    fs::read_to_string(place(fingerprint)?).ok()
}

fn place(fingerprint: u128) -> Option<PathBuf> {
    let target = source::target_dir()?;
    Some(
        target
            .join("joblib-pins")
            .join(format!("{fingerprint:032x}")),
    )
}

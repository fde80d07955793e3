//! Edits of other crates of the workspace, manifests and the lock file.

use crate::edit::{Topic, edit, edits, inactive, unrelated};

const APP: &str = "app/src/borrowed.rs";
const PHYSICS: &str = "physics/src/lib.rs";
const FORCE: &str = "physics/src/force.rs";
const SHAPES: &str = "shapes/src/lib.rs";
const LABELS: &str = "labels/src/lib.rs";
const MANIFEST: &str = "app/Cargo.toml";
const PHYSICS_MANIFEST: &str = "physics/Cargo.toml";

pub(super) const CRATES: Topic = Topic {
    name: "other crates",
    edits: edits![
        edit(PHYSICS, "GRAVITY: u64 = 98" => "GRAVITY: u64 = 99", ["fallen", "energetic"]),
        edit(PHYSICS, "[5, 11, 17]" => "[6, 11, 17]", ["energetic", "sprung"]),
        edit(FORCE, "super::GRAVITY * body" => "super::GRAVITY + body", ["fallen"]),
        edit(FORCE, "Square { side }.area() + 3" => "Square { side }.area() + 4", ["dragged"]),
        edit(FORCE, "push += 1;" => "push += 2;", ["blown"]),
        edit(PHYSICS, "drag as resistance" => "push as resistance", ["dragged"]),
        edit(PHYSICS, "n * STIFFNESS[1]" => "n + STIFFNESS[1]", ["sprung"]),
        edit(PHYSICS, "    12\n" => "    13\n", ["calibrated"]),
        edit(PHYSICS, "n + offset()" => "n * offset()", ["calibrated"]),
        edit(SHAPES, "self.side * self.side" => "self.side + self.side", ["dragged"]),
        edit(SHAPES, "DENSITY: u64 = 3" => "DENSITY: u64 = 4", ["heavy", "paired"]),
        edit(SHAPES, "2 * self.weigh()" => "3 * self.weigh()", ["paired"]),
        edit(APP, "self.0 * Self::DENSITY" => "self.0 + Self::DENSITY", ["heavy", "paired"]),
        edit(APP, "mechanics::STIFFNESS[0] * n" => "mechanics::STIFFNESS[1] * n", ["energetic"]),
        edit(LABELS, "<{name}>" => "[{name}]", ["labelled"])
            .also(["blown", "dragged", "energetic", "fallen", "heavy", "massive", "paired", "sprung"]),
        unrelated(PHYSICS, "    1\n" => "    2\n"),
        inactive(FORCE, "    side\n" => "    side + 1\n"),
        unrelated(SHAPES, "UNUSED: u64 = 99" => "UNUSED: u64 = 98"),
        unrelated(SHAPES, "SIDES: u64 = 4" => "SIDES: u64 = 5"),
    ],
};

pub(super) const MANIFESTS: Topic = Topic {
    name: "manifests",
    edits: edits![
        edit(MANIFEST, "features = [\"drag\"]" => "features = []", ["dragged"]),
        edit(MANIFEST, "features = [\"drag\"]" => "features = [\"drag\", \"wind\"]", ["blown"]),
        edit(PHYSICS_MANIFEST, "default = [\"gravity\"]" => "default = []", ["fallen"]),
        edit(PHYSICS_MANIFEST, "default = [\"gravity\"]"
            => "default = [\"gravity\", \"wind\"]", ["blown"]),
    ],
};

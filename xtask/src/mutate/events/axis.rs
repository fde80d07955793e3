//! The things about a build that are settings: each has a few values, of which
//! the first is that of a plain build.

/// One thing about a build.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Axis {
    /// The release of the crate.
    Release,
    /// The features of the crate.
    Features,
    /// A feature of the application.
    OwnFeature,
    /// Whether a member is built too that asks for a feature of the bridge.
    Member,
    /// Whether an example is built, whose dependencies ask for a feature.
    Example,
    /// A variable that code reads while it is compiled.
    Variable,
    /// A variable that a build script reads.
    Script,
    /// A file that a build script reads.
    Input,
    /// A file that a macro reads.
    Data,
    /// A condition in the compiler's flags.
    Flags,
    /// The edition of the bridge.
    Edition,
    /// Lines before the code of the bridge.
    Lines,
    /// Where the workspace lies.
    Place,
    /// Debug assertions on, or off.
    Profile,
    /// The host as it is, or named as a target.
    Target,
    /// The compiler.
    Toolchain,
}

impl Axis {
    pub(super) const ALL: [Axis; 16] = [
        Axis::Release,
        Axis::Features,
        Axis::OwnFeature,
        Axis::Member,
        Axis::Example,
        Axis::Variable,
        Axis::Script,
        Axis::Input,
        Axis::Data,
        Axis::Flags,
        Axis::Edition,
        Axis::Lines,
        Axis::Place,
        Axis::Profile,
        Axis::Target,
        Axis::Toolchain,
    ];

    /// Whether another value builds every crate again, which takes long. One
    /// such thing at a time differs from a plain build.
    pub(super) fn is_dear(self) -> bool {
        use Axis::{Flags, Profile, Target, Toolchain};
        matches!(self, Flags | Profile | Target | Toolchain)
    }

    /// As the table calls a change of it.
    pub(super) fn event(self) -> &'static str {
        match self {
            Axis::Release => "another release of the crate",
            Axis::Features => "features of the crate",
            Axis::OwnFeature => "a feature of the application",
            Axis::Member => "a member with features is built too",
            Axis::Example => "an example with dependencies for it",
            Axis::Variable => "a variable that code reads",
            Axis::Script => "a variable that a build script reads",
            Axis::Input => "a file that a build script reads",
            Axis::Data => "a file that a macro reads",
            Axis::Flags => "a condition in `RUSTFLAGS`",
            Axis::Edition => "the edition of a member",
            Axis::Lines => "lines before code",
            Axis::Place => "a moved checkout",
            Axis::Profile => "debug assertions of the profile",
            Axis::Target => "the host named as a target",
            Axis::Toolchain => "another toolchain",
        }
    }
}

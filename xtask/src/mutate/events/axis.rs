//! The settings of a build. Each has a few values, the first of which is that of a
//! plain build.

/// One setting of a build.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Axis {
    /// The release of the crate.
    Release,
    /// The features of the crate.
    Features,
    /// A feature of the application.
    OwnFeature,
    /// Whether another member is built that enables a feature of the bridge.
    Member,
    /// Whether an example is built whose dependencies enable a feature.
    Example,
    /// An environment variable that code reads at compile time.
    Variable,
    /// An environment variable that a build script reads.
    Script,
    /// A file that a build script reads.
    Input,
    /// A file that a macro reads.
    Data,
    /// A cfg in the compiler flags.
    Flags,
    /// The edition of the bridge.
    Edition,
    /// The number of lines before the code of the bridge.
    Lines,
    /// The location of the workspace.
    Place,
    /// Whether debug assertions are on.
    Profile,
    /// Whether the host is passed as an explicit target.
    Target,
    /// The toolchain.
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

    /// Returns whether another value rebuilds every crate, which takes long. At most
    /// one such setting differs from a plain build at a time.
    pub(super) fn is_expensive(self) -> bool {
        use Axis::{Flags, Profile, Target, Toolchain};
        matches!(self, Flags | Profile | Target | Toolchain)
    }

    /// Returns the title of the event in the table.
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

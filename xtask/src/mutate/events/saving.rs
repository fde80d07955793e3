//! The ways in which an edit reaches a file while cargo looks at times, and a
//! compiler at texts.

/// How an edit is saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Saving {
    /// The crate is edited, and built.
    Plain,
    /// The crate is edited and the time of the file set back, so that cargo
    /// builds the application alone.
    TimeSetBack,
    /// The crate is edited again when the compiler has begun to read it.
    WhileCompiling,
    /// The crate is edited again when the compiler is through with it.
    AfterCompiling,
    /// The application is edited while it is compiled.
    OwnWhileCompiling,
    /// A vendored file is edited, and what was built of it is removed.
    VendoredAndCleaned,
    /// A vendored file is edited, and cargo builds the application alone.
    Vendored,
}

impl Saving {
    /// Those that are for a copy of the crate.
    pub(super) const OF_A_COPY: [Saving; 6] = [
        Saving::Plain,
        Saving::Plain,
        Saving::TimeSetBack,
        Saving::WhileCompiling,
        Saving::AfterCompiling,
        Saving::OwnWhileCompiling,
    ];

    /// As the table calls it.
    pub(super) fn event(self) -> &'static str {
        match self {
            Saving::Plain => "an edit",
            Saving::TimeSetBack => "an edit, its time set back",
            Saving::WhileCompiling => "an edit while the compiler begins",
            Saving::AfterCompiling => "an edit when the compiler ends",
            Saving::OwnWhileCompiling => "an edit of what is being compiled",
            Saving::VendoredAndCleaned => "an edit of a vendored file, cleaned",
            Saving::Vendored => "an edit of a vendored file",
        }
    }
}

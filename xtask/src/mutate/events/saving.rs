//! The ways in which an edit reaches a file. Cargo compares file times, and the
//! compiler reads file contents.

/// How an edit is saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Saving {
    /// Edits the crate, and builds.
    Plain,
    /// Edits the crate and restores the time of the file, so that cargo builds only the
    /// application.
    TimeSetBack,
    /// Edits the crate again after the compiler has started to read it.
    WhileCompiling,
    /// Edits the crate again after the compiler has finished it.
    AfterCompiling,
    /// Edits the application while it is compiled.
    OwnWhileCompiling,
    /// Edits a vendored file, and removes what was built of it.
    VendoredAndCleaned,
    /// Edits a vendored file, and cargo builds only the application.
    Vendored,
}

impl Saving {
    /// The ways that apply to a patched copy of the crate.
    pub(super) const OF_A_COPY: [Saving; 6] = [
        Saving::Plain,
        Saving::Plain,
        Saving::TimeSetBack,
        Saving::WhileCompiling,
        Saving::AfterCompiling,
        Saving::OwnWhileCompiling,
    ];

    /// Returns the title of the event in the table.
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

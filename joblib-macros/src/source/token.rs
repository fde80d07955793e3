//! Source text as tokens without comments and whitespace. Each delimiter stores the
//! index of its counterpart, so that a group is skipped in one step.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use ra_ap_rustc_lexer::{self as rustc_lexer, FrontmatterAllowed, strip_shebang, tokenize};
use unicode_normalization::{UnicodeNormalization, is_nfc};

use super::name::Name;
use super::normalize;
use super::shadowed::{FileShadowedNames, ShadowedNames};

/// The kind of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// Identifier or keyword.
    Word,
    Lifetime,
    Literal,
    /// One punctuation character.
    Punct,
    Open,
    Close,
}

/// One token, as a range of the text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    /// The first byte. Punctuation and delimiters consist of this byte only.
    pub(super) byte: u8,
    start: u32,
    end: u32,
    /// For a delimiter: the index of its counterpart.
    mate: u32,
}

impl Token {
    /// Returns its length in bytes.
    pub(super) fn len(self) -> u32 {
        self.end - self.start
    }
}

/// A range of token indices.
pub(super) type Span = Range<usize>;

/// A lexed source file.
#[derive(Debug)]
pub(super) struct LexedFile {
    /// The path it was read from. The directory determines the location of its
    /// modules.
    pub(super) path: PathBuf,
    text: String,
    tokens: Vec<Token>,
    /// Identifiers whose normal form differs from the source, by token.
    composed: Vec<(usize, String)>,
    lines: OnceLock<Vec<u32>>,
    /// For each token, the opening delimiter of the group around it, or its own index
    /// if there is none.
    around: OnceLock<Vec<u32>>,
    shadowed: Option<FileShadowedNames>,
    canonical: OnceLock<Option<PathBuf>>,
}

impl LexedFile {
    /// Lexes `text`, which was read from `path`.
    pub(super) fn new(path: PathBuf, text: String) -> LexedFile {
        // The compiler does the same, also in multi-line string literals.
        let text = match text.contains('\r') {
            true => text.replace("\r\n", "\n"),
            false => text,
        };
        let tokens = lex(&text);
        let composed = match text.is_ascii() {
            true => Vec::new(),
            false => composed(&text, &tokens),
        };
        LexedFile {
            path,
            text,
            tokens,
            composed,
            lines: OnceLock::new(),
            around: OnceLock::new(),
            shadowed: None,
            canonical: OnceLock::new(),
        }
    }

    /// Sets the names that have another meaning in the crate of the file.
    pub(super) fn of_crate(self, krate: Arc<ShadowedNames>) -> LexedFile {
        let shadowed = FileShadowedNames::read(&self, krate);
        LexedFile {
            shadowed: Some(shadowed),
            ..self
        }
    }

    /// Returns the names that have another meaning here, if the file belongs to a
    /// crate.
    pub(super) fn shadowed(&self) -> Option<&FileShadowedNames> {
        self.shadowed.as_ref()
    }

    /// Returns the path with links resolved. The result is cached.
    pub(super) fn canonical_path(&self) -> Option<&Path> {
        let found = || self.path.canonicalize().ok();
        self.canonical.get_or_init(found).as_deref()
    }

    /// Returns the number of tokens.
    pub(super) fn len(&self) -> usize {
        self.tokens.len()
    }

    /// Returns the range of all tokens.
    pub(super) fn all(&self) -> Span {
        0..self.tokens.len()
    }

    /// Returns the token at `i`.
    pub(super) fn get(&self, i: usize) -> Option<Token> {
        self.tokens.get(i).copied()
    }

    /// Returns the text of the token at `i`, or an empty string past the end.
    pub(super) fn text(&self, i: usize) -> &str {
        if !self.composed.is_empty()
            && let Ok(found) = self.composed.binary_search_by_key(&i, |(at, _)| *at)
        {
            return &self.composed[found].1;
        }
        match self.tokens.get(i) {
            Some(token) => &self.text[token.start as usize..token.end as usize],
            None => "",
        }
    }

    /// Returns the identifier at `i`, if there is one.
    pub(super) fn name(&self, i: usize) -> Option<Name> {
        self.is_word_kind(i).then(|| Name::new(self.text(i)))
    }

    /// Returns whether the token at `i` is an identifier or keyword.
    pub(super) fn is_word_kind(&self, i: usize) -> bool {
        matches!(self.tokens.get(i), Some(t) if matches!(t.kind, TokenKind::Word))
    }

    /// Returns whether the token at `i` is the word `word`.
    pub(super) fn is_word(&self, i: usize, word: &str) -> bool {
        self.is_word_kind(i) && self.text(i) == word
    }

    /// Returns whether the token at `i` is the punctuation or delimiter `byte`.
    pub(super) fn is(&self, i: usize, byte: u8) -> bool {
        match self.tokens.get(i) {
            Some(t) => {
                t.byte == byte
                    && matches!(
                        t.kind,
                        TokenKind::Punct | TokenKind::Open | TokenKind::Close
                    )
            }
            None => false,
        }
    }

    /// Returns whether `::` starts at `i`.
    pub(super) fn is_path_sep(&self, i: usize) -> bool {
        self.is(i, b':') && self.is(i + 1, b':') && self.is_joint(i)
    }

    /// Returns whether the tokens at `i` and `i + 1` are adjacent without whitespace.
    pub(super) fn is_joint(&self, i: usize) -> bool {
        match (self.tokens.get(i), self.tokens.get(i + 1)) {
            (Some(a), Some(b)) => a.end == b.start,
            _ => false,
        }
    }

    /// Returns whether a group opens at `i`.
    pub(super) fn opens(&self, i: usize) -> bool {
        matches!(self.tokens.get(i), Some(t) if matches!(t.kind, TokenKind::Open))
    }

    /// Returns the delimiter that matches the one at `i`.
    pub(super) fn mate(&self, i: usize) -> usize {
        self.tokens[i].mate as usize
    }

    /// Returns the tokens inside the group that opens at `i`.
    pub(super) fn inside(&self, i: usize) -> Span {
        i + 1..self.mate(i).max(i + 1)
    }

    /// Returns the index after the token or group at `i`.
    pub(super) fn after(&self, i: usize) -> usize {
        if self.opens(i) {
            self.mate(i) + 1
        } else {
            i + 1
        }
    }

    /// Returns the opening delimiter of the group that contains the token at `i`. The
    /// index for all tokens is computed on first use, so that later calls take
    /// constant time.
    pub(super) fn around(&self, i: usize) -> Option<usize> {
        let around = self.around.get_or_init(|| around(&self.tokens));
        let open = *around.get(i)? as usize;
        (open != i).then_some(open)
    }

    /// Returns the 1-based line of the token at `i`.
    pub(super) fn line(&self, i: usize) -> u32 {
        let Some(token) = self.tokens.get(i) else {
            return 1;
        };
        self.starts().partition_point(|&start| start <= token.start) as u32
    }

    /// Returns the token that starts at the 1-based `line` and the 0-based `column`,
    /// counted in characters.
    pub(super) fn at(&self, line: usize, column: usize) -> Option<usize> {
        let start = *self.starts().get(line.checked_sub(1)?)? as usize;
        let mut chars = self.text[start..].char_indices();
        let offset = (start + chars.nth(column)?.0) as u32;
        let i = self.tokens.partition_point(|t| t.start < offset);
        (self.tokens.get(i)?.start == offset).then_some(i)
    }

    /// Returns a digest of which tokens in `span` are adjacent without whitespace.
    pub(super) fn spacing(&self, span: Span) -> u128 {
        let joints: Vec<u8> = span.map(|i| u8::from(self.is_joint(i))).collect();
        normalize::hash(&joints)
    }

    /// Returns a digest of the lines and columns of the tokens in `span`.
    pub(super) fn positions(&self, span: Span) -> u128 {
        let mut bytes = Vec::new();
        for token in &self.tokens[span] {
            let line = self.starts().partition_point(|&start| start <= token.start) as u32;
            let column = token.start - self.starts()[line as usize - 1];
            bytes.extend(line.to_le_bytes());
            bytes.extend(column.to_le_bytes());
        }
        normalize::hash(&bytes)
    }

    /// Returns the source text of a span, including what is between its tokens.
    pub(super) fn written(&self, span: Span) -> &str {
        let start = self.tokens.get(span.start);
        let end = span
            .end
            .checked_sub(1)
            .and_then(|last| self.tokens.get(last));
        match (start, end) {
            (Some(start), Some(end)) if start.start < end.end => {
                &self.text[start.start as usize..end.end as usize]
            }
            _ => "",
        }
    }

    /// Returns a digest of the documentation comments before and in `span`, in either
    /// form.
    pub(super) fn docs(&self, span: Span) -> u128 {
        let end_of = |end: usize| {
            let last = end.checked_sub(1);
            last.map_or(0, |i| self.tokens[i].end)
        };
        let mut bytes = Vec::new();
        self.each_doc(end_of(span.start), end_of(span.end), &mut |_, text| {
            bytes.extend(text.as_bytes());
            bytes.push(0);
        });
        let attributes = span.filter(|&i| self.is(i, b'[') && self.is_word(i + 1, "doc"));
        for i in attributes
            .filter(|&i| self.opens(i))
            .flat_map(|i| self.inside(i))
        {
            bytes.extend(self.text(i).as_bytes());
            bytes.push(1);
        }
        normalize::hash(&bytes)
    }

    /// Returns a digest of the positions of documentation comments in a group with
    /// the tokens `inside`, if there are any.
    pub(super) fn places_of_docs(&self, inside: Span) -> Option<u128> {
        self.of_docs(inside, &mut |bytes, at, _| bytes.extend(at.to_le_bytes()))
    }

    /// Returns the same digest, including the text of the comments.
    pub(super) fn docs_within(&self, inside: Span) -> Option<u128> {
        self.of_docs(inside, &mut |bytes, at, text| {
            bytes.extend(at.to_le_bytes());
            bytes.extend(text.as_bytes());
            bytes.push(0);
        })
    }

    fn of_docs(
        &self,
        inside: Span,
        put: &mut dyn FnMut(&mut Vec<u8>, usize, &str),
    ) -> Option<u128> {
        let start = self.tokens.get(inside.start.checked_sub(1)?)?.end;
        let end = self.tokens.get(inside.end)?.start;
        let mut bytes = Vec::new();
        self.each_doc(start, end, &mut |at, text| put(&mut bytes, at, text));
        (!bytes.is_empty()).then(|| normalize::hash(&bytes))
    }

    /// Calls `give` with each documentation comment in a range of the text and the
    /// number of tokens before it in the range.
    fn each_doc(&self, start: u32, end: u32, give: &mut dyn FnMut(usize, &str)) {
        let text = &self.text[start as usize..end.max(start) as usize];
        let mut count = 0;
        let mut at = 0;
        for raw in tokenize(text, FrontmatterAllowed::No) {
            let next = at + raw.len as usize;
            if is_doc(raw.kind) {
                give(count, &text[at..next]);
            }
            count += usize::from(kind(raw.kind).is_some());
            at = next;
        }
    }

    fn starts(&self) -> &[u32] {
        self.lines.get_or_init(|| {
            let newlines = self.text.match_indices('\n').map(|(i, _)| i as u32 + 1);
            std::iter::once(0).chain(newlines).collect()
        })
    }
}

/// Returns whether a comment is documentation.
fn is_doc(kind: rustc_lexer::TokenKind) -> bool {
    matches!(
        kind,
        rustc_lexer::TokenKind::LineComment { doc_style: Some(_) }
            | rustc_lexer::TokenKind::BlockComment {
                doc_style: Some(_),
                ..
            }
    )
}

fn lex(text: &str) -> Vec<Token> {
    let mut offset = text.strip_prefix('\u{feff}').map_or(0, |_| 3);
    offset += strip_shebang(&text[offset..]).unwrap_or(0);
    let mut tokens = Vec::with_capacity(text.len() / 5);
    let mut open: Vec<u32> = Vec::new();
    let bytes = text.as_bytes();
    let mut start = offset as u32;
    for raw in tokenize(&text[offset..], FrontmatterAllowed::Yes) {
        let end = start + raw.len;
        if let Some(kind) = kind(raw.kind) {
            let i = tokens.len() as u32;
            let mut token = Token {
                kind,
                byte: bytes[start as usize],
                start,
                end,
                mate: i,
            };
            match kind {
                TokenKind::Open => open.push(i),
                TokenKind::Close => match open.pop() {
                    Some(mate) => {
                        token.mate = mate;
                        let opener: &mut Token = &mut tokens[mate as usize];
                        opener.mate = i;
                    }
                    None => token.kind = TokenKind::Punct,
                },
                _ => {}
            }
            tokens.push(token);
        }
        start = end;
    }
    for i in open {
        tokens[i as usize].kind = TokenKind::Punct;
    }
    tokens
}

/// Returns the identifiers of `text` that are not in normal form, in which `e`
/// followed by a combining accent is the accented letter.
fn composed(text: &str, tokens: &[Token]) -> Vec<(usize, String)> {
    let words = tokens.iter().enumerate();
    let words = words.filter(|(_, token)| token.kind == TokenKind::Word);
    let composed = words.filter_map(|(i, token)| {
        let word = &text[token.start as usize..token.end as usize];
        (!is_nfc(word)).then(|| (i, word.nfc().collect()))
    });
    composed.collect()
}

fn around(tokens: &[Token]) -> Vec<u32> {
    let mut open: Vec<u32> = Vec::new();
    let group = |(i, token): (usize, &Token)| {
        let i = i as u32;
        if token.kind == TokenKind::Close {
            open.pop();
        }
        let group = open.last().copied().unwrap_or(i);
        if token.kind == TokenKind::Open {
            open.push(i);
        }
        group
    };
    tokens.iter().enumerate().map(group).collect()
}

fn kind(kind: rustc_lexer::TokenKind) -> Option<TokenKind> {
    use rustc_lexer::TokenKind::*;
    Some(match kind {
        LineComment { .. } | BlockComment { .. } | Whitespace | Frontmatter { .. } | Eof => {
            return None;
        }
        Ident | InvalidIdent | RawIdent | ForcedKeywordIdent | UnknownPrefix => TokenKind::Word,
        Lifetime { .. } | RawLifetime | UnknownPrefixLifetime => TokenKind::Lifetime,
        Literal { .. } => TokenKind::Literal,
        OpenParen | OpenBrace | OpenBracket => TokenKind::Open,
        CloseParen | CloseBrace | CloseBracket => TokenKind::Close,
        _ => TokenKind::Punct,
    })
}

//! Source text as tokens without comments and spaces, each delimiter knowing
//! its mate, so that whole groups are skipped in one step.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use ra_ap_rustc_lexer::{self as rustc_lexer, FrontmatterAllowed, strip_shebang, tokenize};
use unicode_normalization::{UnicodeNormalization, is_nfc};

use super::name::Name;
use super::normalize;
use super::shadowed::{FileShadowedNames, ShadowedNames};

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// Identifier or keyword.
    Word,
    Lifetime,
    Literal,
    /// One character of punctuation.
    Punct,
    Open,
    Close,
}

/// One token, by its place in the text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    /// First byte, which for punctuation and delimiters is all of it.
    pub(super) byte: u8,
    start: u32,
    end: u32,
    /// Of a delimiter: the index of the other one.
    mate: u32,
}

impl Token {
    /// How many bytes it has.
    pub(super) fn len(self) -> u32 {
        self.end - self.start
    }
}

/// A range of token indices.
pub(super) type Span = Range<usize>;

/// A lexed source file.
#[derive(Debug)]
pub(super) struct LexedFile {
    /// Where it was read; the directory decides where its modules lie.
    pub(super) path: PathBuf,
    text: String,
    tokens: Vec<Token>,
    /// Identifiers that the compiler takes for others, by their tokens.
    composed: Vec<(usize, String)>,
    lines: OnceLock<Vec<u32>>,
    /// Of each token, what opens the group around it, or its own place.
    around: OnceLock<Vec<u32>>,
    taken: Option<FileShadowedNames>,
    canonical: OnceLock<Option<PathBuf>>,
}

impl LexedFile {
    /// Lexes `text`, which was read from `path`.
    pub(super) fn new(path: PathBuf, text: String) -> LexedFile {
        // As the compiler does, in texts of several lines too.
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
            taken: None,
            canonical: OnceLock::new(),
        }
    }

    /// Says which names mean something else to the crate of the file.
    pub(super) fn of_crate(self, krate: Arc<ShadowedNames>) -> LexedFile {
        let taken = FileShadowedNames::read(&self, krate);
        LexedFile {
            taken: Some(taken),
            ..self
        }
    }

    /// Names that mean something else here, if the file is one of a crate's.
    pub(super) fn taken(&self) -> Option<&FileShadowedNames> {
        self.taken.as_ref()
    }

    /// The path without links, asked of the file system once.
    pub(super) fn canonical_path(&self) -> Option<&Path> {
        let found = || self.path.canonicalize().ok();
        self.canonical.get_or_init(found).as_deref()
    }

    /// Number of tokens.
    pub(super) fn len(&self) -> usize {
        self.tokens.len()
    }

    /// All tokens.
    pub(super) fn all(&self) -> Span {
        0..self.tokens.len()
    }

    /// The token at `i`.
    pub(super) fn get(&self, i: usize) -> Option<Token> {
        self.tokens.get(i).copied()
    }

    /// The text of the token at `i`, empty past the end.
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

    /// The identifier at `i`, if there is one.
    pub(super) fn name(&self, i: usize) -> Option<Name> {
        self.is_word_kind(i).then(|| Name::new(self.text(i)))
    }

    /// Whether the token at `i` is an identifier or keyword.
    pub(super) fn is_word_kind(&self, i: usize) -> bool {
        matches!(self.tokens.get(i), Some(t) if matches!(t.kind, TokenKind::Word))
    }

    /// Whether the token at `i` is the word `word`.
    pub(super) fn is_word(&self, i: usize, word: &str) -> bool {
        self.is_word_kind(i) && self.text(i) == word
    }

    /// Whether the token at `i` is the punctuation or delimiter `byte`.
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

    /// Whether `::` starts at `i`.
    pub(super) fn is_path_sep(&self, i: usize) -> bool {
        self.is(i, b':') && self.is(i + 1, b':') && self.is_joint(i)
    }

    /// Whether nothing stands between the tokens at `i` and `i + 1`.
    pub(super) fn is_joint(&self, i: usize) -> bool {
        match (self.tokens.get(i), self.tokens.get(i + 1)) {
            (Some(a), Some(b)) => a.end == b.start,
            _ => false,
        }
    }

    /// Whether a group opens at `i`.
    pub(super) fn opens(&self, i: usize) -> bool {
        matches!(self.tokens.get(i), Some(t) if matches!(t.kind, TokenKind::Open))
    }

    /// The delimiter that matches the one at `i`.
    pub(super) fn mate(&self, i: usize) -> usize {
        self.tokens[i].mate as usize
    }

    /// The tokens within the group that opens at `i`.
    pub(super) fn inside(&self, i: usize) -> Span {
        i + 1..self.mate(i).max(i + 1)
    }

    /// The index after the token or group at `i`.
    pub(super) fn after(&self, i: usize) -> usize {
        if self.opens(i) {
            self.mate(i) + 1
        } else {
            i + 1
        }
    }

    /// Where the group opens that the token at `i` stands in. All groups are looked
    /// for at once, so that asking for each token of a long list costs no more.
    pub(super) fn around(&self, i: usize) -> Option<usize> {
        let around = self.around.get_or_init(|| around(&self.tokens));
        let open = *around.get(i)? as usize;
        (open != i).then_some(open)
    }

    /// The 1-based line of the token at `i`.
    pub(super) fn line(&self, i: usize) -> u32 {
        let Some(token) = self.tokens.get(i) else {
            return 1;
        };
        self.starts().partition_point(|&start| start <= token.start) as u32
    }

    /// The token that starts at the 1-based `line` and 0-based `column`,
    /// counted in characters.
    pub(super) fn at(&self, line: usize, column: usize) -> Option<usize> {
        let start = *self.starts().get(line.checked_sub(1)?)? as usize;
        let mut chars = self.text[start..].char_indices();
        let offset = (start + chars.nth(column)?.0) as u32;
        let i = self.tokens.partition_point(|t| t.start < offset);
        (self.tokens.get(i)?.start == offset).then_some(i)
    }

    /// A digest of which tokens in `span` have nothing between them.
    pub(super) fn spacing(&self, span: Span) -> u128 {
        let joints: Vec<u8> = span.map(|i| u8::from(self.is_joint(i))).collect();
        normalize::hash(&joints)
    }

    /// A digest of the lines and columns of the tokens in `span`.
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

    /// The text of a span, with what stands between its tokens.
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

    /// A digest of the documentation before and in `span`, in either form.
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

    /// A digest of the places in a group, whose tokens are `inside`, where comments
    /// stand that are documentation, if there are any.
    pub(super) fn places_of_docs(&self, inside: Span) -> Option<u128> {
        self.of_docs(inside, &mut |bytes, at, _| bytes.extend(at.to_le_bytes()))
    }

    /// The same, of the comments too.
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

    /// Gives each such comment in a part of the text, and how many tokens stand
    /// before it there.
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

/// Whether a comment is documentation.
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

/// The identifiers of `text` that another spelling stands for: `e` and an accent
/// after it are the letter with the accent.
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

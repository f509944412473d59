//! What can be wrong with PEM text.

/// Why a text is not readable as PEM (RFC 7468). Lines are counted from 1.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PemError {
    /// No block begins anywhere in the text.
    #[error("no line begins with -----BEGIN, so this is not PEM text")]
    NoBlock,
    /// The text is UTF-16, as some Windows shells write when output is redirected into a file.
    #[error("the text is UTF-16, expected ASCII or UTF-8; save it again in one of these")]
    Utf16,
    /// A BEGIN or END line is not written as RFC 7468 section 2 has it.
    #[error(
        "line {line} is a damaged boundary, expected five dashes on both sides of a label in capitals"
    )]
    Boundary {
        /// The line of the boundary.
        line: usize,
    },
    /// Something follows a boundary on its line.
    #[error("line {line} goes on after its boundary, expected a line break there")]
    TextAfterBoundary {
        /// The line of the boundary.
        line: usize,
    },
    /// A block is not ended before the next one begins or the text is over.
    #[error("the block {label} that begins on line {line} has no END line")]
    NoEnd {
        /// The label of the block.
        label: String,
        /// The line of its BEGIN.
        line: usize,
    },
    /// A block is ended that was never begun.
    #[error("line {line} ends a block {label} that never began")]
    NoBegin {
        /// The label in the END line.
        label: String,
        /// The line of the END.
        line: usize,
    },
    /// A block ends under another label than it began with.
    #[error("the block {begin} is ended on line {line} as {end}, expected {begin}")]
    LabelMismatch {
        /// The label in the BEGIN line.
        begin: String,
        /// The label in the END line.
        end: String,
        /// The line of the END.
        line: usize,
    },
    /// A line within a block is not base64.
    #[error("line {line} holds a character that is not base64")]
    NotBase64 {
        /// The line with the character.
        line: usize,
    },
    /// The lines of a block are base64 each, but together they do not decode.
    #[error("the base64 of the block {label} that begins on line {line} is cut short or damaged")]
    Damaged {
        /// The label of the block.
        label: String,
        /// The line of its BEGIN.
        line: usize,
    },
}

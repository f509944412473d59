//! What servers say when they refuse, and whose turn it is then.

pub(crate) mod answer_head;
mod api_refusal;
mod challenge;
pub(crate) mod error_body;
pub(crate) mod error_code;
pub(crate) mod kept_body;
pub(crate) mod malformed_answer;
mod printable;
mod refusal;
mod verdict;

pub use answer_head::retry_after;
pub use api_refusal::ApiRefusal;
pub use challenge::Challenge;
pub use error_body::{ErrorDetail, ErrorShape};
pub use error_code::ErrorCode;
pub use malformed_answer::MalformedAnswer;
pub use printable::printable;
pub use refusal::Refusal;
pub use verdict::Verdict;

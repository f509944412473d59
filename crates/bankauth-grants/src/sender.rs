//! An [`HttpSend`](crate::HttpSend) over reqwest and rustls.

mod client_identity;
mod reqwest_sender;
mod sender_options;

pub use client_identity::ClientIdentity;
pub use reqwest_sender::ReqwestSender;
pub use sender_options::{SenderError, SenderOptions};

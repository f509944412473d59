//! What can be wrong with a private key.

use std::error::Error;
use std::fmt;
use std::path::{Path, PathBuf};

use crate::content::Content;
use crate::der::Problem;
use crate::file::FileError;
use crate::pem_error::PemError;

/// A private key could not be made, read or written. The text names the file, if one was given, and
/// never holds anything of the key.
#[derive(Debug)]
pub struct KeyError {
    path: Option<PathBuf>,
    kind: KeyErrorKind,
}

impl KeyError {
    /// What is wrong.
    pub const fn kind(&self) -> &KeyErrorKind {
        &self.kind
    }

    /// The file that was read or written, if one was.
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    pub(crate) const fn new(kind: KeyErrorKind) -> Self {
        Self { path: None, kind }
    }

    pub(crate) fn in_file(path: &Path, kind: KeyErrorKind) -> Self {
        let path = Some(path.to_owned());
        Self { path, kind }
    }
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(path) = &self.path {
            write!(f, "{}: ", path.display())?;
        }
        self.kind.fmt(f)
    }
}

impl Error for KeyError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.kind.source()
    }
}

/// What is wrong with a private key; each kind says what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyErrorKind {
    /// There is nothing in the input.
    #[error("the input is empty, expected a private key")]
    Empty,
    /// The input is neither PEM nor DER.
    #[error("the input is neither PEM text with a line -----BEGIN nor DER, expected a private key")]
    Unrecognized,
    /// The text is not readable as PEM.
    #[error(transparent)]
    Pem(PemError),
    /// The file cannot be read or written.
    #[error(transparent)]
    File(FileError),
    /// The input holds something else.
    #[error("expected a private key, found {found}{}", found.hint_for_key())]
    NotAPrivateKey {
        /// What the input holds.
        found: Content,
    },
    /// The key is under a passphrase (RFC 5958 section 3), and none was given.
    #[error(
        "the private key is under a passphrase (ENCRYPTED PRIVATE KEY) and none was given, \
         expected the passphrase"
    )]
    Encrypted,
    /// The key is under a passphrase in OpenSSL's traditional form (RFC 1421 section 4.6.1.1), whose
    /// derivation of a key is too weak to be used.
    #[error(
        "the private key is encrypted in the traditional form (Proc-Type: 4,ENCRYPTED), expected \
         PKCS#8; write it with `openssl pkcs8 -topk8 -in FILE -out NEWFILE`, which asks for both \
         passphrases"
    )]
    TraditionalEncryption,
    /// The passphrase does not open the key. Nothing in the format tells this from damage within what is
    /// encrypted (RFC 8018 section 6.2).
    #[error(
        "the passphrase does not open the private key; it is probably another one, or the \
         encrypted octets are damaged"
    )]
    WrongPassphrase,
    /// The key is encrypted in a way that is not supported.
    #[error(
        "the private key is encrypted with {found}, expected PBES2 with PBKDF2 or scrypt and AES-CBC; \
         write it anew with `openssl pkcs8 -topk8 -in FILE -out NEWFILE`"
    )]
    UnsupportedEncryption {
        /// Name or OID of what is not supported.
        found: String,
    },
    /// To open the key would take too long: a hostile file could otherwise keep its reader busy for hours.
    #[error("the encryption of the private key takes {found} {what}, expected at most {limit}")]
    CostlyEncryption {
        /// What is counted.
        what: &'static str,
        /// How much of it the file asks for; [`u64::MAX`] stands for all numbers beyond.
        found: u64,
        /// The most that is done.
        limit: u64,
    },
    /// The passphrase to encrypt with is empty.
    #[error("the passphrase is empty, expected one that is hard to guess")]
    EmptyPassphrase,
    /// The key could not be encrypted: the operating system gave no randomness, or the library failed.
    #[error("the private key could not be encrypted")]
    Encryption,
    /// The text holds several private keys, and taking one of them would be a guess.
    #[error("the text holds {count} private keys, expected one")]
    SeveralKeys {
        /// The number of private keys.
        count: usize,
    },
    /// The label of a PEM block belongs to another encoding than the block holds.
    #[error(
        "the PEM label stands for {label}, found {found} under it; \
         write it anew with `openssl pkey -in FILE -out NEWFILE`"
    )]
    Mislabelled {
        /// The encoding that the label stands for.
        label: &'static str,
        /// The encoding within.
        found: &'static str,
    },
    /// The encoding is damaged.
    #[error("the private key is damaged: {field} {problem}")]
    Malformed {
        /// The field, by its ASN.1 name.
        field: &'static str,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// Octets follow the key.
    #[error("octets after the private key: {count}, expected 0")]
    TrailingBytes {
        /// How many.
        count: usize,
    },
    /// The key is for an algorithm that is not supported.
    #[error(
        "the key is for {algorithm}, expected RSA, an elliptic curve (P-256, P-384 or P-521) or Ed25519"
    )]
    UnsupportedAlgorithm {
        /// Name or OID of the algorithm.
        algorithm: String,
    },
    /// The key lies on a curve that is not supported.
    #[error(
        "the key lies on the curve {curve}, expected P-256 (prime256v1), P-384 (secp384r1) or \
         P-521 (secp521r1)"
    )]
    UnsupportedCurve {
        /// Name or OID of the curve.
        curve: String,
    },
    /// The key is for RSASSA-PSS with parameters that no JWS algorithm has (RFC 7518 section 3.5).
    #[error(
        "the key is for RSASSA-PSS with {found} only, expected SHA-256, SHA-384 or SHA-512 for \
         message and mask and a salt of at most its length"
    )]
    UnsupportedPss {
        /// What its parameters ask for.
        found: String,
    },
    /// The curve is given by its numbers (RFC 5480 section 2.1.1 allows a name only).
    #[error(
        "the curve of the key is written out in numbers, expected its name; \
         convert the key with `openssl ec -in FILE -param_enc named_curve -out NEWFILE`"
    )]
    ExplicitCurve,
    /// The key does not say on which curve it lies (RFC 5915 section 3).
    #[error(
        "the key does not name its curve, expected P-256 (prime256v1), P-384 (secp384r1) or \
         P-521 (secp521r1)"
    )]
    MissingCurve,
    /// The RSA key is shorter than RFC 7518 section 3.3 allows.
    #[error("the RSA key has {bits} bits, expected 2048 or more; generate a new key")]
    RsaTooSmall {
        /// The length of its modulus.
        bits: u32,
    },
    /// The RSA key is longer than can be used.
    #[error("the RSA key has {bits} bits, expected at most 8192")]
    RsaTooLarge {
        /// The length of its modulus.
        bits: u32,
    },
    /// The public exponent is not usable (RFC 8017 section 3.1).
    #[error("the public exponent of the RSA key is {found}, expected an odd number from 3 to 2^33")]
    RsaExponent {
        /// The exponent, or its length.
        found: String,
    },
    /// The RSA key has more than two primes (RFC 8017 section 3.2).
    #[error("the RSA key has more than two primes, expected two")]
    MultiPrime,
    /// The numbers of the key contradict each other, so the file is damaged or was tampered with
    /// (RFC 8017 section 3.2; RFC 5480 section 2.2).
    #[error("the parts of the {algorithm} key do not fit together; restore the key from a copy")]
    Inconsistent {
        /// The algorithm of the key.
        algorithm: &'static str,
    },
    /// No key could be generated: the operating system gave no randomness, or the library failed.
    #[error("no key could be generated")]
    Generation,
}

impl KeyErrorKind {
    /// For reading the element of that name.
    pub(crate) const fn field(field: &'static str) -> impl Fn(Problem) -> Self + Copy {
        move |problem| Self::Malformed {
            field,
            problem: problem.as_str(),
        }
    }
}

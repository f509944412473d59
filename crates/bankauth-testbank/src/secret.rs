//! Random identifiers and tokens.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// `prefix` and 32 random bytes in base64url, the form of the bank's codes and tokens.
pub(crate) fn token(prefix: &str) -> String {
    format!("{prefix}{}", URL_SAFE_NO_PAD.encode(random::<32>()))
}

/// 32 random bytes in base64url that never begin with `-`, so that a shell's argument never looks like an option.
pub(crate) fn identifier() -> String {
    loop {
        let identifier = token("");
        if identifier.starts_with(|first: char| first.is_ascii_alphanumeric()) {
            return identifier;
        }
    }
}

/// A random UUID, version 4 (RFC 9562 section 5.4).
pub(crate) fn uuid() -> String {
    let mut bits = u128::from_be_bytes(random());
    bits = bits & !(0xf << 76) | 4 << 76;
    bits = bits & !(0b11 << 62) | 0b10 << 62;
    let hex = format!("{bits:032x}");
    [
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..],
    ]
    .join("-")
}

/// A few random letters that tell one run's names from another's.
pub(crate) fn run_name() -> String {
    format!("{:08x}", u32::from_be_bytes(random()))
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)
        .expect("the operating system gives random bytes: the hash maps of std need them too");
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        let token = token("oa_sand_");
        assert_eq!(token.len(), "oa_sand_".len() + 43);
        assert_eq!(identifier().len(), 43);
        // RFC 9562 section 5.4: version 4, variant 10.
        let uuid = uuid();
        assert_eq!(uuid.len(), 36);
        assert_eq!(&uuid[14..15], "4");
        assert!("89ab".contains(&uuid[19..20]), "{uuid}");
    }
}

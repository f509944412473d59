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

/// So many random bytes in hexadecimal.
pub(crate) fn hex(bytes: usize) -> String {
    let mut random = vec![0; bytes];
    fill(&mut random);
    random.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// So many random letters and digits.
pub(crate) fn alphanumeric(length: usize) -> String {
    let mut text = String::new();
    while text.len() < length {
        let more = token("");
        text.extend(more.chars().filter(char::is_ascii_alphanumeric));
    }
    text.truncate(length);
    text
}

/// A few random letters that tell one run's names from another's.
pub(crate) fn run_name() -> String {
    format!("{:08x}", u32::from_be_bytes(random()))
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    fill(&mut bytes);
    bytes
}

fn fill(bytes: &mut [u8]) {
    getrandom::fill(bytes)
        .expect("the operating system gives random bytes: the hash maps of std need them too");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        let token = token("oa_sand_");
        assert_eq!(token.len(), "oa_sand_".len() + 43);
        assert_eq!(identifier().len(), 43);
        assert_eq!(hex(16).len(), 32);
        let text = alphanumeric(100);
        assert!(text.len() == 100 && text.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        // RFC 9562 section 5.4: version 4, variant 10.
        let uuid = uuid();
        assert_eq!(uuid.len(), 36);
        assert_eq!(&uuid[14..15], "4");
        assert!("89ab".contains(&uuid[19..20]), "{uuid}");
    }
}

//! After a key is dropped, nothing of its private half is left in the memory of the process.
//!
//! The test runs itself again as a child, so that no other test's keys are about. The child reads its own
//! memory through `/proc` and looks for parts of every private number: as octets in both orders, and as
//! base64. What it looks for is kept masked, so that it does not find itself.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::HashMap;
use std::fs::{self, File};
use std::os::unix::fs::{FileExt as _, PermissionsExt as _};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, UNIX_EPOCH};

use bankauth_keys::{KeyKind, KeySpec, PrivateKey, SelfSigned, Subject};
use secrecy::{ExposeSecret as _, SecretString};
use zeroize::Zeroize as _;

/// Set for the child: the folder with the keys.
const FOLDER: &str = "BANKAUTH_KEYS_TEST_FOLDER";

/// A key in each form that is read.
const FILES: [&str; 14] = [
    "rsa.pkcs8.pem",
    "rsa.pkcs1.pem",
    "rsa.bundle.pem",
    "rsa.encrypted.pkcs8.pem",
    "rsa-pss.pem",
    "ec.pkcs8.pem",
    "ec.sec1.pem",
    "ec.compressed.pem",
    "ec.encrypted.sha256.pem",
    "ec.encrypted.scrypt.pem",
    "p384.pem",
    "p521.pkcs8.pem",
    "ed25519.pem",
    "ed25519.rfc8410.pem",
];

/// Octets in what is looked for: enough that no other memory holds them by chance.
const PART: usize = 12;

/// Symbols of base64 that stand for them.
const SYMBOLS: usize = 16;

const MASK: u8 = 0x5a;

const PAGE: usize = 4096;

type Needle = Vec<u8>;

#[test]
fn a_dropped_key_leaves_nothing_behind() {
    if let Some(folder) = std::env::var_os(FOLDER) {
        return child(Path::new(&folder));
    }
    let folder = tempfile::tempdir().unwrap();
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    for file in FILES {
        let text = fs::read(data.join(file)).unwrap();
        let key = PrivateKey::from_bytes_with_passphrase(&text, &passphrase()).unwrap();
        let der = key.to_pkcs8_der();
        let mut forms = vec![(file.to_owned(), &text[..])];
        if file.ends_with(".pkcs8.pem") {
            forms.push((format!("{file}.der"), der.expose_secret()));
        }
        for (name, octets) in forms {
            let path = folder.path().join(name);
            fs::write(&path, octets).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        }
    }
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "a_dropped_key_leaves_nothing_behind"])
        .arg("--nocapture")
        .env(FOLDER, folder.path())
        .output()
        .unwrap();
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text).into_owned();
    assert!(output.status.success(), "{text}");
    assert!(text.contains("1 passed"), "{text}");
}

fn child(folder: &Path) {
    let target = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        let secret = passphrase();
        let read = || PrivateKey::read_file_with_passphrase(&path, &secret).unwrap();
        let mut search = {
            let key = read();
            let mut search = Search::new(&key);
            // Otherwise a search that finds nothing would prove nothing.
            assert!(search.finds(), "{name} is not found while it is there");
            search
        };
        // Each way ends with a search of its own, before other work takes the memory that it left.
        drop(read());
        assert!(!search.finds(), "reading {name} leaves something behind");
        use_up(read(), &target.path().join(name));
        assert!(!search.finds(), "using {name} leaves something behind");
    }
    for spec in [
        KeySpec::Rsa2048,
        KeySpec::P256,
        KeySpec::P384,
        KeySpec::P521,
        KeySpec::Ed25519,
    ] {
        let key = PrivateKey::generate(spec).unwrap();
        let mut search = Search::new(&key);
        assert!(search.finds(), "{spec:?} is not found while it is there");
        use_up(key, &target.path().join(format!("{spec:?}")));
        assert!(!search.finds(), "a generated {spec:?} is left behind");
    }
}

fn passphrase() -> SecretString {
    SecretString::from("test only")
}

/// Signs, and exports in every way.
fn use_up(key: PrivateKey, path: &Path) {
    let now = UNIX_EPOCH + Duration::from_secs(1_800_000_000);
    let subject = Subject::new().with_country("GB");
    SelfSigned::new(subject).sign(&key, now).unwrap();
    key.write_new_file(path).unwrap();
    let encrypted = path.with_extension("encrypted");
    key.write_new_encrypted_file(&encrypted, &passphrase())
        .unwrap();
    assert!(key.to_pkcs8_pem().expose_secret().starts_with("-----BEGIN"));
}

/// Parts of the private numbers, masked.
fn needles(key: &PrivateKey) -> Vec<Needle> {
    let der = key.to_pkcs8_der();
    let der = der.expose_secret();
    let (secret, step) = match key.kind() {
        // From within the private exponent, which follows a modulus as long as itself, to the end.
        KeyKind::Rsa { bits } | KeyKind::RsaPss { bits } => {
            (der.len() - bits as usize / 8 * 3..der.len(), 7)
        }
        // RFC 5915 section 3: the scalar is followed by the point alone. The first octets of P-521's
        // are zeros.
        KeyKind::P256 => (36..68, 1),
        KeyKind::P384 => (35..83, 1),
        KeyKind::P521 => (37..101, 1),
        _ => (16..48, 1),
    };
    let parts = der[secret].windows(PART).step_by(step);
    parts
        .flat_map(|part| {
            let masked = part.iter().map(|octet| octet ^ MASK);
            [
                masked.clone().collect(),
                masked.rev().collect(),
                masked_base64(part),
            ]
        })
        .collect()
}

/// The base64 of the octets, of which no symbol is ever written unmasked.
fn masked_base64(part: &[u8]) -> Needle {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = Vec::with_capacity(SYMBOLS);
    for three in part.chunks_exact(3) {
        let bits = three
            .iter()
            .fold(0_usize, |sum, octet| (sum << 8) | usize::from(*octet));
        for shift in [18, 12, 6, 0] {
            out.push(ALPHABET[(bits >> shift) & 63] ^ MASK);
        }
    }
    out
}

/// A search that is set up before a key is read, so that it takes no memory which a key was in.
struct Search {
    /// By their first two octets, unmasked.
    needles: HashMap<[u8; 2], Vec<Needle>>,
    starts: Vec<bool>,
    /// Wiped after each search, which otherwise the next would find.
    buffer: Vec<u8>,
}

impl Search {
    fn new(key: &PrivateKey) -> Self {
        let mut by_start: HashMap<[u8; 2], Vec<Needle>> = HashMap::new();
        let mut starts = vec![false; 1 << 16];
        for needle in needles(key) {
            let start = [needle[0] ^ MASK, needle[1] ^ MASK];
            starts[usize::from(u16::from_be_bytes(start))] = true;
            by_start.entry(start).or_default().push(needle);
        }
        Self {
            needles: by_start,
            starts,
            buffer: vec![0; 1 << 20],
        }
    }

    /// Whether something of the key is in the writable memory of this process.
    fn finds(&mut self) -> bool {
        let memory = File::open("/proc/self/mem").unwrap();
        for (begin, end) in writable() {
            let mut at = begin;
            while at < end {
                let wanted = self.buffer.len().min((end - at) as usize);
                // Memory that was given back meanwhile holds nothing.
                let Ok(length) = memory.read_at(&mut self.buffer[..wanted], at) else {
                    break;
                };
                let hit = self.is_within(&self.buffer[..length]);
                self.buffer[..length].zeroize();
                if hit {
                    return true;
                }
                if length <= SYMBOLS || at + length as u64 >= end {
                    break;
                }
                // What lies across the border of two reads is read again.
                at += (length - SYMBOLS) as u64;
            }
        }
        false
    }

    fn is_within(&self, memory: &[u8]) -> bool {
        let mut page_at = 0;
        for page in memory.chunks(PAGE) {
            // Most pages are empty.
            if page != &[0; PAGE][..page.len()] {
                let mut at = page_at;
                while at < page_at + page.len() {
                    let second = memory.get(at + 1).copied().unwrap_or_default();
                    let start = [memory[at], second];
                    if self.starts[usize::from(u16::from_be_bytes(start))]
                        && self.needles[&start]
                            .iter()
                            .any(|needle| is_at(&memory[at..], needle))
                    {
                        return true;
                    }
                    at += 1;
                }
            }
            page_at += PAGE;
        }
        false
    }
}

fn is_at(memory: &[u8], needle: &[u8]) -> bool {
    memory.len() >= needle.len() && memory.iter().zip(needle).all(|(a, b)| a ^ MASK == *b)
}

fn writable() -> Vec<(u64, u64)> {
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    let mut regions = Vec::new();
    for line in maps.lines() {
        let (range, rest) = line.split_once(' ').unwrap();
        if rest.starts_with("rw") {
            let (begin, end) = range.split_once('-').unwrap();
            let number = |text| u64::from_str_radix(text, 16).unwrap();
            regions.push((number(begin), number(end)));
        }
    }
    regions
}

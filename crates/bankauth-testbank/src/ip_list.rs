//! The list of addresses from which a client may call.

use std::net::IpAddr;

use ipnet::IpNet;

/// Single addresses and CIDR pools. An empty list lets every address in.
pub(crate) struct IpList(Vec<IpNet>);

impl IpList {
    /// The error is the entry that is neither an address nor a pool.
    pub(crate) fn read(entries: &[&str]) -> Result<Self, String> {
        let networks = entries
            .iter()
            .map(|entry| network(entry).ok_or_else(|| (*entry).to_owned()));
        networks.collect::<Result<_, _>>().map(Self)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn admits(&self, peer: IpAddr) -> bool {
        self.0.is_empty() || self.0.iter().any(|network| network.contains(&peer))
    }
}

fn network(entry: &str) -> Option<IpNet> {
    let single = || entry.parse::<IpAddr>().map(IpNet::from).ok();
    entry.parse().ok().or_else(single)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_entry_is_read_or_refused(entry: String) {
            let _ = IpList::read(&[&entry]);
        }
    }

    #[test]
    fn addresses_and_pools() {
        let admits = |entry, peer: &str| {
            IpList::read(&[entry])
                .unwrap()
                .admits(peer.parse().unwrap())
        };
        assert!(admits("192.0.2.1", "192.0.2.1"));
        assert!(!admits("192.0.2.1", "192.0.2.2"));
        assert!(admits("192.0.2.0/24", "192.0.2.200"));
        assert!(!admits("192.0.2.0/24", "192.0.3.1"));
        assert!(admits("2001:db8::/32", "2001:db8:1::1"));
        for entry in ["", "192.0.2", "192.0.2.0/33", "example.com", " 192.0.2.1"] {
            assert_eq!(IpList::read(&[entry]).err().as_deref(), Some(entry));
        }
        assert!(
            IpList::read(&[])
                .unwrap()
                .admits("192.0.2.1".parse().unwrap())
        );
    }
}

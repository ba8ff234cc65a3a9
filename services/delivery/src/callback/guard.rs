//! Which addresses may be called. A mapping is written by an integrator and names hosts; whether a host lies within the city's own
//! network is for the configuration to allow, not for the mapping. What is checked is the address that is then connected to, so
//! that a name cannot mean another one a moment later.

use std::error::Error as StdError;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// Networks that are not public: RFC 6890 and its updates.
const RESERVED: [(Ipv4Addr, u8); 15] = [
    (Ipv4Addr::UNSPECIFIED, 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    // where clouds keep their metadata
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    (Ipv4Addr::new(224, 0, 0, 0), 4),
    (Ipv4Addr::new(240, 0, 0, 0), 4),
];
/// All that is public of IPv6, and what within it is not, or leads to IPv4.
const GLOBAL: (Ipv6Addr, u8) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);
const RESERVED_6: [(Ipv6Addr, u8); 4] = [
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
];

/// Lets through what is public, and what the configuration allows besides.
#[derive(Clone, Debug, Default)]
pub(crate) struct Guard {
    allowed: Arc<Vec<IpNet>>,
}

/// The address is not public, and not allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refused;

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the address may not be called")
    }
}

impl StdError for Refused {}

impl Guard {
    pub(crate) fn new(allowed: Vec<IpNet>) -> Self {
        Self {
            allowed: Arc::new(allowed),
        }
    }

    pub(crate) fn lets(&self, address: IpAddr) -> bool {
        // an IPv4 address within IPv6 is what it leads to
        let address = address.to_canonical();
        is_public(address) || self.allowed.iter().any(|net| net.contains(&address))
    }

    /// A host that is an address is never resolved, so that it must be looked at before.
    pub(crate) fn check(&self, url: &Url) -> Result<(), Refused> {
        let host = url.host_str().unwrap_or_default();
        let literal = host.trim_start_matches('[').trim_end_matches(']').parse();
        match literal {
            Ok(address) if !self.lets(address) => Err(Refused),
            _ => Ok(()),
        }
    }
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => !RESERVED
            .iter()
            .any(|(net, length)| Ipv4Net::new(*net, *length).is_ok_and(|net| net.contains(&address))),
        IpAddr::V6(address) => {
            let within = |(net, length): &(Ipv6Addr, u8)| {
                Ipv6Net::new(*net, *length).is_ok_and(|net| net.contains(&address))
            };
            within(&GLOBAL) && !RESERVED_6.iter().any(within)
        }
    }
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.clone();
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let let_through: Vec<SocketAddr> = found.filter(|it| guard.lets(it.ip())).collect();
            if let_through.is_empty() {
                return Err(Refused.into());
            }
            let addresses: Addrs = Box::new(let_through.into_iter());
            Ok(addresses)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_public_addresses_are_called() {
        let guard = Guard::default();
        for private in [
            "127.0.0.1",
            "127.255.255.254",
            "0.0.0.0",
            "10.2.3.4",
            "100.64.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "ff02::1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "2001:0:7f00:1::",
        ] {
            assert!(!guard.lets(private.parse().expect("an address")), "{private}");
        }
        for public in [
            "8.8.8.8",
            "172.15.0.1",
            "172.32.0.1",
            "100.128.0.1",
            "2400:3200::1",
            "::ffff:8.8.8.8",
        ] {
            assert!(guard.lets(public.parse().expect("an address")), "{public}");
        }
    }

    #[test]
    fn what_is_allowed_is_called_and_nothing_beside_it() {
        let guard = Guard::new(vec![
            "10.2.0.0/16".parse().expect("a network"),
            "fd00:1::/32".parse().expect("a network"),
        ]);
        for (address, expected) in [
            ("10.2.255.1", true),
            ("::ffff:10.2.0.1", true),
            ("10.3.0.1", false),
            ("fd00:1::5", true),
            ("fd00:2::5", false),
            ("127.0.0.1", false),
        ] {
            assert_eq!(
                guard.lets(address.parse().expect("an address")),
                expected,
                "{address}"
            );
        }
    }

    #[test]
    fn an_address_in_any_notation_is_seen() {
        let guard = Guard::default();
        for url in [
            "http://127.0.0.1/",
            "http://2130706433/",
            "http://0x7f.1/",
            "http://0177.0.0.1/",
            "http://[::1]:80/",
            "http://[::ffff:7f00:1]/",
        ] {
            assert_eq!(guard.check(&url.parse().expect("a URL")), Err(Refused), "{url}");
        }
        assert_eq!(guard.check(&"https://8.8.8.8/".parse().expect("a URL")), Ok(()));
    }

    #[tokio::test]
    async fn a_name_that_means_a_private_address_does_not_resolve() {
        let resolve =
            |guard: Guard| async move { guard.resolve("localhost".parse().expect("a name")).await.is_ok() };
        assert!(!resolve(Guard::default()).await);
        let loopback = ["127.0.0.0/8", "::1/128"].map(|net| net.parse().expect("a network"));
        assert!(resolve(Guard::new(loopback.into())).await);
    }
}

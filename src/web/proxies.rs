//! Whose word about a client's address is believed.
//!
//! Anyone can send `X-Forwarded-For`. It counts only when the connection itself comes from a configured proxy, and it is
//! read from the right: the last address that is not one of our proxies is the client.

use std::net::IpAddr;

use poem::http::{HeaderMap, HeaderName};

/// The networks our own reverse proxies connect from. Empty: no forwarded header is believed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proxies(Vec<(IpAddr, u8)>);

impl Proxies {
    /// Reads a list such as `127.0.0.1, 10.0.0.0/8, fd00::/8`. The error is the entry that is not an address or network.
    pub fn parse(list: &str) -> Result<Self, String> {
        list.split(',')
            .map(str::trim)
            .filter(|entry| !entry.is_empty())
            .map(network)
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Is this the address of one of our proxies?
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|&(net, bits)| match (net, address) {
            (IpAddr::V4(net), IpAddr::V4(ip)) => {
                prefix(net.to_bits().into(), 32, bits) == prefix(ip.to_bits().into(), 32, bits)
            }
            (IpAddr::V6(net), IpAddr::V6(ip)) => prefix(net.to_bits(), 128, bits) == prefix(ip.to_bits(), 128, bits),
            _ => false,
        })
    }

    /// The address of the person's machine, given the address of the connection and the request's headers.
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
        let mut client = peer.to_canonical();
        if !self.contains(client) {
            return client;
        }
        // Several headers are one list, in order (RFC 9110 5.3).
        let lines: Vec<&str> = headers.get_all(FORWARDED_FOR).iter().filter_map(|line| line.to_str().ok()).collect();
        for entry in lines.iter().flat_map(|line| line.split(',')).rev() {
            let Ok(address) = entry.trim().parse::<IpAddr>() else { break };
            client = address.to_canonical();
            if !self.contains(client) {
                break;
            }
        }
        client
    }
}

/// What counts as one neighbour: an IPv4 address, or a /64 of IPv6, of which every subscriber has a whole one.
pub fn neighbour(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(ip) => IpAddr::V4(ip),
        IpAddr::V6(ip) => IpAddr::V6((ip.to_bits() >> 64 << 64).into()),
    }
}

fn network(entry: &str) -> Result<(IpAddr, u8), String> {
    let (address, bits) = entry.split_once('/').map_or((entry, None), |(address, bits)| (address, Some(bits)));
    let address: IpAddr = address.parse().map_err(|_| entry.to_owned())?;
    let width = if address.is_ipv4() { 32 } else { 128 };
    match bits.map_or(Ok(width), str::parse) {
        Ok(bits) if bits <= width => Ok((address, bits)),
        _ => Err(entry.to_owned()),
    }
}

fn prefix(address: u128, width: u8, bits: u8) -> u128 {
    address.checked_shr(u32::from(width - bits)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn forwarded(list: &str) -> HeaderMap {
        HeaderMap::from_iter([(HeaderName::from_static("x-forwarded-for"), list.parse().unwrap())])
    }

    #[test]
    fn a_forwarded_address_counts_only_behind_our_proxy() {
        let ours = Proxies::parse("127.0.0.1, 10.0.0.0/8, fd00::/8").unwrap();
        let header = forwarded("1.2.3.4, 203.0.113.9, 10.1.1.1");
        assert_eq!(ours.client(ip("10.0.0.7"), &header), ip("203.0.113.9"), "the left part is what the client made up");
        assert_eq!(ours.client(ip("198.51.100.2"), &header), ip("198.51.100.2"), "a stranger is not believed");
        assert_eq!(
            ours.client(ip("::ffff:10.0.0.7"), &header),
            ip("203.0.113.9"),
            "a mapped address is the same machine"
        );
        assert_eq!(ours.client(ip("fd00::1"), &forwarded("nonsense")), ip("fd00::1"));
        assert_eq!(Proxies::default().client(ip("127.0.0.1"), &header), ip("127.0.0.1"));
    }

    #[test]
    fn networks_are_checked_when_read() {
        for wrong in ["10.0.0.0/33", "host", "::/129", "1.2.3.4/x"] {
            assert_eq!(Proxies::parse(wrong), Err(wrong.to_owned()));
        }
        assert!(Proxies::parse("0.0.0.0/0").unwrap().contains(ip("8.8.8.8")));
        assert!(!Proxies::parse("").unwrap().contains(ip("127.0.0.1")));
    }

    #[test]
    fn a_subscriber_has_a_whole_ipv6_network() {
        assert_eq!(neighbour(ip("2001:db8:1:2:3:4:5:6")), neighbour(ip("2001:db8:1:2:ffff::1")));
        assert_ne!(neighbour(ip("2001:db8:1:2::1")), neighbour(ip("2001:db8:1:3::1")));
    }
}

//! Which addresses the program asks on somebody's word: public ones, on the ports of the web. Whoever writes a link must not reach the
//! machine itself, its network, or what a cloud tells only its own machines.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use reqwest::Url;

/// Longest address that is asked.
const URL: usize = 2_000;

/// Networks of IPv4 that are no public machines: first address, length of the prefix.
const NOT_PUBLIC: [([u8; 4], u32); 17] = [
    ([0, 0, 0, 0], 8),
    ([10, 0, 0, 0], 8),
    ([100, 64, 0, 0], 10),
    ([127, 0, 0, 0], 8),
    // A cloud tells its machines about themselves here.
    ([168, 63, 129, 16], 32),
    ([169, 254, 0, 0], 16),
    ([172, 16, 0, 0], 12),
    ([192, 0, 0, 0], 24),
    ([192, 0, 2, 0], 24),
    ([192, 31, 196, 0], 24),
    ([192, 88, 99, 0], 24),
    ([192, 168, 0, 0], 16),
    ([198, 18, 0, 0], 15),
    ([198, 51, 100, 0], 24),
    ([203, 0, 113, 0], 24),
    ([224, 0, 0, 0], 4),
    ([240, 0, 0, 0], 4),
];

/// Networks inside 2000::/3 that are no public machines or lead into IPv4: protocol assignments with Teredo, documentation, 6to4.
const NOT_PUBLIC_6: [(u128, u32); 4] =
    [(0x2001_0000 << 96, 23), (0x2001_0db8 << 96, 32), (0x2002_0000 << 96, 16), (0x3fff_0000 << 96, 20)];

/// Whether a public machine can have this address.
pub fn public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => public_4(address),
        IpAddr::V6(address) => public_6(address),
    }
}

fn public_4(address: Ipv4Addr) -> bool {
    let bits = address.to_bits();
    !NOT_PUBLIC.iter().any(|(network, length)| {
        let mask = u32::MAX << (32 - length);
        bits & mask == Ipv4Addr::from(*network).to_bits()
    })
}

fn public_6(address: Ipv6Addr) -> bool {
    let bits = address.to_bits();
    // All that is given out is in 2000::/3; loopback, private, link-local and multicast are not, nor is what stands for IPv4.
    bits >> 125 == 1 && !NOT_PUBLIC_6.iter().any(|(network, length)| bits & (u128::MAX << (128 - length)) == *network)
}

/// The address of a link that may be asked, as far as it says itself: where a name leads is looked at when it is asked.
pub fn askable(text: &str, ports: &[u16], allowed: fn(IpAddr) -> bool) -> Option<Url> {
    let url = Url::parse(text).ok().filter(|_| text.len() <= URL)?;
    let web = matches!(url.scheme(), "http" | "https") && url.username().is_empty() && url.password().is_none();
    let port = url.port_or_known_default().is_some_and(|port| ports.contains(&port));
    // The library has turned 0x7f.1, 2130706433 and 127.1 into addresses.
    let host = url.host_str()?.trim_start_matches('[').trim_end_matches(']').to_owned();
    let here = match host.parse::<IpAddr>() {
        Ok(address) => allowed(address),
        Err(_) => host.contains('.') && !host.ends_with(".localhost"),
    };
    (web && port && here).then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_public_machines_are_asked() {
        for address in
            ["1.1.1.1", "8.8.8.8", "172.32.0.1", "100.128.0.1", "192.0.1.1", "2606:4700::1111", "2a00:1450:4001::1"]
        {
            assert!(public(address.parse().unwrap()), "{address}");
        }
        for address in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "100.100.100.200",
            "127.0.0.1",
            "127.255.255.254",
            "168.63.129.16",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.192",
            "192.168.1.1",
            "198.18.0.1",
            "203.0.113.9",
            "224.0.0.251",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "::127.0.0.1",
            "fe80::1",
            "fc00::1",
            "fd00:ec2::254",
            "ff02::1",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "2002:7f00:1::",
            "2001::1",
            "2001:db8::1",
            "3fff::1",
            "fec0::1",
            "100::1",
            "5f00::1",
        ] {
            assert!(!public(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn a_link_says_itself_where_it_may_not_go() {
        let may = |text: &str| askable(text, &[80, 443], public).is_some();
        for good in [
            "https://example.org/a?b#c",
            "http://example.org:80/",
            "https://1.1.1.1/",
            "http://example.org:443/",
            "https://b\u{fc}cher.example/",
        ] {
            assert!(may(good), "{good}");
        }
        for bad in [
            "http://127.0.0.1/",
            "http://127.1/",
            "http://0x7f.1/",
            "http://2130706433/",
            "http://017700000001/",
            "http://[::1]/",
            "http://[::ffff:7f00:1]/",
            "http://[::ffff:169.254.169.254]/",
            "http://localhost/",
            "http://a.localhost/",
            "http://example.org:22/",
            "http://example.org:8080/",
            "ftp://example.org/",
            "file:///etc/passwd",
            "gopher://example.org/",
            "javascript:alert(1)",
            "http://user:word@example.org/",
            "http://user@example.org/",
            "http://\u{ff11}\u{ff12}\u{ff17}.0.0.1/",
            "http://169.254.169.254/latest/meta-data/",
            "http://printer/",
            "",
            "//example.org",
        ] {
            assert!(!may(bad), "{bad}");
        }
        assert!(!may(&format!("https://example.org/{}", "x".repeat(URL))));
    }
}

//! Where a node is found: `HOST:PORT`, as people write it and as this machine knows itself.

use std::net::{IpAddr, SocketAddr};

use crate::problem::Problem;

/// Addresses of one invitation, at most.
pub const ADDRESSES_MAX: usize = 4;
/// Bytes of a name, at most, as the name system has it.
const HOST_BYTES_MAX: usize = 253;

/// Reads an address.
///
/// # Errors
/// It is none, or one at which nobody can be found.
pub fn address(text: &str) -> Result<String, Problem> {
    let wrong = || {
        Problem::bad_input(
            format!(
                "{text} 不是地址；应写作 主机:端口，如 192.168.1.10:4433、hub.example.org:4433，IPv6 加方括号：[fd00::1]:4433"
            ),
            format!(
                "{text} is no address; write HOST:PORT, as 192.168.1.10:4433, hub.example.org:4433 or [fd00::1]:4433"
            ),
        )
    };
    let nowhere = || {
        Problem::bad_input(
            format!("{text} 不是别的机器能连到的地址；请写本机在网络上的地址"),
            format!("nobody can be found at {text}; write the address that this machine has in the network"),
        )
    };
    if let Ok(socket) = text.parse::<SocketAddr>() {
        let ip = socket.ip().to_canonical();
        let found = !(ip.is_unspecified() || ip.is_multicast() || socket.port() == 0);
        return if found { Ok(socket.to_string()) } else { Err(nowhere()) };
    }
    let (host, port) = text.rsplit_once(':').ok_or_else(wrong)?;
    let labels = host.split('.').collect::<Vec<_>>();
    let label = |label: &&str| {
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
        !label.is_empty() && label.len() <= 63 && label.chars().all(plain) && !label.starts_with('-')
    };
    // What ends in a number would be an IPv4 address, and is none.
    let number = labels.last().is_none_or(|last| last.chars().all(|c| c.is_ascii_digit()));
    if host.len() > HOST_BYTES_MAX || number || !labels.iter().all(label) {
        return Err(wrong());
    }
    match port.parse::<u16>() {
        Ok(1..) if port.chars().all(|c| c.is_ascii_digit()) => Ok(text.to_owned()),
        _ => Err(wrong()),
    }
}

/// Reads the addresses of an invitation.
pub(super) fn checked(texts: &[String]) -> Result<Vec<String>, Problem> {
    if texts.is_empty() || texts.len() > ADDRESSES_MAX {
        return Err(Problem::bad_input(
            format!("邀请须写明 1 至 {ADDRESSES_MAX} 个地址"),
            format!("an invitation names 1 to {ADDRESSES_MAX} addresses"),
        ));
    }
    texts.iter().map(|text| address(text)).collect()
}

/// Where others find a node that listens there. One that listens everywhere is found at the addresses of this machine;
/// only if it has no other, at that which it has for itself.
#[must_use]
pub fn offered(listening: SocketAddr) -> Vec<String> {
    if !listening.ip().is_unspecified() {
        return vec![listening.to_string()];
    }
    let all = if_addrs::get_if_addrs().unwrap_or_default();
    of_machine(all.iter().map(if_addrs::Interface::ip).collect(), listening)
}

fn of_machine(mut ips: Vec<IpAddr>, listening: SocketAddr) -> Vec<String> {
    ips.retain(|ip| match ip {
        IpAddr::V4(ip) => !ip.is_loopback() && !ip.is_link_local() && !ip.is_unspecified(),
        // Only one that listens on IPv6 is found there; link-local ones mean nothing elsewhere.
        IpAddr::V6(ip) => listening.is_ipv6() && !ip.is_loopback() && !ip.is_unicast_link_local(),
    });
    ips.sort_by_key(IpAddr::is_ipv6);
    ips.dedup();
    ips.truncate(ADDRESSES_MAX);
    if ips.is_empty() {
        ips.push(std::net::Ipv4Addr::LOCALHOST.into());
    }
    ips.into_iter().map(|ip| SocketAddr::new(ip, listening.port()).to_string()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_people_write_them_and_nowhere_is_none() {
        for good in ["192.168.1.10:4433", "[fd00::1]:4433", "hub.example.org:4433", "hub-1:1", "127.0.0.1:65535"] {
            assert_eq!(address(good).unwrap(), good);
        }
        for wrong in [
            "",
            "hub",
            "hub:",
            ":4433",
            "hub:0",
            "hub:65536",
            "hub:+1",
            "192.168.1.300:4433",
            "1.2.3:4",
            "fd00::1:4433",
            "http://hub:4433",
            "hub:4433/",
            "hub example:4433",
            "-hub:4433",
            "a..b:4433",
            "hub:4433\"]\n[x",
            "0.0.0.0:4433",
            "[::]:4433",
            "[::ffff:0.0.0.0]:4433",
            "224.0.0.1:4433",
            "10.0.0.1:0",
            "主机:4433",
        ] {
            assert_eq!(address(wrong).unwrap_err().code, "bad-input", "{wrong}");
        }
    }

    #[test]
    fn a_node_that_listens_everywhere_offers_the_addresses_of_its_machine() {
        let ips = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect::<Vec<IpAddr>>();
        let all = ips(&["127.0.0.1", "::1", "fe80::1", "fd00::7", "10.1.2.3", "169.254.9.9", "10.1.2.3"]);
        assert_eq!(of_machine(all.clone(), "0.0.0.0:4433".parse().unwrap()), ["10.1.2.3:4433"]);
        assert_eq!(of_machine(all, "[::]:4433".parse().unwrap()), ["10.1.2.3:4433", "[fd00::7]:4433"]);
        assert_eq!(of_machine(ips(&["127.0.0.1"]), "0.0.0.0:1".parse().unwrap()), ["127.0.0.1:1"]);
        assert_eq!(offered("10.0.0.9:5".parse().unwrap()), ["10.0.0.9:5"]);
        assert!(offered("0.0.0.0:5".parse().unwrap()).iter().all(|text| address(text).is_ok()));
    }
}

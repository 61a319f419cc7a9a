//! The names that a browser may call this node by.

use regulation::PersonId;

/// What is put behind every cookie.
pub(super) const COOKIE_REST: &str = "; Path=/; HttpOnly; SameSite=Strict";

/// An exact list: a page that reaches this node by any other name (DNS rebinding) gets nothing.
#[derive(Clone, Debug)]
pub struct Hosts {
    names: Vec<String>,
    port: u16,
}

impl Hosts {
    /// The names of this machine for itself, with that port.
    #[must_use]
    pub fn loopback(port: u16) -> Self {
        let hosts = Self { names: Vec::new(), port };
        hosts.and("127.0.0.1").and("localhost").and("[::1]")
    }

    /// As [`Self::loopback`], and that address itself.
    pub(super) fn of(address: std::net::SocketAddr) -> Self {
        let mut hosts = Self::loopback(address.port());
        hosts.names.push(address.to_string());
        hosts
    }

    /// One more name, without port.
    #[must_use]
    pub fn and(mut self, name: &str) -> Self {
        self.names.push(format!("{name}:{}", self.port));
        if self.port == 80 || self.port == 443 {
            self.names.push(name.to_owned());
        }
        self
    }

    /// Whether a `Host` header names this node.
    pub(super) fn allow(&self, host: &str) -> bool {
        self.names.iter().any(|name| name.eq_ignore_ascii_case(host))
    }

    /// Whether an `Origin` header is that of the pages under `host`.
    pub(super) fn is_origin(&self, origin: &str, host: &str) -> bool {
        origin.strip_prefix("http://").is_some_and(|rest| rest.eq_ignore_ascii_case(host))
    }

    /// Name of the session cookie. Browsers keep cookies of all ports of a machine together, so that of loopback says
    /// which: several nodes on one machine do not sign each other out.
    pub(super) fn cookie(&self) -> String {
        format!("jiesu-{}", self.port)
    }

    /// Name of the cookie by which a browser shows that a person has signed in from it before.
    pub(super) fn usual(&self, person: PersonId) -> String {
        format!("{}{}", self.usual_prefix(), person.0)
    }

    /// What stands before the person in it.
    pub(super) fn usual_prefix(&self) -> String {
        format!("{}-usual-", self.cookie())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_exact_names_are_let_in() {
        let hosts = Hosts::loopback(8480).and("county.example");
        for host in ["127.0.0.1:8480", "LOCALHOST:8480", "[::1]:8480", "county.example:8480"] {
            assert!(hosts.allow(host), "{host}");
        }
        for host in ["", "127.0.0.1", "127.0.0.1:8481", "localhost.evil.example:8480", "evil.example", "0.0.0.0:8480"] {
            assert!(!hosts.allow(host), "{host}");
        }
        assert!(hosts.is_origin("http://localhost:8480", "localhost:8480"));
        for origin in ["null", "", "https://localhost:8480", "http://127.0.0.1:8480", "http://localhost:8480.evil"] {
            assert!(!hosts.is_origin(origin, "localhost:8480"), "{origin}");
        }
    }
}

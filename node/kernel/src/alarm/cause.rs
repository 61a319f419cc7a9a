//! Who or what causes an alarm.

use std::net::IpAddr;

use regulation::DeviceId;

/// Who or what causes an alarm. One kind of trouble stands once for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// This node.
    Here,
    /// A device.
    Device(DeviceId),
    /// A machine whose key the registry does not have.
    Stranger,
    /// Whoever connects from there.
    Address(IpAddr),
}

impl Cause {
    /// Its name in the store, in JSON and in logs, by which it is acknowledged.
    #[must_use]
    pub fn key(self) -> String {
        match self {
            Self::Here => String::new(),
            Self::Device(device) => format!("device {}", device.0),
            Self::Stranger => "stranger".to_owned(),
            Self::Address(address) => address.to_string(),
        }
    }

    /// The cause of that name; none if another program gave it.
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        match key {
            "" => Some(Self::Here),
            "stranger" => Some(Self::Stranger),
            _ => match key.strip_prefix("device ") {
                Some(device) => device.parse().ok().map(DeviceId).map(Self::Device),
                None => key.parse().ok().map(Self::Address),
            },
        }
    }
}

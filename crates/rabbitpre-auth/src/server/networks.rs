//! Networks that may call, and where a call comes from when it came through a proxy (SPEC.md, head: IP allow-list).

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use axum::http::{HeaderMap, HeaderName};
use ipnet::{IpNet, Ipv4Net};

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Networks and single addresses, of IPv4 and IPv6. An IPv4 address that is written, or comes, as IPv6
/// (`::ffff:10.0.0.1`) is the IPv4 address; so `::/0` holds no IPv4 address.
///
/// ```
/// use rabbitpre_auth::Networks;
///
/// let networks: Networks = "10.0.0.0/8, 2001:db8::/32, 203.0.113.7".parse()?;
/// assert!(networks.contains("::ffff:10.1.2.3".parse()?));
/// assert!(!networks.contains("203.0.113.8".parse()?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Networks(Box<[IpNet]>);

/// Networks that were not understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NetworksError {
    /// The list is empty, and would let nobody in.
    #[error("the list of networks is empty and would let nobody in; name one, or leave the list out")]
    Empty,
    /// An entry is neither an address nor a network.
    #[error(
        "`{0}` is neither an address nor a network; write `10.0.0.0/8`, `2001:db8::/32` or `203.0.113.7`"
    )]
    NotANetwork(String),
    /// An entry has bits set behind its prefix, so that it is unclear what was meant.
    #[error(
        "`{entry}` names a host within a network; write `{network}` for the network, or the address alone"
    )]
    HostBits {
        /// The entry.
        entry: String,
        /// The network that it is in.
        network: String,
    },
}

impl Networks {
    /// Reads addresses and networks.
    ///
    /// # Errors
    /// [`NetworksError`]: none, or one that is not understood.
    pub fn new<T: AsRef<str>>(entries: impl IntoIterator<Item = T>) -> Result<Self, NetworksError> {
        let networks = entries
            .into_iter()
            .map(|entry| network(entry.as_ref().trim()))
            .collect::<Result<Box<[_]>, _>>()?;
        if networks.is_empty() { Err(NetworksError::Empty) } else { Ok(Networks(networks)) }
    }

    /// Whether the address is in one of the networks.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }
}

impl FromStr for Networks {
    type Err = NetworksError;

    /// Separated by commas; empty entries are none.
    fn from_str(list: &str) -> Result<Self, Self::Err> {
        Self::new(list.split(',').filter(|entry| !entry.trim().is_empty()))
    }
}

impl fmt::Debug for Networks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(tracing::field::display)).finish()
    }
}

fn network(entry: &str) -> Result<IpNet, NetworksError> {
    if let Ok(address) = entry.parse::<IpAddr>() {
        return Ok(IpNet::from(address.to_canonical()));
    }
    let network: IpNet = entry.parse().map_err(|_| NetworksError::NotANetwork(entry.to_owned()))?;
    if network.trunc() != network {
        let network = network.trunc().to_string();
        return Err(NetworksError::HostBits { entry: entry.to_owned(), network });
    }
    Ok(as_ipv4(&network).unwrap_or(network))
}

/// `::ffff:10.0.0.0/104` is `10.0.0.0/8`.
fn as_ipv4(network: &IpNet) -> Option<IpNet> {
    let IpNet::V6(network) = network else { return None };
    let address = network.addr().to_ipv4_mapped()?;
    Ipv4Net::new(address, network.prefix_len().checked_sub(96)?).ok().map(IpNet::V4)
}

/// Where a call comes from: the peer, unless that is a proxy we know; then the last address of `X-Forwarded-For` that is
/// no such proxy. What stands before it, the caller may have written himself.
///
/// `None` if a proxy passes on something that is no address.
pub(super) fn caller(peer: IpAddr, headers: &HeaderMap, proxies: Option<&Networks>) -> Option<IpAddr> {
    let mut address = peer;
    let Some(proxies) = proxies else { return Some(address) };
    let mut lines = headers.get_all(FORWARDED_FOR).iter().rev();
    let mut entries = None::<std::str::RSplit<'_, char>>;
    while proxies.contains(address) {
        address = match entries.as_mut().and_then(Iterator::next) {
            Some(entry) => forwarded(entry.trim())?,
            None => match lines.next() {
                // Several lines are one list in their order (RFC 9110 §5.3).
                Some(line) => {
                    entries = Some(line.to_str().ok()?.rsplit(','));
                    continue;
                }
                // The call is the last known proxy's own.
                None => return Some(address),
            },
        };
    }
    Some(address)
}

/// An entry of `X-Forwarded-For`; some proxies add the port, or brackets.
fn forwarded(entry: &str) -> Option<IpAddr> {
    let bare = entry.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(entry);
    bare.parse().ok().or_else(|| entry.parse().ok().map(|address: SocketAddr| address.ip()))
}

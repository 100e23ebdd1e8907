//! Which proxy, if any, stands before the API server: `proxy-url`, else the environment, by the rules of Go's
//! `net/http.ProxyFromEnvironment`, which kubectl follows.

use http::Uri;

use super::error::SessionError;
use super::server::Server;
use crate::env::Env;

/// How connections reach the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Route {
    /// Straight.
    Direct,
    /// By `CONNECT` through an HTTP proxy.
    Tunnel(Uri),
    /// Through a SOCKS5 proxy; the proxy resolves the name.
    Socks5(Uri),
}

/// Chooses the route to `url`.
pub(super) fn route(server: &Server, url: &Uri, env: &Env) -> Result<Route, SessionError> {
    let configured = server.cluster.proxy_url.trim();
    let text = if configured.is_empty() {
        match from_environment(url, env) {
            Some(text) => text,
            None => return Ok(Route::Direct),
        }
    } else {
        configured
    };
    parse(text).ok_or_else(|| SessionError::Setting {
        context: server.context.clone(),
        what: format!("its proxy {text:?} is not a URL of http, https or socks5"),
    })
}

fn parse(text: &str) -> Option<Route> {
    let with_scheme = if text.contains("://") {
        text.to_owned()
    } else {
        format!("http://{text}")
    };
    let uri: Uri = with_scheme.parse().ok()?;
    match uri.scheme_str()? {
        "http" | "https" => Some(Route::Tunnel(uri)),
        "socks5" | "socks5h" => Some(Route::Socks5(uri)),
        _ => None,
    }
}

fn from_environment<'a>(url: &Uri, env: &'a Env) -> Option<&'a str> {
    let host = url.host()?.trim_start_matches('[').trim_end_matches(']');
    // Go never sends loopback through a proxy: kind, minikube and k3d would break.
    if is_loopback(host) {
        return None;
    }
    let names = match url.scheme_str() {
        Some("http") => ["HTTP_PROXY", "http_proxy"],
        _ => ["HTTPS_PROXY", "https_proxy"],
    };
    let proxy = names.iter().find_map(|name| env.text(name))?;
    let exempt = ["NO_PROXY", "no_proxy"]
        .iter()
        .find_map(|name| env.text(name))
        .unwrap_or_default();
    let port = url.port_u16().unwrap_or(443);
    (!is_exempt(host, port, exempt)).then_some(proxy)
}

fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

/// Whether `NO_PROXY` exempts a host: `*`, an address, a network, a domain with its subdomains, or only
/// its subdomains (`.example.com`), each with an optional port.
fn is_exempt(host: &str, port: u16, list: &str) -> bool {
    let address = host.parse().ok();
    list.split(',')
        .map(str::trim)
        .filter(|rule| !rule.is_empty())
        .any(|rule| matches_rule(host, address, port, rule))
}

fn matches_rule(host: &str, address: Option<std::net::IpAddr>, port: u16, rule: &str) -> bool {
    if rule == "*" {
        return true;
    }
    if let Some((network, bits)) = rule.split_once('/') {
        return address.is_some_and(|address| is_in_network(address, network, bits));
    }
    let (name, rule_port) = match rule.rsplit_once(':') {
        Some((name, digits)) if !name.contains(':') || name.ends_with(']') => {
            (name, digits.parse::<u16>().ok())
        }
        _ => (rule, None),
    };
    if rule_port.is_some_and(|rule_port| rule_port != port) {
        return false;
    }
    let name = name.trim_start_matches('[').trim_end_matches(']');
    if let Some(address) = address {
        return name.parse() == Ok(address);
    }
    let host = host.to_ascii_lowercase();
    let name = name.to_ascii_lowercase();
    let name = name.strip_prefix('*').unwrap_or(&name);
    match name.strip_prefix('.') {
        Some(domain) => host.len() > domain.len() + 1 && host.ends_with(name),
        None => host == name || host.ends_with(&format!(".{name}")),
    }
}

fn is_in_network(address: std::net::IpAddr, network: &str, bits: &str) -> bool {
    use std::net::IpAddr::{V4, V6};
    let (Ok(network), Ok(bits)) = (network.parse(), bits.parse::<u32>()) else {
        return false;
    };
    let (address, network, width) = match (address, network) {
        (V4(a), V4(n)) => (u128::from(a.to_bits()), u128::from(n.to_bits()), 32),
        (V6(a), V6(n)) => (a.to_bits(), n.to_bits(), 128),
        _ => return false,
    };
    match width - bits.min(width) {
        128 => true,
        shift => address >> shift == network >> shift,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(url: &str, variables: &[(&str, &str)]) -> Option<String> {
        let env = Env::of_variables(variables.iter().copied());
        from_environment(&url.parse().unwrap(), &env).map(str::to_owned)
    }

    #[test]
    fn loopback_is_never_proxied() {
        for url in [
            "https://127.0.0.1:6443",
            "https://localhost:6443",
            "https://[::1]:6443",
        ] {
            assert_eq!(chosen(url, &[("HTTPS_PROXY", "http://p")]), None, "{url}");
        }
    }

    #[test]
    fn no_proxy_knows_domains_addresses_networks_and_ports() {
        let exempt = |host, rules| is_exempt(host, 6443, rules);
        assert!(exempt("api.example.com", "example.com"));
        assert!(exempt("api.example.com", ".example.com"));
        assert!(!exempt("example.com", ".example.com"));
        assert!(exempt("10.1.2.3", "10.0.0.0/8"));
        assert!(!exempt("11.1.2.3", "10.0.0.0/8"));
        assert!(exempt("fd00::1", "fd00::/8"));
        assert!(exempt("api", "other, api ,"));
        assert!(exempt("api", "api:6443"));
        assert!(!exempt("api", "api:443"));
        assert!(exempt("anything", "*"));
    }

    #[test]
    fn a_proxy_without_a_scheme_is_http() {
        assert_eq!(
            parse("proxy:3128"),
            Some(Route::Tunnel("http://proxy:3128".parse().unwrap()))
        );
        assert!(matches!(
            parse("socks5h://proxy:1080"),
            Some(Route::Socks5(_))
        ));
        assert_eq!(parse("ftp://proxy"), None);
    }
}

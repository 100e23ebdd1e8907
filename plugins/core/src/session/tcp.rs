//! TCP to the server, straight or through a proxy, with the socket options a watch needs.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::{SocksV5, Tunnel};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tower::{BoxError, Service};

use super::proxy::Route;

/// A peer that is gone without a word is noticed after the idle time and three more intervals.
const KEEPALIVE_IDLE: Duration = Duration::from_secs(10);
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(5);

/// Opens connections along one route.
#[derive(Clone)]
pub(super) enum Tcp {
    Direct(HttpConnector),
    Tunnel(Tunnel<HttpConnector>),
    Socks5(SocksV5<HttpConnector>),
}

impl Tcp {
    pub fn new(route: Route, limit: Duration) -> Self {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_connect_timeout(Some(limit));
        tcp.set_keepalive(Some(KEEPALIVE_IDLE));
        tcp.set_keepalive_interval(Some(KEEPALIVE_INTERVAL));
        tcp.set_keepalive_retries(Some(3));
        match route {
            Route::Direct => Self::Direct(tcp),
            Route::Tunnel(proxy) => Self::Tunnel(Tunnel::new(proxy, tcp)),
            Route::Socks5(proxy) => Self::Socks5(SocksV5::new(proxy, tcp)),
        }
    }
}

impl Service<Uri> for Tcp {
    type Response = TokioIo<TcpStream>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        match self {
            Self::Direct(inner) => inner.poll_ready(context).map_err(Into::into),
            Self::Tunnel(inner) => inner.poll_ready(context).map_err(Into::into),
            Self::Socks5(inner) => inner.poll_ready(context).map_err(Into::into),
        }
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        match self {
            Self::Direct(inner) => boxed(inner.call(uri)),
            Self::Tunnel(inner) => boxed(inner.call(uri)),
            Self::Socks5(inner) => boxed(inner.call(uri)),
        }
    }
}

fn boxed<E: Into<BoxError>>(
    connecting: impl Future<Output = Result<TokioIo<TcpStream>, E>> + Send + 'static,
) -> <Tcp as Service<Uri>>::Future {
    Box::pin(async move { connecting.await.map_err(Into::into) })
}

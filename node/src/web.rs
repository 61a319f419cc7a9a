//! The pages of a node.

use axum::Router;
use tokio::net::TcpListener;

use crate::problem::Problem;
use crate::process::Node;

/// Serves until `stop`.
///
/// # Errors
/// The socket fails.
pub async fn serve(
    _node: Node,
    listener: TcpListener,
    api: Router,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), Problem> {
    axum::serve(listener, api).with_graceful_shutdown(stop).await.map_err(|error| Problem::fault(&error))
}

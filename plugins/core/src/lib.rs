//! What at least two of the kubectl plugins need, under Kubernetes' nouns.
//!
//! ```text
//! argv ─args─▶ Target ─session─▶ Session ─discovery─▶ Resource ─table / watch─▶ rows ─render─▶ text
//! ```
//!
//! Only `app`, `env`, `session` and `kubectl` touch the world; the rest is data in, data out.

pub mod app;
pub mod args;
pub mod discovery;
pub mod env;
pub mod error;
pub mod kubectl;
pub mod pattern;
pub mod protect;
pub mod render;
pub mod session;
pub mod table;
pub mod target;
pub mod watch;

//! The sample shop: opened in the demo's cluster, or in one the user has.

use std::io::{self, BufRead, Write};
use std::process::{Command, Stdio};

use cluster::Cluster;

use crate::say;

const SHOP: &str = include_str!("../shop.yaml");
const NAMESPACES: [&str; 2] = ["shop", "shop-prod"];

/// Opens the shop in both namespaces and gives it a past.
pub fn open(cluster: &Cluster) -> io::Result<()> {
    for namespace in NAMESPACES {
        let object = format!("apiVersion: v1\nkind: Namespace\nmetadata: {{name: {namespace}}}\n");
        cluster.try_apply("default", &object)?;
        cluster.try_apply(namespace, SHOP)?;
    }
    for (image, cause) in [
        ("nginx:1.28", "newer nginx"),
        ("nginx:1.29", "newest nginx"),
    ] {
        kubectl(
            cluster,
            &["set", "image", "deployment/web", &format!("web={image}")],
        )?;
        let cause = format!("kubernetes.io/change-cause={cause}");
        kubectl(
            cluster,
            &["annotate", "--overwrite", "deployment/web", &cause],
        )?;
        kubectl(
            cluster,
            &["rollout", "status", "deployment/web", "--timeout=60s"],
        )?;
    }
    // One load balancer has its address; the other waits for one, as it does where no cloud provides any.
    let address = r#"{"status":{"loadBalancer":{"ingress":[{"ip":"203.0.113.80"}]}}}"#;
    kubectl(
        cluster,
        &[
            "patch",
            "service",
            "web",
            "--subresource=status",
            "--type=merge",
            "-p",
            address,
        ],
    )
}

/// Runs kubectl in the shop and says what it says if it fails.
pub fn kubectl(cluster: &Cluster, arguments: &[&str]) -> io::Result<()> {
    let output = cluster
        .kubectl(["--namespace", "shop"])
        .args(arguments)
        .output()?;
    if output.status.success() {
        return Ok(());
    }
    let text = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(io::Error::other(format!(
        "kubectl {}: {text}",
        arguments.join(" ")
    )))
}

/// Puts the shop into the user's own cluster, once its context's name has been typed.
pub fn into_own_cluster(context: &str) -> io::Result<u8> {
    let mut out = io::stdout();
    writeln!(
        out,
        "This creates the namespace shop in context {context:?} and the sample shop in it:"
    )?;
    for object in SHOP.split("\n---\n") {
        let field = |name: &str| object.lines().find_map(|line| line.strip_prefix(name));
        let name = field("metadata: {name: ").and_then(|rest| rest.split(['}', ',']).next());
        writeln!(
            out,
            "  {} {}",
            field("kind: ").unwrap_or("?"),
            name.unwrap_or("?")
        )?;
    }
    writeln!(
        out,
        "LoadBalancer Services may cost money. `kubectl delete namespace shop` removes all of it."
    )?;
    write!(out, "Type the context's name to go on: ")?;
    out.flush()?;
    let mut typed = String::new();
    io::stdin().lock().read_line(&mut typed)?;
    if typed.trim() != context {
        say("nothing was changed");
        return Ok(2);
    }
    let namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n";
    for manifest in [namespace, SHOP] {
        let mut child = Command::new("kubectl")
            .args([
                "--context",
                context,
                "--namespace",
                "shop",
                "apply",
                "--filename",
                "-",
            ])
            .stdin(Stdio::piped())
            .spawn()?;
        if let Some(mut stdin) = child.stdin.take() {
            stdin.write_all(manifest.as_bytes())?;
        }
        if !child.wait()?.success() {
            return Ok(2);
        }
    }
    say(&format!(
        "try: kubectl quick po -w --context {context} -n shop"
    ));
    Ok(0)
}

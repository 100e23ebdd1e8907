//! kubectl's loading rules, case by case.
#![expect(clippy::unwrap_used, reason = "what cannot be read fails the test")]

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use kubeconfig::{Error, Kubeconfig, Location};
use proptest::prelude::*;
use tempfile::TempDir;

const A: &str = "current-context: alpha\ncontexts: [{name: alpha, context: {cluster: k, namespace: ns-a}}]\nclusters: [{name: k, cluster: {server: 'https://a', certificate-authority: pki/ca.crt}}]\n";
const B: &str = "current-context: beta\ncontexts: [{name: beta, context: {cluster: k, namespace: ns-b}}]\nclusters: [{name: k, cluster: {server: 'https://b'}}]\n";

struct Files(TempDir);

impl Files {
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, content) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        Self(folder)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn list(&self, names: &[&str]) -> OsString {
        std::env::join_paths(names.iter().map(|name| self.path(name))).unwrap()
    }

    fn load(&self, names: &[&str]) -> Result<Kubeconfig, Error> {
        Kubeconfig::load(&Location::find(None, Some(&self.list(names)), None))
    }

    fn one(content: &str) -> Result<Kubeconfig, Error> {
        Self::new(&[("config", content)]).load(&["config"])
    }
}

fn current(kubeconfig: &Kubeconfig) -> &str {
    kubeconfig
        .current_context()
        .map_or("", |entry| &entry.value)
}

/// What is said about a file, without the file's folder.
fn complaint(content: &str) -> String {
    let text = Files::one(content).expect_err("refused").to_string();
    text.split_once("/config")
        .map(|(_, rest)| rest.to_owned())
        .unwrap_or(text)
}

#[test]
fn the_first_file_wins() {
    let files = Files::new(&[("a", A), ("b", B)]);
    let kubeconfig = files.load(&["a", "b"]).unwrap();
    assert_eq!(current(&kubeconfig), "alpha");
    let beta = kubeconfig.select(Some("beta")).unwrap();
    assert_eq!(beta.cluster.server, "https://a", "k is defined in a first");
    assert_eq!(kubeconfig.context("beta").unwrap().origin, files.path("b"));
    assert_eq!(current(&files.load(&["b", "a"]).unwrap()), "beta");
}

#[test]
fn an_empty_current_context_does_not_count() {
    let files = Files::new(&[
        (
            "a",
            &A.replace("current-context: alpha", "current-context: ''"),
        ),
        ("b", B),
    ]);
    assert_eq!(current(&files.load(&["a", "b"]).unwrap()), "beta");
}

#[test]
fn missing_files_are_skipped_unless_asked_for_by_name() {
    let files = Files::new(&[("a", A)]);
    assert_eq!(current(&files.load(&["missing", "a"]).unwrap()), "alpha");
    let missing = files.path("missing");
    let error = Kubeconfig::load(&Location::find(Some(&missing), None, None)).unwrap_err();
    assert!(matches!(error, Error::Read { .. }));
}

#[test]
fn a_broken_file_anywhere_fails_the_whole_and_is_named() {
    let files = Files::new(&[("a", A), ("bad", "clusters: [")]);
    for list in [["a", "bad"], ["bad", "a"]] {
        let error = files.load(&list).unwrap_err().to_string();
        assert!(
            error.contains(&files.path("bad").display().to_string()),
            "{error}"
        );
    }
}

#[test]
fn a_folder_in_the_list_is_an_error() {
    let files = Files::new(&[("a", A), ("folder/x", "")]);
    assert!(matches!(
        files.load(&["folder", "a"]).unwrap_err(),
        Error::Read { .. }
    ));
}

#[test]
fn empty_files_and_null_parts_are_fine() {
    for content in [
        "",
        "# nothing\n",
        "clusters: null\nusers: ~\ncontexts:\n",
        "{}",
    ] {
        assert!(Files::one(content).unwrap().is_empty(), "{content:?}");
    }
    let context = "contexts: [{name: c, context: null}, {name: d, context: {namespace: ~}}]";
    assert_eq!(
        Files::one(context)
            .unwrap()
            .context("d")
            .unwrap()
            .value
            .namespace,
        ""
    );
}

#[test]
fn relative_paths_belong_to_the_folder_of_their_file() {
    let files = Files::new(&[("sub/config", A)]);
    let kubeconfig = files.load(&["sub/config"]).unwrap();
    let expected = files.path("sub/pki/ca.crt").display().to_string();
    assert_eq!(
        kubeconfig
            .select(None)
            .unwrap()
            .cluster
            .certificate_authority,
        expected
    );
}

#[test]
fn a_plugin_is_a_path_only_with_a_separator() {
    let content = "users: [{name: u, user: {exec: {command: ./login, apiVersion: v1}}}, {name: v, user: {exec: {command: login}}}]\n\
                   clusters: [{name: k, cluster: {server: s}}]\ncontexts: [{name: u, context: {cluster: k, user: u}}, {name: v, context: {cluster: k, user: v}}]";
    let files = Files::new(&[("config", content)]);
    let kubeconfig = files.load(&["config"]).unwrap();
    let command = |name| {
        kubeconfig
            .select(Some(name))
            .unwrap()
            .user
            .unwrap()
            .exec
            .clone()
            .unwrap()
            .command
    };
    assert_eq!(command("u"), files.path("login").display().to_string());
    assert_eq!(command("v"), "login");
}

#[test]
fn a_name_there_twice_is_an_error_with_both_lines() {
    let content = "contexts:\n- name: same\n  context: {}\n- name: same\n  context: {}\n";
    assert_eq!(
        complaint(content),
        ", line 4: the context \"same\" is there twice, first in line 2"
    );
}

#[test]
fn another_kind_is_an_error() {
    assert_eq!(
        complaint("kind: Pod\n"),
        ": not a kubeconfig: kind is \"Pod\", not \"Config\""
    );
}

#[test]
fn unquoted_names_that_yaml_reads_as_something_else_are_an_error() {
    for name in ["no", "on", "true", "123", "1.5"] {
        let text = complaint(&format!("contexts:\n- name: {name}\n"));
        assert_eq!(
            text, ", line 2: expected a string; a name such as 123, no or on has to be quoted",
            "{name}"
        );
    }
}

#[test]
fn json_windows_lines_anchors_and_further_documents_are_fine() {
    let json = r#"{"current-context":"c","contexts":[{"name":"c","context":{"cluster":"k"}}]}"#;
    assert_eq!(current(&Files::one(json).unwrap()), "c");
    assert_eq!(
        current(&Files::one(&A.replace('\n', "\r\n")).unwrap()),
        "alpha"
    );
    let anchors = "x: &c {cluster: k, namespace: inner}\ncontexts: [{name: a, context: *c}, {name: b, context: {<<: *c, namespace: m}}]\n";
    assert_eq!(
        Files::one(anchors)
            .unwrap()
            .context("b")
            .unwrap()
            .value
            .namespace,
        "m"
    );
    assert_eq!(
        current(&Files::one(&format!("{A}---\n{B}")).unwrap()),
        "alpha"
    );
    assert_eq!(
        current(&Files::one(&format!("\u{feff}{A}")).unwrap()),
        "alpha"
    );
}

#[test]
fn the_last_of_two_equal_keys_wins() {
    assert_eq!(
        current(&Files::one("current-context: a\ncurrent-context: b\n").unwrap()),
        "b"
    );
}

#[test]
fn a_dangling_current_context_is_kept_and_refused_on_use() {
    let kubeconfig = Files::one("current-context: nosuch\n").unwrap();
    assert_eq!(current(&kubeconfig), "nosuch");
    assert!(matches!(
        kubeconfig.select(None).unwrap_err(),
        Error::NoSuchContext { .. }
    ));
}

#[test]
fn one_context_without_a_cluster_does_not_spoil_the_others() {
    let kubeconfig =
        Files::one(&A.replace("contexts: [", "contexts: [{name: hollow, context: {}}, ")).unwrap();
    assert!(kubeconfig.select(None).is_ok());
    assert!(matches!(
        kubeconfig.select(Some("hollow")).unwrap_err(),
        Error::Dangling { .. }
    ));
}

#[test]
fn no_error_quotes_a_secret() {
    for content in [
        "users: [{name: u, user: {token: topsecret",
        "users:\n- name: u\n  user: topsecret\n",
        "users:\n- name: u\n  user:\n    token: [topsecret]\n",
        "users: topsecret\n",
        "topsecret\n",
        "users:\n- name: u\n  user: {exec: topsecret}\n",
        "\ttopsecret: {\n",
    ] {
        let text = Files::one(content).expect_err(content).to_string();
        assert!(!text.contains("topsecret"), "{text}");
    }
}

#[test]
fn debug_output_of_a_user_shows_no_secret() {
    let content = format!("{A}users: [{{name: u, user: {{token: topsecret}}}}]\n")
        .replace("cluster: k, namespace", "cluster: k, user: u, namespace");
    let kubeconfig = Files::one(&content).unwrap();
    assert!(!format!("{kubeconfig:?}").contains("topsecret"));
}

proptest! {
    #[test]
    fn any_file_is_read_without_a_panic_or_a_quoted_secret(before in "\\PC{0,40}", after in "[\\PC\n]{0,40}") {
        let content = format!("{before}\nusers: [{{name: u, user: {{token: t0psecret}}}}]\n{after}");
        let files = Files::new(&[("config", &content)]);
        if let Err(error) = files.load(&["config"]) {
            prop_assert!(!error.to_string().contains("t0psecret"), "{error}");
        }
    }

    #[test]
    fn every_name_that_is_quoted_is_found(name in "[a-zA-Z0-9:/@._-]{1,30}") {
        let content = format!("contexts: [{{name: {name:?}, context: {{cluster: k}}}}]\n");
        let kubeconfig = Files::one(&content).unwrap();
        prop_assert!(kubeconfig.context(&name).is_some());
    }
}

#[test]
fn the_home_file_is_read_where_no_list_is_set() {
    let files = Files::new(&[(".kube/config", A)]);
    let location = Location::find(None, None, Some(files.0.path()));
    assert_eq!(current(&Kubeconfig::load(&location).unwrap()), "alpha");
    let only_separators = Location::find(None, Some(":".as_ref()), Some(Path::new(files.0.path())));
    assert!(Kubeconfig::load(&only_separators).unwrap().is_empty());
}

//! `rediss://`: the server shows a certificate, and it is checked.

use std::fs;
use std::io::ErrorKind;

use platform_state::testing::RedisServer;

use crate::child::{answer, command};
use crate::folder::Folder;
use crate::{Single, single};

pub(crate) fn singles() -> Vec<Single> {
    vec![single("a_certificate_that_is_trusted_is_needed", certificates)]
}

async fn certificates() {
    let folder = Folder::new();
    let pair =
        rcgen::generate_simple_self_signed(vec!["localhost".to_owned(), "127.0.0.1".to_owned()]).unwrap();
    let (certificate, secret) = (folder.path("server.pem"), folder.path("server.key"));
    fs::write(&certificate, pair.cert.pem()).unwrap();
    fs::write(&secret, pair.signing_key.serialize_pem()).unwrap();
    let (certificate, secret) = (certificate.to_str().unwrap(), secret.to_str().unwrap());
    let (port, _server) =
        (0..20).find_map(|_| start(certificate, secret)).expect("one of many ports is free");
    let url = format!("rediss://localhost:{port}/");
    // The trusted certificates are the process's: another one takes ours for the system's.
    assert_eq!(answer(command("use", &url).env("SSL_CERT_FILE", certificate)), "ok");
    let said = answer(&mut command("use", &url));
    assert!(said.starts_with("Unavailable: rediss://localhost:") && said.contains("certificate"), "{said}");
}

/// Beside the plain port, one more, like it below those that systems hand out; [`None`] when somebody has it.
fn start(certificate: &str, secret: &str) -> Option<(String, RedisServer)> {
    let plain = RedisServer::start().unwrap();
    let port = (plain.port() - 12_000).to_string();
    let settings = [
        "--tls-port",
        &port,
        "--tls-cert-file",
        certificate,
        "--tls-key-file",
        secret,
        "--tls-ca-cert-file",
        certificate,
        "--tls-auth-clients",
        "no",
    ];
    match RedisServer::start_with(&settings) {
        Ok(server) => Some((port, server)),
        Err(error) if error.kind() == ErrorKind::AddrInUse => None,
        Err(error) => panic!("{error}"),
    }
}

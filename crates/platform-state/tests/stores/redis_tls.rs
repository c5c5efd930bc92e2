//! `rediss://`: the server shows a certificate, and it is checked.

use std::fs;

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
    let plain = RedisServer::start().unwrap();
    // Beside the plain port, one more.
    let port = (plain.port() + 13_000).to_string();
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
    let _server = RedisServer::start_with(&settings).unwrap();
    let url = format!("rediss://localhost:{port}/");
    // The trusted certificates are the process's: another one takes ours for the system's.
    assert_eq!(answer(command("use", &url).env("SSL_CERT_FILE", certificate)), "ok");
    let said = answer(&mut command("use", &url));
    assert!(said.starts_with("Unavailable: rediss://localhost:") && said.contains("certificate"), "{said}");
}

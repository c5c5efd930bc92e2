//! Certificates and keys of a sandbox, on disk for whoever wants to try it.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use platform_sandbox::{ClientCertificate, Tls};
use serde_json::Value;
use sign_core::Secret;

use crate::exit::Failure;

/// Of the PKCS#12 file, which opens nothing but this sandbox.
pub(super) const PASSWORD: &str = "sandbox";

/// The files.
pub(super) struct Papers {
    /// The authority of the hosts' certificates.
    ca: PathBuf,
    certificate: PathBuf,
    key: PathBuf,
    /// Certificate and key once more.
    pkcs12: PathBuf,
}

impl Papers {
    /// Issues a client certificate and writes everything into the directory; keys are readable by this user alone.
    pub(super) fn write(directory: &Path, tls: &Tls) -> Result<Self, Failure> {
        let issued = tls.authority().issue(&ClientCertificate::default()).map_err(Failure::failed)?;
        let password = Secret::new(PASSWORD).map_err(Failure::failed)?;
        let pkcs12 = issued.pkcs12(&password).map_err(Failure::failed)?;
        let failed = |path: &Path, error: &io::Error| {
            Failure::failed(format!("cannot write `{}`: {error}", path.display()))
        };
        fs::create_dir_all(directory).map_err(|error| failed(directory, &error))?;
        let put = |name: &str, content: &[u8], private: bool| {
            let path = directory.join(name);
            replace(&path, content, private).map_err(|error| failed(&path, &error)).map(|()| path)
        };
        Ok(Self {
            ca: put("ca.pem", tls.authority().pem().as_bytes(), false)?,
            certificate: put("client.pem", issued.certificate_pem().as_bytes(), false)?,
            key: put("client-key.pem", issued.key_pem().expose().as_bytes(), true)?,
            pkcs12: put("client.p12", &pkcs12, true)?,
        })
    }

    /// The flags of `duijie webank` that use them.
    pub(super) fn flags(&self) -> String {
        let Self { ca, certificate, key, .. } = self;
        format!("--ca {} --cert {} --key {}", ca.display(), certificate.display(), key.display())
    }

    /// The same for a machine.
    pub(super) fn add_to(&self, webank: &mut Value) {
        if let Value::Object(members) = webank {
            for (name, path) in
                [("ca", &self.ca), ("cert", &self.certificate), ("key", &self.key), ("p12", &self.pkcs12)]
            {
                members.insert(name.to_owned(), path.display().to_string().into());
            }
            members.insert("p12_password".to_owned(), PASSWORD.into());
        }
    }
}

/// A new file in place of the old one, whose rights would otherwise stay as they are.
fn replace(path: &Path, content: &[u8], private: bool) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    if private {
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    }
    #[cfg(not(unix))]
    let _ = private;
    options.open(path)?.write_all(content)
}

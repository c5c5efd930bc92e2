//! The client certificate for the bank's business host.

use std::path::{Path, PathBuf};

use platform_http::Identity;
use platform_http::system::{Clock as _, SystemClock};

use crate::{exit::Failure, secret};

const PASSWORD: &str = "WEBANK_P12_PASSWORD";

/// Where the client certificate is. It is read again when its files change, as long as the command runs.
#[derive(clap::Args)]
pub(super) struct IdentityArgs {
    /// Client certificate chain for the business host, PEM.
    #[arg(long, value_name = "FILE", requires = "key")]
    cert: Option<PathBuf>,
    /// The certificate's private key, PEM.
    #[arg(long, value_name = "FILE", requires = "cert")]
    key: Option<PathBuf>,
    /// Client certificate and key, PKCS#12; the password stands in WEBANK_P12_PASSWORD or in a file.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["cert", "key"])]
    p12: Option<PathBuf>,
    /// Take the password of the PKCS#12 file from this file; its last line break is not part of it.
    #[arg(long, value_name = "FILE", requires = "p12")]
    p12_password_file: Option<PathBuf>,
}

impl IdentityArgs {
    /// The certificate, if one is given. One that has expired is a usage error before anything is sent.
    pub(super) fn find(&self) -> Result<Option<Identity>, Failure> {
        let identity = match (&self.cert, &self.key, &self.p12) {
            (Some(cert), Some(key), _) => pem(cert, key)?,
            (_, _, Some(p12)) => self.pkcs12(p12)?,
            _ => return Ok(None),
        };
        identity.check(SystemClock.now()).map_err(Failure::usage)?;
        Ok(Some(identity))
    }

    fn pkcs12(&self, path: &Path) -> Result<Identity, Failure> {
        let password = match &self.p12_password_file {
            Some(file) => Some(secret::from_file(file)?),
            None => secret::from_env(PASSWORD)?,
        };
        let none = password.is_none();
        Identity::watch_pkcs12(path, password).map_err(|error| {
            let hint = if none {
                "; its password belongs into WEBANK_P12_PASSWORD or --p12-password-file"
            } else {
                ""
            };
            Failure::usage(format!("`{}`: {error}{hint}", path.display()))
        })
    }
}

fn pem(cert: &Path, key: &Path) -> Result<Identity, Failure> {
    let stdin = Path::new("-");
    if cert == stdin || key == stdin {
        let chain = super::read(cert)?;
        // Both may stand in one text, and stdin is read once.
        let key = if key == cert { chain.clone() } else { super::read(key)? };
        return Identity::from_pem(&chain, &key).map_err(Failure::usage);
    }
    Identity::watch_pem(cert, key)
        .map_err(|error| Failure::usage(format!("`{}` and `{}`: {error}", cert.display(), key.display())))
}

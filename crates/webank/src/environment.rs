//! The bank's hosts, `SPEC.md §1`.

/// A test environment whose hosts are published. Production hosts come from the bank, with port, by mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Environment {
    /// Development.
    F,
    /// Test F1.
    F1,
    /// Test G1.
    G1,
}

impl Environment {
    /// The host for credentials and business calls.
    #[must_use]
    pub const fn business_url(self) -> &'static str {
        match self {
            Self::F => "https://f-capapi-v2.test.webank.com",
            Self::F1 => "https://f1-capapi-v2.test.webank.com",
            Self::G1 => "https://g1-capapi-v2.test.webank.com",
        }
    }

    /// The host for files; one-way TLS, no client certificate (WB-1).
    #[must_use]
    pub const fn files_url(self) -> &'static str {
        match self {
            Self::F => "https://f-capup.test.webank.com",
            Self::F1 => "https://f1-capup.test.webank.com",
            Self::G1 => "https://g1-capup.test.webank.com",
        }
    }
}

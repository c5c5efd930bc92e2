//! The test credentials with which the sandbox's platforms let a partner in.

use std::fmt;

use sign_core::Secret;

use crate::dice::Dice;

/// The test credentials of all platforms. They follow from the seed alone, so a configuration that holds them stays
/// valid when the sandbox is started again.
///
/// ```
/// use platform_sandbox::Access;
/// let (once, again) = (Access::from_seed(7), Access::from_seed(7));
/// assert_eq!(once.webank.secret.expose(), again.webank.secret.expose());
/// ```
#[derive(Debug, Clone)]
pub struct Access {
    /// 晋来办.
    pub jinlaiban: JinlaibanAccess,
    /// 宜昌.
    pub yichang: YichangAccess,
    /// 微众银行.
    pub webank: WebankAccess,
}

/// What 晋来办 gives a partner (`jinlaiban SPEC.md §1`).
#[derive(Debug, Clone)]
pub struct JinlaibanAccess {
    /// The partner's system.
    pub appcode: String,
    /// The service module.
    pub modulecode: String,
    /// Signs; never travels.
    pub appsecret: Secret,
}

/// What 宜昌 gives a partner (`yichang SPEC.md §1`). `Debug` does not show the numbers.
#[derive(Clone)]
pub struct YichangAccess {
    /// The partner's application.
    pub app_id: String,
    /// Signs; never travels.
    pub app_secret: Secret,
    /// Mobile numbers of users that the portal knows; any other is refused.
    pub mobiles: Vec<String>,
}

impl fmt::Debug for YichangAccess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("YichangAccess")
            .field("app_id", &self.app_id)
            .field("app_secret", &self.app_secret)
            .field("mobiles", &self.mobiles.len())
            .finish()
    }
}

/// What WeBank gives a partner (`webank SPEC.md §2`, `§5`).
#[derive(Debug, Clone)]
pub struct WebankAccess {
    /// The partner's application.
    pub app_id: String,
    /// Obtains tokens.
    pub secret: Secret,
    /// Signs the bank's callbacks and their answers.
    pub callback_salt: Secret,
}

impl Access {
    /// The credentials that belong to `seed`.
    #[must_use]
    pub fn from_seed(seed: u64) -> Self {
        let dice = Dice::new(seed, "credentials");
        Self {
            jinlaiban: JinlaibanAccess {
                appcode: format!("test{}", dice.digits(6)),
                modulecode: format!("module{}", dice.digits(4)),
                appsecret: dice.secret(32),
            },
            yichang: YichangAccess {
                app_id: format!("TEST{}", dice.digits(5)),
                app_secret: dice.secret(32),
                mobiles: ["13800000001", "13800000002", "13800000003"].map(String::from).to_vec(),
            },
            webank: WebankAccess {
                app_id: format!("wb{}", dice.letters(16)),
                secret: dice.secret(64),
                callback_salt: dice.secret(32),
            },
        }
    }
}

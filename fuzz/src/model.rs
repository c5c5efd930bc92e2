//! Rabbitpre's reference model, as that crate's own tests use it.

#[path = "../../crates/rabbitpre-auth/tests/model/agreement.rs"]
pub(crate) mod agreement;
#[path = "../../crates/rabbitpre-auth/tests/model/reference.rs"]
mod reference;
#[path = "../../crates/rabbitpre-auth/tests/model/value.rs"]
pub(crate) mod value;
#[path = "../../crates/rabbitpre-auth/tests/model/whole.rs"]
mod whole;

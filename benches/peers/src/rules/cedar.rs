//! Amazon's Cedar, by cedar-policy: one policy whose condition is about the request's context.

use cedar_policy::{Authorizer, Context, Decision, Entities, EntityUid, PolicySet, Request};

use super::Engine;
use crate::case::{CHANNELS, TAGS, Who, cities, quoted};

/// Who asks for what: the same in every request.
pub struct Cedar {
    authorizer: Authorizer,
    entities: Entities,
    anybody: EntityUid,
}

impl Engine for Cedar {
    const NAME: &'static str = "cedar-policy";
    type Program = PolicySet;
    type User = Request;

    fn start() -> Self {
        let anybody = "Page::\"it\"".parse().expect("an entity");
        Self { authorizer: Authorizer::new(), entities: Entities::empty(), anybody }
    }

    fn source() -> String {
        format!(
            "permit(principal, action, resource) when {{ context.level == \"gold\" && context.age >= 18 && \
             context.points >= 100 && context.points <= 5000 && [{}].contains(context.channel) && \
             context.sex == \"female\" && context.tags.containsAll([{}]) && context.amount >= 9950 && \
             context.amount <= 199999 && [{}].contains(context.city) }};",
            quoted(&CHANNELS, '"'),
            quoted(&TAGS, '"'),
            quoted(&cities(), '"'),
        )
    }

    fn text(user: Who) -> String {
        let mut user = user.plain();
        let amount = user["amount"].as_f64().expect("a number");
        // Whole hundredths: exact, and quicker than its decimals, which are an extension.
        user.insert("amount".to_owned(), (((amount * 100.0).round()) as i64).into());
        serde_json::Value::from(user).to_string()
    }

    fn compile(&self, source: &str) -> PolicySet {
        source.parse().expect("a policy")
    }

    fn read(&self, user: &str) -> Request {
        let context = Context::from_json_str(user, None).expect("JSON");
        let anybody = || self.anybody.clone();
        Request::new(anybody(), anybody(), anybody(), context, None).expect("a request")
    }

    fn decide(&self, program: &mut PolicySet, user: &Request) -> bool {
        let response = self.authorizer.is_authorized(user, program, &self.entities);
        assert!(response.diagnostics().errors().next().is_none(), "no decision");
        response.decision() == Decision::Allow
    }
}

//! Tokens and tickets: who fetched what, what kicked out what, what has expired (`webank SPEC.md §2`). Pure: time is
//! an argument.

use std::collections::VecDeque;
use std::time::Duration;

use ::webank::{Code, SignedValues, verify};
use sign_core::{Secret, UnixMillis};
use sign_doctor::NamedSecret;

use super::WebankOptions;
use super::user::{UserLogin, UserTickets};
use crate::dice::Dice;

/// How many dead tickets are remembered, to say what a wrong signature was made with.
const REMEMBERED: usize = 16;

/// What WeBank counted. A kick is a fetch that ends something that was alive.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct WebankCounts {
    /// The partner's token fetches.
    pub token_fetches: u64,
    /// The partner's sign ticket fetches.
    pub ticket_fetches: u64,
    /// The partner's user ticket fetches.
    pub user_ticket_fetches: u64,
    /// Times that the rival fetched a token and a ticket.
    pub rival_fetches: u64,
    /// Live tokens that a newer one ended, whoever fetched it.
    pub token_kicks: u64,
    /// Live sign tickets that a newer one (or, if strict, a new token) ended or put on grace, whoever fetched it.
    pub ticket_kicks: u64,
    /// Signed requests that passed.
    pub passed: u64,
    /// Of these, those with the previous ticket in its five minutes.
    pub passed_on_grace: u64,
    /// Signed requests refused because their ticket was kicked out.
    pub refused_kicked: u64,
    /// Signed requests refused because their ticket had expired.
    pub refused_expired: u64,
    /// Signed requests refused because their signature fits no ticket.
    pub refused_wrong: u64,
}

#[derive(Clone)]
struct Issued {
    value: Secret,
    until: UnixMillis,
}

/// A token or ticket as it is handed out.
pub(super) struct Grant {
    pub(super) value: String,
    pub(super) until: UnixMillis,
    pub(super) lifetime: Duration,
}

enum Cause {
    Kicked,
    Expired,
}

/// Why a signed request is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dead {
    Kicked,
    Expired,
    Wrong,
    NoTicket,
}

pub(super) struct Ledger {
    dice: Dice,
    secret: Secret,
    options: WebankOptions,
    counts: WebankCounts,
    token: Option<Issued>,
    current: Option<Issued>,
    previous: Option<Issued>,
    dead: VecDeque<(Secret, Cause)>,
    users: UserTickets,
}

impl Ledger {
    pub(super) fn new(dice: Dice, secret: Secret, options: &WebankOptions) -> Self {
        Self {
            dice,
            secret,
            options: options.clone(),
            counts: WebankCounts::default(),
            token: None,
            current: None,
            previous: None,
            dead: VecDeque::new(),
            users: UserTickets::default(),
        }
    }

    pub(super) fn counts(&self) -> WebankCounts {
        self.counts
    }

    pub(super) fn secret_is(&self, secret: &str) -> bool {
        self.secret.expose() == secret
    }

    fn issue(&self, now: UnixMillis, lifetime: Duration) -> (Issued, Grant) {
        let secret = self.dice.secret(64);
        let until = now.saturating_add(lifetime);
        let value = secret.expose().to_owned();
        (Issued { value: secret, until }, Grant { value, until, lifetime })
    }

    /// webank SPEC.md §2.3: a new token kicks the earlier one out.
    fn new_token(&mut self, now: UnixMillis) -> Grant {
        self.counts.token_kicks += u64::from(is_alive(self.token.as_ref(), now));
        // WB-12
        if self.options.strict {
            self.end_tickets(now);
        }
        let (issued, grant) = self.issue(now, self.options.token_lifetime);
        self.token = Some(issued);
        grant
    }

    /// webank SPEC.md §2.3: a new ticket puts the previous one on its last five minutes.
    fn new_ticket(&mut self, now: UnixMillis) -> Grant {
        self.counts.ticket_kicks += u64::from(is_alive(self.current.as_ref(), now));
        if let Some(old) = self.previous.take() {
            self.bury(old, Cause::Kicked);
        }
        if let Some(old) = self.current.take() {
            if old.until <= now {
                self.bury(old, Cause::Expired);
            } else {
                let until = old.until.min(now.saturating_add(self.options.grace));
                self.previous = Some(Issued { until, ..old });
            }
        }
        let (issued, grant) = self.issue(now, self.options.sign_ticket_lifetime);
        self.current = Some(issued);
        grant
    }

    fn end_tickets(&mut self, now: UnixMillis) {
        self.counts.ticket_kicks += u64::from(is_alive(self.current.as_ref(), now));
        for old in [self.previous.take(), self.current.take()].into_iter().flatten() {
            let cause = if old.until <= now { Cause::Expired } else { Cause::Kicked };
            self.bury(old, cause);
        }
        self.users.end();
    }

    fn bury(&mut self, old: Issued, cause: Cause) {
        self.dead.push_back((old.value, cause));
        while self.dead.len() > REMEMBERED {
            self.dead.pop_front();
        }
    }

    pub(super) fn fetch_token(&mut self, now: UnixMillis) -> Grant {
        self.counts.token_fetches += 1;
        self.new_token(now)
    }

    pub(super) fn fetch_sign_ticket(&mut self, now: UnixMillis) -> Grant {
        self.counts.ticket_fetches += 1;
        self.new_ticket(now)
    }

    pub(super) fn fetch_user_ticket(&mut self, login: UserLogin, now: UnixMillis) -> Grant {
        self.counts.user_ticket_fetches += 1;
        let (issued, grant) = self.issue(now, self.options.user_ticket_lifetime);
        self.users.add(issued.value, issued.until, login);
        grant
    }

    pub(super) fn rival(&mut self, now: UnixMillis) {
        self.counts.rival_fetches += 1;
        self.new_token(now);
        self.new_ticket(now);
    }

    /// webank SPEC.md §2.3: changing the secret invalidates the token and, down the chain, its tickets.
    pub(super) fn change_secret(&mut self) -> Secret {
        self.token = None;
        for old in [self.previous.take(), self.current.take()].into_iter().flatten() {
            self.bury(old, Cause::Kicked);
        }
        self.users.end();
        self.secret = self.dice.secret(64);
        self.secret.clone()
    }

    /// Is this the token?
    pub(super) fn check_token(&self, token: &str, now: UnixMillis) -> Result<(), Code> {
        match &self.token {
            Some(issued) if issued.value.expose() == token => {
                if issued.until > now {
                    Ok(())
                } else {
                    Err(Code::TOKEN_EXPIRED)
                }
            }
            _ => Err(Code::BAD_TOKEN),
        }
    }

    /// Is the request signed with a live ticket?
    pub(super) fn check_sign(
        &mut self,
        values: SignedValues<'_>,
        sign: &str,
        now: UnixMillis,
    ) -> Result<(), Dead> {
        let fits = |ticket: &Secret| verify(values, ticket, sign).is_ok();
        let mut seen = [(&self.current, false), (&self.previous, true)].into_iter();
        let found = seen.find_map(|(ticket, grace)| {
            ticket.as_ref().filter(|ticket| fits(&ticket.value)).map(|ticket| (ticket.until > now, grace))
        });
        let dead = match found {
            Some((true, grace)) => {
                self.counts.passed += 1;
                self.counts.passed_on_grace += u64::from(grace);
                return Ok(());
            }
            Some((false, true)) => Dead::Kicked,
            Some((false, false)) => Dead::Expired,
            None => match self.dead.iter().find(|(ticket, _)| fits(ticket)) {
                Some((_, Cause::Kicked)) => Dead::Kicked,
                Some((_, Cause::Expired)) => Dead::Expired,
                None if !is_alive(self.current.as_ref(), now) => Dead::NoTicket,
                None => Dead::Wrong,
            },
        };
        match dead {
            Dead::Kicked => self.counts.refused_kicked += 1,
            Dead::Expired => self.counts.refused_expired += 1,
            Dead::Wrong | Dead::NoTicket => self.counts.refused_wrong += 1,
        }
        Err(dead)
    }

    /// What a request may have been signed with, the right one first; nothing as long as there was no ticket.
    pub(super) fn signers(&self) -> Vec<NamedSecret> {
        let named =
            |name: &str, secret: &Secret| NamedSecret { name: name.to_owned(), secret: secret.clone() };
        let issued = |name, issued: &Option<Issued>| issued.as_ref().map(|it| named(name, &it.value));
        let Some(current) = issued("the sign ticket", &self.current) else { return Vec::new() };
        let others =
            [issued("the previous sign ticket", &self.previous), issued("the access token", &self.token)];
        let secret = named("WEBANK_SECRET", &self.secret);
        std::iter::once(current).chain(others.into_iter().flatten()).chain([secret]).collect()
    }

    pub(super) fn redeem(&mut self, ticket: &str, now: UnixMillis) -> Result<UserLogin, Code> {
        self.users.redeem(ticket, now)
    }
}

fn is_alive(issued: Option<&Issued>, now: UnixMillis) -> bool {
    issued.is_some_and(|issued| issued.until > now)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::webank::sign;

    const NONCE: &str = "489c60c97daef599efd10cfda46860a1";
    const MINUTE: u64 = 60_000;

    fn ledger(strict: bool) -> Ledger {
        let options = WebankOptions { strict, ..WebankOptions::default() };
        Ledger::new(Dice::new(1, "test"), Secret::new("s").unwrap(), &options)
    }

    #[track_caller]
    fn check(ledger: &mut Ledger, ticket: &Grant, at: u64, expected: Result<(), Dead>) {
        let values =
            SignedValues { app_id: "a", version: "2.0.0", nonce: NONCE, kind: None, body: Some("{}") };
        let signature = sign(values, &Secret::new(ticket.value.clone()).unwrap());
        assert_eq!(ledger.check_sign(values, signature.as_str(), UnixMillis::new(at)), expected);
    }

    #[test]
    fn the_previous_ticket_lives_five_minutes_and_the_current_one_an_hour() {
        let mut ledger = ledger(false);
        let at = UnixMillis::new;
        ledger.fetch_token(at(0));
        let first = ledger.fetch_sign_ticket(at(0));
        check(&mut ledger, &first, 59 * MINUTE, Ok(()));
        check(&mut ledger, &first, 60 * MINUTE, Err(Dead::Expired));
        ledger.fetch_token(at(20 * MINUTE));
        let second = ledger.fetch_sign_ticket(at(20 * MINUTE));
        check(&mut ledger, &second, 20 * MINUTE, Ok(()));
        check(&mut ledger, &first, 25 * MINUTE - 1, Ok(()));
        check(&mut ledger, &first, 25 * MINUTE, Err(Dead::Kicked));
        let third = ledger.fetch_sign_ticket(at(21 * MINUTE));
        check(&mut ledger, &first, 21 * MINUTE, Err(Dead::Kicked)); // one previous ticket, not two
        check(&mut ledger, &second, 21 * MINUTE, Ok(()));
        check(&mut ledger, &third, 81 * MINUTE, Err(Dead::Expired));
        let counts = ledger.counts();
        assert_eq!((counts.token_kicks, counts.ticket_kicks), (1, 2));
        assert_eq!((counts.passed, counts.passed_on_grace), (4, 2));
        assert_eq!((counts.refused_kicked, counts.refused_expired), (2, 2));
    }

    #[test]
    fn the_grace_does_not_make_a_ticket_live_longer_than_it_was_given() {
        let mut ledger = ledger(false);
        let first = ledger.fetch_sign_ticket(UnixMillis::new(0));
        ledger.fetch_sign_ticket(UnixMillis::new(58 * MINUTE));
        check(&mut ledger, &first, 60 * MINUTE - 1, Ok(()));
        check(&mut ledger, &first, 60 * MINUTE, Err(Dead::Kicked));
    }

    #[test]
    fn a_strict_token_ends_its_tickets_at_once() {
        let mut ledger = ledger(true);
        let first = ledger.fetch_sign_ticket(UnixMillis::new(0));
        ledger.fetch_token(UnixMillis::new(1));
        check(&mut ledger, &first, 2, Err(Dead::Kicked));
        let second = ledger.fetch_sign_ticket(UnixMillis::new(2));
        check(&mut ledger, &second, 3, Ok(()));
    }

    #[test]
    fn a_rival_kicks_and_a_new_secret_ends_everything() {
        let mut ledger = ledger(false);
        let token = ledger.fetch_token(UnixMillis::new(0));
        assert_eq!(ledger.check_token(&token.value, UnixMillis::new(60 * MINUTE - 1)), Ok(()));
        assert_eq!(ledger.check_token(&token.value, UnixMillis::new(60 * MINUTE)), Err(Code::TOKEN_EXPIRED));
        ledger.rival(UnixMillis::new(1));
        assert_eq!(ledger.check_token(&token.value, UnixMillis::new(2)), Err(Code::BAD_TOKEN));
        let ticket = ledger.fetch_sign_ticket(UnixMillis::new(2));
        check(&mut ledger, &ticket, 3, Ok(()));
        ledger.change_secret();
        check(&mut ledger, &ticket, 3, Err(Dead::Kicked));
        assert!(!ledger.secret_is("s"));
        let unknown = Grant { value: "x".into(), until: UnixMillis::new(0), lifetime: Duration::ZERO };
        check(&mut ledger, &unknown, 3, Err(Dead::NoTicket));
        ledger.fetch_sign_ticket(UnixMillis::new(4));
        check(&mut ledger, &unknown, 5, Err(Dead::Wrong));
    }
}

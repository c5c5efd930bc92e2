//! What holds on every store.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures_util::future::join_all;
use platform_state::{Key, Put, Store, Swap, Writer};
use rabbitpre_auth::{
    Attributes, CheckRequest, Decision, Reason, Setting, SettingsCounters, SettingsStore as _, StateSettings,
    StoreError, check,
};
use sign_core::Secret;

use crate::{Case, Pair, body, case, pass_millis, setting};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case("settings_are_created_replaced_and_loaded", basics),
        case("an_unknown_id_is_an_error_and_changes_nothing", unknown),
        case("another_instance_sees_a_change_within_half_a_second", seen),
        case("a_setting_that_has_not_changed_is_compiled_once", compiled_once),
        case("a_save_is_seen_at_once_where_it_was_made", own),
        case("ids_are_given_out_once", distinct),
        case("a_prefix_that_comes_again_gives_other_ids", same_prefix),
        case("replacements_at_once_leave_one_of_them_whole", replacements),
        case("checks_at_once_ask_once", once),
        case("services_of_other_names_do_not_see_each_other", names),
        case("what_cannot_be_read_denies_and_can_be_replaced", unreadable),
        case("the_largest_body_is_kept_whole", largest),
    ]
}

async fn basics(Pair { ours, others, .. }: Pair) {
    let id = ours.save(None, setting(1)).await.unwrap();
    assert_eq!(id, "a-1");
    assert_eq!(others.save(None, setting(2)).await.unwrap(), "b-1");
    assert_eq!(body(&others, "a-1").await, Some(setting(1).to_json()));
    assert_eq!(body(&ours, "b-1").await, Some(setting(2).to_json()));
    assert_eq!(ours.save(Some("a-1"), setting(3)).await.unwrap(), "a-1");
    assert_eq!(body(&ours, "a-1").await, Some(setting(3).to_json()));
    assert_eq!(ours.save(None, setting(4)).await.unwrap(), "a-2");
    // The digits of a number are those that were saved.
    assert!(body(&others, "a-2").await.unwrap().contains("1.50"));
}

async fn unknown(Pair { ours, others, .. }: Pair) {
    let long = "a".repeat(2000);
    for id in ["a-1", "7", "", "a\n", &long, "../a-1"] {
        assert_eq!(body(&ours, id).await, None);
        let refused = ours.save(Some(id), setting(1)).await;
        assert!(matches!(refused, Err(StoreError::UnknownId)), "{id}");
        pass_millis(500).await;
        assert_eq!(body(&ours, id).await, None);
        assert_eq!(body(&others, id).await, None);
    }
    // What was unknown here, and is then created there, is seen in time.
    assert_eq!(body(&ours, "b-1").await, None);
    others.save(None, setting(1)).await.unwrap();
    pass_millis(500).await;
    assert_eq!(body(&ours, "b-1").await, Some(setting(1).to_json()));
}

async fn seen(Pair { ours, others, .. }: Pair) {
    let id = ours.save(None, setting(0)).await.unwrap();
    for round in 1..=5 {
        let before = setting(round - 1).to_json();
        assert_eq!(body(&others, &id).await, Some(before));
        ours.save(Some(&id), setting(round)).await.unwrap();
        pass_millis(500).await;
        assert_eq!(body(&others, &id).await, Some(setting(round).to_json()));
    }
    // Each change was asked for and compiled once.
    let counters = others.counters();
    assert_eq!((counters.loaded, counters.compiled), (6, 6));
}

async fn compiled_once(Pair { ours, others, .. }: Pair) {
    let id = ours.save(None, setting(1)).await.unwrap();
    let first = others.load(&id).await.unwrap().unwrap();
    for _ in 0..10 {
        let again = others.load(&id).await.unwrap().unwrap();
        assert!(Arc::ptr_eq(&first, &again));
    }
    let counters = others.counters();
    // The store may be slower than half a second on a machine with much else to do.
    assert_eq!(counters.loaded + counters.answered_from_cache, 11);
    assert_eq!(counters.compiled, 1);
    for _ in 0..10 {
        pass_millis(500).await;
        let again = others.load(&id).await.unwrap().unwrap();
        assert!(Arc::ptr_eq(&first, &again));
    }
    assert!(others.counters().loaded >= 11);
    assert_eq!(others.counters().compiled, 1);
}

async fn own(Pair { ours, others, .. }: Pair) {
    let id = ours.save(None, setting(0)).await.unwrap();
    assert_eq!(body(&others, &id).await, Some(setting(0).to_json()));
    for round in 1..=10 {
        let (saver, _) = if round % 2 == 0 { (&ours, &others) } else { (&others, &ours) };
        saver.save(Some(&id), setting(round)).await.unwrap();
        assert_eq!(body(saver, &id).await, Some(setting(round).to_json()));
    }
    assert_eq!(ours.counters().compiled + others.counters().compiled, 1);
}

async fn distinct(Pair { stores, .. }: Pair) {
    // The same prefix on purpose: whoever gives it twice still gets ids that were not given out.
    let same = stores.each_ref().map(|store| StateSettings::new(Arc::clone(store), "same-").unwrap());
    let saves = (0..60).map(|number| same[number % 2].save(None, setting(number)));
    let ids: Vec<_> = join_all(saves).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), 60);
    for (number, id) in ids.iter().enumerate() {
        assert_eq!(body(&same[(number + 1) % 2], id).await, Some(setting(number).to_json()));
    }
}

async fn same_prefix(Pair { stores, .. }: Pair) {
    let mut ids = BTreeSet::new();
    // More than are tried one by one.
    for process in 0..30 {
        let settings = StateSettings::new(Arc::clone(&stores[process % 2]), "p-").unwrap();
        for number in 0..5 {
            assert!(ids.insert(settings.save(None, setting(number)).await.unwrap()));
        }
    }
    assert_eq!(ids.len(), 150);
}

async fn replacements(Pair { ours, others, .. }: Pair) {
    let id = ours.save(None, setting(0)).await.unwrap();
    for _ in 0..3 {
        let saves = (1..=40).map(|number| {
            let saver = if number % 2 == 0 { &ours } else { &others };
            saver.save(Some(&id), setting(number))
        });
        for saved in join_all(saves).await {
            assert_eq!(saved.unwrap(), id);
        }
        pass_millis(500).await;
        let left = body(&ours, &id).await;
        assert_eq!(left, body(&others, &id).await);
        assert!((1..=40).any(|number| left == Some(setting(number).to_json())));
    }
}

async fn once(Pair { ours, others, .. }: Pair) {
    let id = ours.save(None, setting(1)).await.unwrap();
    let trusting = others.trust(std::time::Duration::from_secs(3600));
    for loaded in join_all((0..200).map(|_| trusting.load(&id))).await {
        assert_eq!(loaded.unwrap().unwrap().to_json(), setting(1).to_json());
    }
    let counters = trusting.counters();
    assert_eq!((counters.loaded, counters.compiled), (1, 1));
    // Unknown ids as well.
    for loaded in join_all((0..200).map(|_| trusting.load("unknown"))).await {
        assert!(loaded.unwrap().is_none());
    }
    assert_eq!(trusting.counters().loaded, 2);
}

async fn names(Pair { stores, ours, .. }: Pair) {
    let portal = StateSettings::new(Arc::clone(&stores[1]), "a-").unwrap().named("portal").unwrap();
    assert_eq!(ours.save(None, setting(1)).await.unwrap(), "a-1");
    assert_eq!(body(&portal, "a-1").await, None);
    assert!(matches!(portal.save(Some("a-1"), setting(2)).await, Err(StoreError::UnknownId)));
    assert_eq!(portal.save(None, setting(2)).await.unwrap(), "a-1");
    pass_millis(500).await;
    assert_eq!(body(&ours, "a-1").await, Some(setting(1).to_json()));
    assert_eq!(body(&portal, "a-1").await, Some(setting(2).to_json()));
}

/// Puts a text where a setting is kept.
async fn put(store: &dyn Store, id: &str, version: u64, text: &str) {
    let (value, writer) = (Secret::new(text).unwrap(), Writer::this_process());
    let key = Key::new("rabbitpre-settings", &format!("default/{id}")).unwrap();
    assert_eq!(store.swap(&key, version, Put::new(&value, &writer)).await.unwrap(), Swap::Done(version + 1));
}

fn decision(setting: Option<&Setting>) -> Decision {
    let body = br#"{"userParam":{"audid":1},"checkType":true,"externalConfigId":"x"}"#;
    check(&CheckRequest::parse(body).unwrap(), &Attributes::parse(br#"{"n":1}"#).unwrap(), setting)
}

async fn unreadable(Pair { stores, ours, others }: Pair) {
    for (number, text) in ["2 {\"new\":\"shape\"}", "1 {", "something else", "1 []"].into_iter().enumerate() {
        let id = format!("x{number}");
        put(&*stores[0], &id, 0, text).await;
        let loaded = ours.load(&id).await.unwrap().unwrap();
        let Decision::Denied(denial) = decision(Some(&loaded)) else { panic!("{text} lets in") };
        assert_eq!(denial.reason, Reason::UnreadableSetting, "{text}");
        assert_eq!(others.save(Some(&id), setting(1)).await.unwrap(), id);
        pass_millis(500).await;
        let loaded = ours.load(&id).await.unwrap().unwrap();
        assert_eq!((loaded.to_json(), decision(Some(&loaded))), (setting(1).to_json(), Decision::Allowed));
    }
}

async fn largest(Pair { ours, others, .. }: Pair) {
    let values = vec![r#""一二三\n\"\\""#; 40_000].join(",");
    let body_of =
        format!(r#"{{"userId":"u","settingData":[{{"name":"n","type":"select","value":[{values}]}}]}}"#);
    assert!(body_of.len() > 700_000);
    let id = ours.save(None, Setting::parse(body_of.as_bytes()).unwrap()).await.unwrap();
    assert_eq!(body(&others, &id).await, Some(body_of));
    assert_eq!(others.counters(), SettingsCounters { loaded: 1, compiled: 1, answered_from_cache: 0 });
}

//! Dates and times: SPEC.md §4.4, §4.10 Dates.

use rabbitpre_auth::Reason;

use crate::{check, fails, holds, invalid, reason, unreadable};

#[test]
fn rule_4_dates_in_china_time() {
    let day = r#"["2021-07-01","2021-07-01"]"#;
    for inside in [
        r#""2021-07-01""#,
        r#""2021-07-01 00:00""#,
        r#""2021-07-01 23:59:59""#,
        r#""2021-06-30T16:00:00Z""#,
        r#""2021-07-01T15:59:59.999999999999Z""#,
        r#""2021-07-01T00:00:00+08:00""#,
        r#""2021-06-30t10:00:00.5-06:00""#,
        "1625068800000",
        "1625155199999",
        r#""1625068800000""#,
        r#""1625068800000.0""#,
        "1.6250688e12",
    ] {
        holds("dateTimeRange", "BETWEEN", day, inside);
    }
    for outside in [
        r#""2021-06-30""#,
        r#""2021-06-30 23:59:59""#,
        r#""2021-07-02""#,
        r#""2021-07-02 00:00""#,
        r#""2021-06-30T15:59:59.999999999999Z""#,
        r#""2021-07-01T16:00:00z""#,
        "1625068799999",
        "1625155200000",
    ] {
        fails("dateTimeRange", "BETWEEN", day, outside);
    }
}

#[test]
fn rule_4_an_end_with_a_time_is_closed_at_that_time() {
    let range = r#"["2021-07-01 08:00","2021-07-01 09:00:00"]"#;
    holds("dateTimeRange", "BETWEEN", range, r#""2021-07-01 08:00:00""#);
    holds("dateTimeRange", "BETWEEN", range, r#""2021-07-01 09:00""#);
    fails("dateTimeRange", "BETWEEN", range, r#""2021-07-01T09:00:00.001+08:00""#);
    fails("dateTimeRange", "BETWEEN", range, r#""2021-07-01 07:59:59""#);
    // A user's date alone is the day's first instant.
    fails("dateTimeRange", "BETWEEN", range, r#""2021-07-01""#);
    holds("dateTimeRange", "BETWEEN", r#"["2021-07-01 00:00","2021-07-01 00:00"]"#, r#""2021-07-01""#);
    holds("dateTimeRange", "BETWEEN", range, r#"["2020-01-01","2021-07-01 08:30"]"#);
}

#[test]
fn rule_4_hours_minutes_seconds_and_offsets_all_count() {
    let is = |text: &str, millis: u64| {
        let range = format!(r#"["{text}","{text}"]"#);
        holds("dateTimeRange", "BETWEEN", &range, &millis.to_string());
        fails("dateTimeRange", "BETWEEN", &range, &(millis - 1).to_string());
        fails("dateTimeRange", "BETWEEN", &range, &(millis + 1).to_string());
    };
    is("2021-07-01 00:00", 1_625_068_800_000);
    is("2021-07-01 08:30", 1_625_099_400_000);
    is("2021-07-01 08:30:15", 1_625_099_415_000);
    is("2021-07-01T08:30:15Z", 1_625_128_215_000);
    is("2021-07-01T08:30:15.25+05:30", 1_625_108_415_250);
    is("2021-07-01T08:30:15-05:30", 1_625_148_015_000);
}

#[test]
fn rule_4_small_numbers_compare_as_numbers_and_kinds_do_not_mix() {
    holds("dateTimeRange", "BETWEEN", "[20,202]", "20.0");
    holds("dateTimeRange", "BETWEEN", r#"["20","202"]"#, r#""202""#);
    fails("dateTimeRange", "BETWEEN", "[20,202]", "203");
    // 10^11 and 253402300799999 are the first and last milliseconds; what is beyond is a plain number
    holds("dateTimeRange", "BETWEEN", "[100000000000,253402300799999]", r#""2021-07-01""#);
    unreadable("dateTimeRange", "BETWEEN", "[100000000000,253402300799999]", "99999999999");
    unreadable("dateTimeRange", "BETWEEN", "[100000000000,253402300799999]", "253402300800000");
    unreadable("dateTimeRange", "BETWEEN", "[100000000000,253402300799999]", "1625068800000.5");
    unreadable("dateTimeRange", "BETWEEN", "[20,202]", r#""2021-07-01""#);
    unreadable("dateTimeRange", "BETWEEN", r#"["2021-07-01","2021-07-02"]"#, "20");
    invalid("dateTimeRange", "BETWEEN", r#"["2021-07-01",20]"#, "20");
    invalid("dateTimeRange", "BETWEEN", r#"[20,"2021-07-01"]"#, "20");
    // Elements of the other kind are ignored.
    holds("dateTimeRange", "BETWEEN", "[20,202]", r#"["2021-07-01",21]"#);
    check("dateTimeRange", "BETWEEN", "[1]", "1", Reason::WrongNumberOfValues);
    check("dateTimeRange", "BETWEEN", r#""2021-07-01""#, "1", Reason::WrongNumberOfValues);
}

#[test]
fn dates_are_read_in_the_listed_forms_only() {
    for bad in [
        " 2021-07-01",
        "2021-07-01 ",
        "2021-7-1",
        "20210701T000000Z",
        "2021/07/01",
        "2021-02-29",
        "2021-13-01",
        "2021-00-01",
        "2021-07-00",
        "0000-01-01",
        "0000-01-01T00:00:00Z",
        "2021-07-01 24:00",
        "2021-07-01 24:00:00",
        "2021-07-01T24:00:00Z",
        "2021-07-01 23:60",
        "2021-07-01 23:60:00",
        "2021-07-01T23:60:00Z",
        "2021-07-01 23:59:60",
        "2021-07-01T23:59:60Z",
        "2021-07-01  08:00",
        "2021-07-01 8:00",
        "2021-07-01 08:00:00.5",
        "2021-07-01 08:00:00Z",
        "2021-07-01 08:00Z",
        "2021-07-01 08",
        "2021-07-01T08:00Z",
        "2021-07-01T08:00:00",
        "2021-07-01T08:00:00.Z",
        "2021-07-01T08:00:00+0800",
        "2021-07-01T08:00:00+08",
        "2021-07-01T08:00:00+24:00",
        "2021-07-01T08:00:00+08:60",
        "2021-07-01T08:00:00Z ",
        "2021-07-01T",
        "+021-07-01",
        "２０２１-07-01",
        "2021-07-01T08:00:00．5Z",
        "today",
    ] {
        unreadable("dateTimeRange", "BETWEEN", r#"["0001-01-01","9999-12-31"]"#, &format!("\"{bad}\""));
        invalid("dateTimeRange", "BETWEEN", &format!(r#"["{bad}","9999-12-31"]"#), r#""2021-07-01""#);
    }
    for good in [
        "0001-01-01",
        "2020-02-29",
        "9999-12-31",
        "9999-12-31T23:59:59-23:59",
        "2021-07-01T08:00:00-00:00",
        "2021-07-01 08:00:59",
    ] {
        let reason = reason(
            r#""paramType":"dateTimeRange","values":["0001-01-01","9999-12-31"]"#,
            &format!("\"{good}\""),
        );
        assert!(matches!(reason, Reason::Holds | Reason::NotSatisfied), "{good}");
    }
    unreadable("dateTimeRange", "BETWEEN", "[0,1]", "true");
    unreadable("dateTimeRange", "BETWEEN", "[0,1]", "{}");
}

#[test]
fn rule_4_a_date_only_end_reaches_up_to_the_next_midnight() {
    let from_a_time = r#"["2021-07-01 08:00","2021-07-01"]"#;
    holds("dateTimeRange", "BETWEEN", from_a_time, r#""2021-07-01 08:00:00""#);
    holds("dateTimeRange", "BETWEEN", from_a_time, r#""2021-07-01T23:59:59.999999999999999999+08:00""#);
    fails("dateTimeRange", "BETWEEN", from_a_time, r#""2021-07-01 07:59:59""#);
    fails("dateTimeRange", "BETWEEN", from_a_time, r#""2021-07-02 00:00""#);
    fails("dateTimeRange", "BETWEEN", from_a_time, r#""2021-07-02""#);
    // The last instant of the day is a range, the midnight after it is none.
    holds(
        "dateTimeRange",
        "BETWEEN",
        r#"["2021-07-01T23:59:59.9+08:00","2021-07-01"]"#,
        r#""2021-07-01T15:59:59.95Z""#,
    );
    for empty in [
        r#"["2021-07-02 00:00","2021-07-01"]"#,
        r#"["2021-07-02","2021-07-01"]"#,
        r#"["2021-07-02","2021-07-01 23:59:59"]"#,
        r#"["2021-07-01 00:00:01","2021-07-01 00:00"]"#,
        "[1625068800001,1625068800000]",
    ] {
        check("dateTimeRange", "BETWEEN", empty, r#""2021-07-01""#, Reason::EmptyRange);
    }
    // The years' and the months' ends, and a leap day.
    holds("dateTimeRange", "BETWEEN", r#"["2020-12-31","2020-12-31"]"#, r#""2020-12-31 23:59:59""#);
    fails("dateTimeRange", "BETWEEN", r#"["2020-12-31","2020-12-31"]"#, r#""2021-01-01""#);
    holds("dateTimeRange", "BETWEEN", r#"["2020-02-28","2020-02-29"]"#, r#""2020-02-29 12:00""#);
    holds("dateTimeRange", "BETWEEN", r#"["9999-12-31","9999-12-31"]"#, r#""9999-12-31T23:59:59+08:00""#);
}

#[test]
fn rule_4_every_form_bounds_a_range_and_is_compared_with_every_other() {
    // One instant, the beginning of July in China.
    let same = [
        r#""2021-07-01""#,
        r#""2021-07-01 00:00""#,
        r#""2021-07-01 00:00:00""#,
        r#""2021-07-01T00:00:00+08:00""#,
        r#""2021-06-30T16:00:00Z""#,
        r#""2021-06-30T16:00:00.000-00:00""#,
        "1625068800000",
        r#""1625068800000""#,
    ];
    let before = [r#""2021-06-30 23:59:59""#, r#""2021-06-30T15:59:59.9999Z""#, "1625068799999"];
    for lowest in same {
        for had in same {
            holds("dateTimeRange", "BETWEEN", &format!("[{lowest},{}]", same[2]), had);
        }
        for had in before {
            fails("dateTimeRange", "BETWEEN", &format!("[{lowest},\"2021-07-02 00:00\"]"), had);
        }
    }
    // Closed at the end, in each form that has a time of day.
    for highest in &same[1..] {
        holds("dateTimeRange", "BETWEEN", &format!("[\"2021-06-01\",{highest}]"), same[0]);
        fails("dateTimeRange", "BETWEEN", &format!("[\"2021-06-01\",{highest}]"), "1625068800001");
    }
}

#[test]
fn dates_epoch_milliseconds_are_whole_numbers_from_ten_to_the_eleven() {
    let all = r#"["0001-01-01","9999-12-31"]"#;
    for millis in [
        "100000000000",
        "1e11",
        r#""100000000000""#,
        r#""+100000000000""#,
        r#""1625068800000.0""#,
        "1625068800000.000",
        "16250688000000e-1",
        "253402300799999",
    ] {
        // The last millisecond is in the year 10000 in China.
        let reason = reason(&format!(r#""paramType":"dateTimeRange","values":{all}"#), millis);
        assert_eq!(reason != Reason::NotSatisfied, millis != "253402300799999", "{millis}");
        assert!(matches!(reason, Reason::Holds | Reason::NotSatisfied), "{millis}");
        unreadable("dateTimeRange", "BETWEEN", "[0,1]", millis);
    }
    for plain in [
        "99999999999",
        "253402300800000",
        "1625068800000.5",
        "-1625068800000",
        "20210701",
        r#""20210701""#,
        "0",
    ] {
        unreadable("dateTimeRange", "BETWEEN", all, plain);
        holds("dateTimeRange", "BETWEEN", "[-1e20,1e20]", plain);
        fails("dateTimeRange", "BETWEEN", "[-1e21,-1e20]", plain);
        invalid("dateTimeRange", "BETWEEN", &format!(r#"["2021-07-01",{plain}]"#), plain);
    }
}

#[test]
fn dates_between_wants_two_readable_bounds_of_one_kind() {
    for (values, expected) in [
        (r#"["2021-07-01"]"#, Reason::WrongNumberOfValues),
        (r#"["2021-07-01","2021-07-02","2021-07-03"]"#, Reason::WrongNumberOfValues),
        (r#"["2021-07-01",null]"#, Reason::UnreadableValues),
        (r#"["2021-07-01",""]"#, Reason::UnreadableValues),
        (r#"["2021-07-01",["2021-07-02"]]"#, Reason::UnreadableValues),
        (r#"["2021-07-01",true]"#, Reason::UnreadableValues),
        (r#"["2021-07-01","20"]"#, Reason::UnreadableValues),
        (r#"{"from":"2021-07-01"}"#, Reason::UnreadableValues),
    ] {
        check("dateTimeRange", "BETWEEN", values, r#""2021-07-01""#, expected);
    }
    holds("dateTimeRange", "BETWEEN", r#"["2021-07-01",1625155199999]"#, r#""2021-07-01 12:00""#);
}

//! Dates and times of `chrono`.

use chrono::{
    DateTime, FixedOffset, Month, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone,
    Timelike, Utc, Weekday,
};

use super::{as_another, forged, golden, inspected, key, memoized, refused, there_and_back};

fn date() -> NaiveDate {
    NaiveDate::from_ymd_opt(2024, 2, 29).unwrap()
}

fn time() -> NaiveTime {
    NaiveTime::from_hms_nano_opt(23, 59, 59, 1_999_999_999).unwrap()
}

/// A leap second at a time at which there is none.
fn odd_leap_second() -> NaiveTime {
    let time = NaiveTime::from_hms_opt(12, 0, 7).unwrap();
    time.with_nanosecond(1_500_000_000).unwrap()
}

fn east() -> FixedOffset {
    FixedOffset::east_opt(-3 * 3600 - 1800).unwrap()
}

fn local() -> DateTime<FixedOffset> {
    east().from_utc_datetime(&date().and_time(time()))
}

#[test]
fn every_value_comes_back() {
    for date in [date(), NaiveDate::MIN, NaiveDate::MAX] {
        assert_eq!(there_and_back(&date), date);
    }
    for time in [time(), odd_leap_second(), NaiveTime::MIN] {
        assert_eq!(there_and_back(&time), time);
    }
    for time in [
        NaiveDateTime::MIN,
        NaiveDateTime::MAX,
        date().and_time(time()),
    ] {
        assert_eq!(there_and_back(&time), time);
        assert_eq!(there_and_back(&time.and_utc()), time.and_utc());
        let local = east().from_utc_datetime(&time);
        let back = there_and_back(&local);
        assert_eq!((back, back.offset()), (local, local.offset()));
    }
    let nanos = TimeDelta::nanoseconds(-1);
    for delta in [
        TimeDelta::MIN,
        TimeDelta::MAX,
        TimeDelta::zero(),
        nanos,
        -TimeDelta::seconds(1),
    ] {
        assert_eq!(there_and_back(&delta), delta);
    }
    for number in 0..7 {
        let day = Weekday::try_from(number).unwrap();
        assert_eq!(there_and_back(&day), day);
    }
    for number in 1..=12 {
        let month = Month::try_from(number).unwrap();
        assert_eq!(there_and_back(&month), month);
    }
    let many: Vec<_> = (0..2000)
        .map(|day| Utc.timestamp_opt(day * 86_400, 7).unwrap())
        .collect();
    assert_eq!(there_and_back(&many), many);
}

#[test]
fn they_are_arguments_and_results() {
    memoized! {
        NaiveDate: date(), NaiveDate::MAX;
        NaiveTime: time(), odd_leap_second();
        NaiveDateTime: date().and_time(time());
        DateTime<Utc>: date().and_time(time()).and_utc();
        DateTime<FixedOffset>: local(), local().with_timezone(&FixedOffset::east_opt(0).unwrap());
        FixedOffset: east();
        TimeDelta: TimeDelta::milliseconds(-1), TimeDelta::MAX;
        Weekday: Weekday::Sun, Weekday::Mon;
        Month: Month::January, Month::December;
    }
}

#[test]
fn keys_are_equal_exactly_if_a_function_cannot_tell_the_values_apart() {
    let elsewhere = local().with_timezone(&FixedOffset::east_opt(0).unwrap());
    assert_eq!(local(), elsewhere);
    assert_ne!(key(&local()), key(&elsewhere));
    assert_ne!(key(&local().to_utc()), key(&elsewhere));
    assert_ne!(
        key(&TimeDelta::nanoseconds(1)),
        key(&TimeDelta::nanoseconds(-1))
    );
    assert_eq!(key(&TimeDelta::seconds(60)), key(&TimeDelta::minutes(1)));
    let second = NaiveTime::from_hms_opt(12, 0, 8).unwrap();
    assert_ne!(
        key(&second.with_nanosecond(500_000_000).unwrap()),
        key(&odd_leap_second())
    );
    assert_ne!(key(&Weekday::Tue), key(&Month::January));
}

#[test]
fn values_that_do_not_exist_are_refused() {
    {
        forged!("chrono::NaiveDate" of i32);
        for days in [i32::MIN, i32::MAX] {
            refused::<NaiveDate>(&Forged(days), "is not a valid `chrono::NaiveDate`");
        }
    }
    {
        forged!("chrono::NaiveTime" of (u32, u32));
        for parts in [(86_400, 0), (0, 2_000_000_000), (u32::MAX, u32::MAX)] {
            refused::<NaiveTime>(&Forged(parts), "is not a valid `chrono::NaiveTime`");
        }
        assert!(as_another::<NaiveTime>(&Forged((86_399, 1_999_999_999))).is_ok());
    }
    {
        forged!("chrono::FixedOffset" of i32);
        for seconds in [86_400, -86_400, i32::MIN, i32::MAX] {
            refused::<FixedOffset>(&Forged(seconds), "is not a valid `chrono::FixedOffset`");
        }
    }
    {
        forged!("chrono::TimeDelta" of (i64, u32));
        for parts in [
            (i64::MIN, 0),
            (i64::MAX, 0),
            (0, 1_000_000_000),
            (0, u32::MAX),
        ] {
            refused::<TimeDelta>(&Forged(parts), "is not a valid `chrono::TimeDelta`");
        }
    }
    {
        forged!("chrono::Weekday" of u8);
        refused::<Weekday>(&Forged(7), "7 is not a valid `chrono::Weekday`");
    }
    {
        forged!("chrono::Month" of u8);
        for month in [0, 13, 255] {
            refused::<Month>(&Forged(month), "is not a valid `chrono::Month`");
        }
    }
}

#[test]
fn a_file_says_which_type_it_has() {
    assert_eq!(inspected(&date()), "`chrono::NaiveDate`");
    refused::<NaiveTime>(
        &date(),
        "the file has `chrono::NaiveDate`, `chrono::NaiveTime` was expected",
    );
    refused::<DateTime<FixedOffset>>(&local().to_utc(), "the file has `chrono::DateTime<Utc>`");
    // They are no plain numbers either, in both directions.
    refused::<NaiveDate>(&7_i32, "the file has i32, `chrono::NaiveDate` was expected");
    refused::<i32>(
        &date(),
        "the file has `chrono::NaiveDate`, i32 was expected",
    );
    refused::<TimeDelta>(&(7_i64, 7_u32), "`chrono::TimeDelta` was expected");
}

#[test]
fn keys_and_files_never_change() {
    golden! {
        date() => 0xd6eb70ead1e309cb23ead2ac8babb14e, "a29937d8936be3d86e894bff074a903f";
        time() => 0x807968904510cb1a0cce9a4af74f8fd3, "a7a383194a06cee92f627d38674359cf";
        date().and_time(time()) => 0xcf5745d023be4090ba551e015544bd43, "58ca32263a9835c91f770e1e1b50f0e2";
        date().and_time(time()).and_utc() => 0xa6348b9b6751c6a6e491ad20676addec, "30e3e0f9b3db11ebeb8e004e63f6baaa";
        local() => 0xdab0c5c7251e20fb10c53195ef437f59, "f7e6837cc60e9765503753cbf21ed665";
        east() => 0x84ddbc0a1410789c69f1a6ea77dc8ecd, "ce40f4fc2b3ea61f36e80e7fc7fec7c1";
        Utc => 0x7f90ec26ad7e075f83d53fa42f8d9f3d, "a1b5c3027fde98b0047b13a33c44a09b";
        TimeDelta::milliseconds(-1) => 0x828a71cea35a80d7fdc018ff1f83deb1, "c3b0551f982f03018ee973a82c435f60";
        Weekday::Sun => 0xe4f116eea4f5b5fa7c9d8110706ca439, "af1ab2d6b8b9ca3712ecd59bfb86a7a0";
        Month::December => 0x08560f7d4ab640c2e7bc5d33566814c8, "5214c8f48244a5155f5fb9c8ffec7aa1";
    }
}

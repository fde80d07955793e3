//! Times and spans of `jiff`.

use jiff::civil::{Date, DateTime, Time, Weekday, date, time};
use jiff::tz::{Offset, TimeZone, offset};
use jiff::{SignedDuration, Span, Timestamp, ToSpan, ZonedDateTime};

use super::{as_another, forged, golden, inspected, key, memoized, refused, there_and_back};

fn stamp() -> Timestamp {
    Timestamp::new(1_700_000_000, 7).unwrap()
}

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap()
}

fn zoned(name: &str) -> ZonedDateTime {
    ZonedDateTime::new(stamp(), zone(name))
}

/// The rules of Berlin, without its name.
fn posix() -> TimeZone {
    TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap()
}

#[test]
fn every_value_comes_back() {
    for stamp in [
        stamp(),
        Timestamp::MIN,
        Timestamp::MAX,
        Timestamp::new(-1, -7).unwrap(),
    ] {
        assert_eq!(there_and_back(&stamp), stamp);
    }
    for date in [date(2024, 2, 29), Date::MIN, Date::MAX] {
        assert_eq!(there_and_back(&date), date);
    }
    for time in [time(23, 59, 59, 999_999_999), Time::MIN] {
        assert_eq!(there_and_back(&time), time);
        assert_eq!(
            there_and_back(&date(1, 1, 1).to_datetime(time)),
            date(1, 1, 1).to_datetime(time)
        );
    }
    for time in [
        SignedDuration::MIN,
        SignedDuration::MAX,
        SignedDuration::new(-1, -5),
    ] {
        assert_eq!(there_and_back(&time), time);
    }
    for offset in [Offset::MIN, Offset::MAX, Offset::UTC] {
        assert_eq!(there_and_back(&offset), offset);
    }
    for day in 0..7 {
        let day = Weekday::from_monday_zero_offset(day).unwrap();
        assert_eq!(there_and_back(&day), day);
    }
    let all = 1
        .year()
        .months(2)
        .weeks(3)
        .days(4)
        .hours(5)
        .minutes(6)
        .seconds(7);
    let all = all.milliseconds(8).microseconds(9).nanoseconds(10);
    for span in [
        Span::new(),
        all,
        -all,
        90.minutes(),
        Span::new().hours(-1).minutes(30),
    ] {
        assert_eq!(there_and_back(&span).fieldwise(), span.fieldwise());
    }
}

#[test]
fn a_zoned_time_comes_back_with_its_zone() {
    let fixed = TimeZone::fixed(offset(-3));
    for zone in [
        zone("Europe/Berlin"),
        zone("Asia/Calcutta"),
        TimeZone::UTC,
        TimeZone::unknown(),
        fixed,
    ] {
        for stamp in [stamp(), Timestamp::MIN, Timestamp::MAX] {
            let time = ZonedDateTime::new(stamp, zone.clone());
            let back = there_and_back(&time);
            assert_eq!(back.to_string(), time.to_string());
            assert_eq!(back.time_zone(), time.time_zone());
            assert_eq!(back.time_zone().iana_name(), time.time_zone().iana_name());
        }
        assert_eq!(there_and_back(&zone), zone);
    }
}

#[test]
fn a_zone_that_no_data_base_has_is_not_written() {
    let error = joblib::dump(&posix(), "never.joblib")
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("neither a name of the IANA nor a fixed offset"),
        "{error}"
    );
    // Somebody else's data under the name of a zone.
    let path = "/usr/share/zoneinfo/Asia/Tokyo";
    if let Ok(data) = std::fs::read(path) {
        let zone = TimeZone::tzif("Europe/Berlin", &data).unwrap();
        let error = joblib::dump(&zone, "never.joblib").unwrap_err().to_string();
        assert!(
            error.contains("the time zone `Europe/Berlin` cannot be written"),
            "{error}"
        );
    }
}

#[test]
fn they_are_arguments_and_results() {
    memoized! {
        Timestamp: stamp(), Timestamp::MIN;
        Date: date(2024, 2, 29);
        Time: time(23, 59, 59, 7);
        DateTime: date(2024, 2, 29).at(1, 2, 3, 4);
        ZonedDateTime: zoned("Europe/Berlin"), zoned("America/New_York"), zoned("UTC");
        SignedDuration: SignedDuration::new(-1, -5);
        Offset: offset(-3);
        Weekday: Weekday::Sunday;
    }
    // Two spans are equal in no sense of `==`.
    #[joblib::memoize(memory = super::MEMORY, memory_tier = false)]
    fn doubled(span: Span) -> Span {
        super::computed();
        span.checked_mul(2).unwrap()
    }
    super::start();
    let count = super::computations(|| {
        let first = doubled(90.minutes());
        assert_eq!(doubled(90.minutes()).fieldwise(), first.fieldwise());
        assert_eq!(first.fieldwise(), 180.minutes().fieldwise());
    });
    assert_eq!(count, 1);
}

#[test]
fn keys_are_equal_exactly_if_a_function_cannot_tell_the_values_apart() {
    assert_eq!(key(&zoned("Europe/Berlin")), key(&zoned("Europe/Berlin")));
    // They are equal, and are printed differently.
    assert_eq!(zoned("Europe/Berlin"), zoned("Asia/Tokyo"));
    assert_ne!(key(&zoned("Europe/Berlin")), key(&zoned("Asia/Tokyo")));
    assert_ne!(key(&zoned("Asia/Kolkata")), key(&zoned("Asia/Calcutta")));
    assert_ne!(key(&TimeZone::UTC), key(&TimeZone::unknown()));
    assert_ne!(key(&1.hour()), key(&60.minutes()));
    assert_ne!(key(&1.day()), key(&24.hours()));
    assert_eq!(key(&90.minutes()), key(&Span::new().minutes(90)));
    assert_ne!(key(&1.hour()), key(&(-1).hour()));
    assert_ne!(
        key(&stamp()),
        key(&SignedDuration::from_nanos(stamp().as_nanosecond() as i64))
    );
}

#[test]
fn the_key_of_a_zone_covers_its_rules() {
    let later = TimeZone::posix("CET-1CEST,M3.5.0,M10.4.0/3").unwrap();
    assert_eq!(key(&posix()), key(&posix()));
    assert_ne!(key(&posix()), key(&later));
    // In November both have the same offset.
    assert_ne!(
        key(&ZonedDateTime::new(stamp(), posix())),
        key(&ZonedDateTime::new(stamp(), later))
    );
    assert_ne!(key(&posix()), key(&zone("Europe/Berlin")));
    if let Ok(data) = std::fs::read("/usr/share/zoneinfo/Asia/Tokyo") {
        let other = TimeZone::tzif("Europe/Berlin", &data).unwrap();
        assert_ne!(key(&other), key(&zone("Europe/Berlin")));
    }
}

#[test]
fn values_that_do_not_exist_are_refused() {
    {
        forged!("jiff::Timestamp" of i128);
        for nanos in [i128::MIN, i128::MAX, Timestamp::MAX.as_nanosecond() + 1] {
            refused::<Timestamp>(&Forged(nanos), "is not a valid `jiff::Timestamp`");
        }
    }
    {
        forged!("jiff::civil::Date" of (i16, i8, i8));
        for parts in [
            (2023, 2, 29),
            (10_000, 1, 1),
            (0, 0, 0),
            (1, -1, 1),
            (i16::MIN, 1, 1),
        ] {
            refused::<Date>(&Forged(parts), "is not a valid `jiff::civil::Date`");
        }
    }
    {
        forged!("jiff::civil::Time" of (i8, i8, i8, i32));
        for parts in [
            (24, 0, 0, 0),
            (0, 60, 0, 0),
            (0, 0, 60, 0),
            (0, 0, 0, -1),
            (0, 0, 0, i32::MAX),
        ] {
            refused::<Time>(&Forged(parts), "is not a valid `jiff::civil::Time`");
        }
    }
    {
        forged!("jiff::SignedDuration" of i128);
        for nanos in [i128::MIN, i128::MAX] {
            refused::<SignedDuration>(&Forged(nanos), "is not a valid `jiff::SignedDuration`");
        }
    }
    {
        forged!("jiff::tz::Offset" of i32);
        for seconds in [i32::MIN, i32::MAX, 93_600] {
            refused::<Offset>(&Forged(seconds), "is not a valid `jiff::tz::Offset`");
        }
    }
    {
        forged!("jiff::civil::Weekday" of i8);
        for day in [-1, 7, i8::MIN] {
            refused::<Weekday>(&Forged(day), "is not a valid `jiff::civil::Weekday`");
        }
    }
    {
        forged!("jiff::Span" of ((i16, i32, i32, i32), (i32, i64, i64), (i64, i64, i64)));
        for parts in [
            ((1, -1, 0, 0), (0, 0, 0), (0, 0, 0)),
            ((i16::MAX, 0, 0, 0), (0, 0, 0), (0, 0, 0)),
            ((0, 0, i32::MIN, 0), (0, 0, 0), (0, 0, 0)),
            ((0, 0, 0, 0), (0, i64::MIN, 0), (0, 0, 0)),
            ((0, 0, 0, 0), (0, 0, 0), (0, 0, i64::MIN)),
        ] {
            refused::<Span>(&Forged(parts), "is not a valid `jiff::Span`");
        }
    }
}

#[test]
fn a_zone_that_is_not_known_here_or_has_other_rules_is_refused() {
    {
        forged!("jiff::tz::TimeZone" of Result<String, i32>);
        let nowhere = Forged(Ok("Europe/Nowhere".to_owned()));
        refused::<TimeZone>(
            &nowhere,
            "the time zone data base of this system has no time zone",
        );
        refused::<TimeZone>(&nowhere, "Europe/Nowhere");
        // A zone has one encoding.
        refused::<TimeZone>(&Forged(Ok("europe/berlin".to_owned())), "is not a valid");
        refused::<TimeZone>(&Forged(Err(0)), "is not a valid `jiff::tz::TimeZone`");
        refused::<TimeZone>(
            &Forged(Err(i32::MIN)),
            "is not a valid `jiff::tz::TimeZone`",
        );
    }
    forged!("jiff::ZonedDateTime" of (Timestamp, TimeZone, Offset));
    let time = Forged((stamp(), zone("Europe/Berlin"), offset(2)));
    refused::<ZonedDateTime>(
        &time,
        "a time was written as 2023-11-15T00:13:20.000000007+02[Europe/Berlin], but the time zone \
         data base of this system has the offset +01 for that time",
    );
    let time = Forged((stamp(), zone("Europe/Berlin"), offset(1)));
    assert_eq!(
        as_another::<ZonedDateTime>(&time).unwrap(),
        zoned("Europe/Berlin")
    );
}

#[test]
fn a_file_says_which_type_it_has() {
    assert_eq!(inspected(&stamp()), "`jiff::Timestamp`");
    refused::<SignedDuration>(
        &stamp(),
        "the file has `jiff::Timestamp`, `jiff::SignedDuration` was expected",
    );
}

#[test]
fn keys_and_files_never_change() {
    golden! {
        stamp() => 0xe363d37067db27e9e0bdbc0e303d3506, "fa0e20ce1a319e51907a2392c0196817";
        date(2024, 2, 29) => 0xf3cc6078fde02b45a259bd89f3611cb3, "a5397efe691fb943f486b3bc428a7c25";
        time(23, 59, 59, 7) => 0xe3ac8ff22bffba5f4ea695a9539c27ea, "e7d992fb0eea4bd9a14a0f3908cd29e2";
        date(2024, 2, 29).at(1, 2, 3, 4) => 0x7b90e1cdfd6a56aa4e5b7e2dc0b713fa, "0435f78251feb9b08036576ad7d1fc43";
        Weekday::Sunday => 0x7c3da787faf611976f33f45cf2945f77, "4a7c42e9d16cca2a5abb2a5e08df92bd";
        SignedDuration::new(-1, -5) => 0x72a418c3c6d55116313a6c125e3718ae, "36c5550902400a711ecb1b83552c2427";
        offset(-3) => 0xd94e3f5f53c92789781190f6177f06a9, "4fa4fe281800507facd7a2811dcdce46";
        1.year().days(2).nanoseconds(3) => 0x62fb6009d70622a5072a24148b4bfa80, "538e871012fe44a00264c85c0050b317";
        TimeZone::fixed(offset(-3)) => 0x33b9aa0da415c26869ec1de6c6887c48, "84afd6c0fba6c17cd84d60ba19f3d2fc";
        ZonedDateTime::new(stamp(), TimeZone::UTC) => 0xd15d965b66275ab590194f14f7fe1b4b, "6c94029067bf39336d26fa586ec2f542";
    }
    // Zones with rules depend on the time zone data base.
    assert_eq!(key(&posix()), 0xb42dbb7b610356b70774f05178a11429);
}

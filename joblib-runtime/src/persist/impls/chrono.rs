//! Dates and times of `chrono`. A `DateTime<Local>` has no implementation: what it means
//! depends on the time zone of the machine that reads it.

use chrono::{
    DateTime, Datelike, FixedOffset, Month, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta,
    Timelike, Utc, Weekday,
};

use super::foreign::valid;
use super::number::checked;
use crate::persist::derive_support::{BodyReader, BodyWriter, SchemaBuilder, Viewer};
use crate::persist::error::Error;
use crate::persist::mode::MapMode;
use crate::persist::row::one_by_one;
use crate::persist::traits::{Persist, Save};

checked! {
    [] NaiveDate as "chrono::NaiveDate" of i32,
        |date| date.num_days_from_ce(),
        |days| valid(NaiveDate::from_num_days_from_ce_opt(days), "chrono::NaiveDate", days);
    [] NaiveTime as "chrono::NaiveTime" of (u32, u32),
        |time| (time.num_seconds_from_midnight(), time.nanosecond()),
        |parts| {
            // A leap second may have any number of seconds, which only this order permits.
            let time = NaiveTime::from_num_seconds_from_midnight_opt(parts.0, 0);
            valid(time.and_then(|time| time.with_nanosecond(parts.1)), "chrono::NaiveTime", parts)
        };
    [] NaiveDateTime as "chrono::NaiveDateTime" of (NaiveDate, NaiveTime),
        |time| (time.date(), time.time()),
        |parts| Ok(NaiveDateTime::new(parts.0, parts.1));
    [] DateTime<Utc> as "chrono::DateTime<Utc>" of NaiveDateTime,
        |time| time.naive_utc(),
        |time| Ok(time.and_utc());
    [] DateTime<FixedOffset> as "chrono::DateTime<FixedOffset>" of (NaiveDateTime, FixedOffset),
        |time| (time.naive_utc(), *time.offset()),
        |parts| Ok(DateTime::from_naive_utc_and_offset(parts.0, parts.1));
    [] FixedOffset as "chrono::FixedOffset" of i32,
        |offset| offset.local_minus_utc(),
        |seconds| valid(FixedOffset::east_opt(seconds), "chrono::FixedOffset", seconds);
    [] Utc as "chrono::Utc" of (), |_utc| (), |_unit| Ok(Utc);
    [] TimeDelta as "chrono::TimeDelta" of (i64, u32),
        |delta| match delta.subsec_nanos() {
            nanos @ 0.. => (delta.num_seconds(), nanos as u32),
            nanos => (delta.num_seconds() - 1, (NANOS + nanos) as u32),
        },
        |parts| {
            let (seconds, nanos) = parts;
            let delta = TimeDelta::new(seconds, nanos);
            valid(delta.filter(|_| nanos < NANOS as u32), "chrono::TimeDelta", parts)
        };
    [] Weekday as "chrono::Weekday" of u8,
        |day| day.num_days_from_monday() as u8,
        |day| valid(Weekday::try_from(day).ok(), "chrono::Weekday", day);
    [] Month as "chrono::Month" of u8,
        |month| month.number_from_month() as u8,
        |month| valid(Month::try_from(month).ok(), "chrono::Month", month);
}

/// The nanoseconds of a second.
const NANOS: i32 = 1_000_000_000;

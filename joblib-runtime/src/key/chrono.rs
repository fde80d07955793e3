//! Keys of the dates and times of `chrono`. The offset of a `DateTime<FixedOffset>` is part
//! of its key, although `==` ignores it, because a function can print it.

use chrono::{
    DateTime, Datelike, FixedOffset, Month, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta,
    Timelike, Utc, Weekday,
};

use super::nominal::fed_as;
use super::{Key, KeyHasher};

fed_as! {
    "chrono":
    [] NaiveDate = "NaiveDate", |date| date.num_days_from_ce();
    [] NaiveTime = "NaiveTime", |time| (time.num_seconds_from_midnight(), time.nanosecond());
    [] NaiveDateTime = "NaiveDateTime", |time| (time.date(), time.time());
    [] DateTime<Utc> = "DateTime<Utc>", |time| time.naive_utc();
    [] DateTime<FixedOffset> = "DateTime<FixedOffset>", |time| (time.naive_utc(), *time.offset());
    [] FixedOffset = "FixedOffset", |offset| offset.local_minus_utc();
    [] Utc = "Utc", |_utc| ();
    // Both parts have the sign of the value.
    [] TimeDelta = "TimeDelta", |delta| (delta.num_seconds(), delta.subsec_nanos());
    [] Weekday = "Weekday", |day| day.num_days_from_monday();
    [] Month = "Month", |month| month.number_from_month();
}

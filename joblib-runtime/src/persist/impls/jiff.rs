//! Times and spans of `jiff`. A zoned time is stored with the name of its time zone and its
//! offset, and is refused if the time zone data base has another offset for it when it is
//! read.

use jiff::civil::{Date, DateTime, Time, Weekday};
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Span, Timestamp, ZonedDateTime};

use super::foreign::valid;
use super::number::checked;
use crate::persist::derive_support::{BodyReader, BodyWriter, SchemaBuilder, Viewer};
use crate::persist::error::{Error, ErrorKind};
use crate::persist::mode::MapMode;
use crate::persist::row::one_by_one;
use crate::persist::schema::printable;
use crate::persist::traits::{Persist, Save};

checked! {
    [] Timestamp as "jiff::Timestamp" of i128,
        |time| time.as_nanosecond(),
        |nanos| valid(Timestamp::from_nanosecond(nanos).ok(), "jiff::Timestamp", nanos);
    [] Date as "jiff::civil::Date" of (i16, i8, i8),
        |date| (date.year(), date.month(), date.day()),
        |parts| valid(Date::new(parts.0, parts.1, parts.2).ok(), "jiff::civil::Date", parts);
    [] Time as "jiff::civil::Time" of (i8, i8, i8, i32),
        |time| (time.hour(), time.minute(), time.second(), time.subsec_nanosecond()),
        |parts| {
            let time = Time::new(parts.0, parts.1, parts.2, parts.3);
            valid(time.ok(), "jiff::civil::Time", parts)
        };
    [] DateTime as "jiff::civil::DateTime" of (Date, Time),
        |time| (time.date(), time.time()),
        |parts| Ok(DateTime::from_parts(parts.0, parts.1));
    [] Weekday as "jiff::civil::Weekday" of i8,
        |day| day.to_monday_zero_offset(),
        |day| valid(Weekday::from_monday_zero_offset(day).ok(), "jiff::civil::Weekday", day);
    [] SignedDuration as "jiff::SignedDuration" of i128,
        |time| time.as_nanos(),
        |nanos| valid(SignedDuration::try_from_nanos_i128(nanos), "jiff::SignedDuration", nanos);
    [] Offset as "jiff::tz::Offset" of i32,
        |offset| offset.seconds(),
        |seconds| valid(Offset::from_seconds(seconds).ok(), "jiff::tz::Offset", seconds);
    [] Span as "jiff::Span" of SpanParts,
        |span| parts(span),
        |found| valid(span(&found), "jiff::Span", found);
}

/// From years to nanoseconds.
type SpanParts = ((i16, i32, i32, i32), (i32, i64, i64), (i64, i64, i64));

fn parts(span: &Span) -> SpanParts {
    (
        (
            span.get_years(),
            span.get_months(),
            span.get_weeks(),
            span.get_days(),
        ),
        (span.get_hours(), span.get_minutes(), span.get_seconds()),
        (
            span.get_milliseconds(),
            span.get_microseconds(),
            span.get_nanoseconds(),
        ),
    )
}

fn span(found: &SpanParts) -> Option<Span> {
    let ((years, months, weeks, days), (hours, minutes, seconds), (millis, micros, nanos)) = *found;
    let span = Span::new().try_years(years).ok()?.try_months(months).ok()?;
    let span = span.try_weeks(weeks).ok()?.try_days(days).ok()?;
    let span = span.try_hours(hours).ok()?.try_minutes(minutes).ok()?;
    let span = span
        .try_seconds(seconds)
        .ok()?
        .try_milliseconds(millis)
        .ok()?;
    let span = span
        .try_microseconds(micros)
        .ok()?
        .try_nanoseconds(nanos)
        .ok()?;
    // The parts of a span have one sign.
    (parts(&span) == *found).then_some(span)
}

/// The name of a time zone, or a fixed offset in seconds.
type Zone = Result<String, i32>;

/// Encoded as its name, which is looked up in the time zone data base, or as its offset.
impl Save for TimeZone {
    fn schema(schemas: &mut SchemaBuilder) -> u32 {
        schemas.named_type::<Zone>("jiff::tz::TimeZone")
    }

    fn save<'v>(&'v self, writer: &mut BodyWriter<'v, '_>) -> Result<(), Error> {
        let zone: Zone = match (named(self), self.to_fixed_offset()) {
            (Some(name), _) => Ok(name.to_owned()),
            (None, Ok(offset)) => Err(offset.seconds()),
            (None, Err(_)) => {
                let message = "a time zone that has neither a name of the IANA nor a fixed offset \
                               cannot be written; create it with `TimeZone::get`";
                return Err(ErrorKind::Value(message.to_owned()).into());
            }
        };
        if let Ok(name) = &zone
            && TimeZone::get(name).ok().as_ref() != Some(self)
        {
            return Err(ErrorKind::Value(format!(
                "the time zone `{name}` cannot be written, because the time zone data base of this \
                 system has none of this name with these rules; create it with `TimeZone::get`"
            ))
            .into());
        }
        writer.temporary(|writer| zone.save(writer))
    }
}

fn named(zone: &TimeZone) -> Option<&str> {
    match zone.is_unknown() {
        true => Some("Etc/Unknown"),
        false => zone.iana_name(),
    }
}

impl Persist for TimeZone {
    type View<'m, M: MapMode> = TimeZone;
    one_by_one!();

    fn load(reader: &mut BodyReader<'_>) -> Result<Self, Error> {
        match Zone::load(reader)? {
            Ok(name) => {
                let shown = printable(&name);
                let zone = TimeZone::get(&name).map_err(|_| {
                    ErrorKind::Value(format!(
                        "the time zone data base of this system has no time zone `{shown}`"
                    ))
                })?;
                // Each zone has one encoding.
                let is_it = named(&zone) == Some(&name);
                valid(is_it.then_some(zone), "jiff::tz::TimeZone", shown)
            }
            Err(seconds) => {
                let offset = Offset::from_seconds(seconds)
                    .ok()
                    .filter(|it| !it.is_zero());
                valid(offset.map(TimeZone::fixed), "jiff::tz::TimeZone", seconds)
            }
        }
    }

    fn view<'m, M: MapMode>(viewer: &mut Viewer<'m, M>) -> Result<Self, Error> {
        Self::load(viewer.reader())
    }
}

checked! {
    [] ZonedDateTime as "jiff::ZonedDateTime" of (Timestamp, TimeZone, Offset),
        |time| (time.timestamp(), time.time_zone().clone(), time.offset()),
        |parts| {
            let (timestamp, zone, offset) = parts;
            let time = ZonedDateTime::new(timestamp, zone);
            match time.offset() == offset {
                true => Ok(time),
                false => Err(ErrorKind::Value(format!(
                    "a time was written as {local}{offset}[{name}], but the time zone data base \
                     of this system has the offset {here} for that time; update the data base, or \
                     store the `Timestamp`, which does not depend on it",
                    local = offset.to_datetime(timestamp),
                    name = named(time.time_zone()).unwrap_or("fixed offset"),
                    here = time.offset(),
                ))
                .into()),
            }
        };
}

//! Keys of the times and spans of `jiff`. A `ZonedDateTime` covers the rules of its time zone as the
//! time zone data base has them now, because calculations with it depend on them.

use std::cell::RefCell;

use jiff::civil::{Date, DateTime, Time, Weekday};
use jiff::tz::{Dst, Offset, TimeZone};
use jiff::{SignedDuration, Span, Timestamp, ZonedDateTime};

use super::nominal::fed_as;
use super::{Key, KeyHasher};

fed_as! {
    "jiff":
    [] Timestamp = "Timestamp", |time| time.as_nanosecond();
    [] Date = "civil::Date", |date| (date.year(), date.month(), date.day());
    [] Time = "civil::Time",
        |time| (time.hour(), time.minute(), time.second(), time.subsec_nanosecond());
    [] DateTime = "civil::DateTime", |time| (time.date(), time.time());
    [] Weekday = "civil::Weekday", |day| day.to_monday_zero_offset();
    [] SignedDuration = "SignedDuration", |time| (time.as_secs(), time.subsec_nanos());
    [] Offset = "tz::Offset", |offset| offset.seconds();
    [] ZonedDateTime = "ZonedDateTime", |time| (time.timestamp(), time.time_zone());
    // Units are not converted: a day is not 24 hours.
    [] Span = "Span", |span| (
        (span.get_years(), span.get_months(), span.get_weeks(), span.get_days()),
        (span.get_hours(), span.get_minutes(), span.get_seconds()),
        (span.get_milliseconds(), span.get_microseconds(), span.get_nanoseconds()),
    );
}

/// The name and all offsets. Zones of one name differ if they are of different versions of
/// the time zone data base.
impl Key for TimeZone {
    fn feed_type(hasher: &mut KeyHasher) {
        hasher.nominal("jiff", "tz::TimeZone", 0);
    }

    fn feed(&self, hasher: &mut KeyHasher) {
        self.iana_name().feed(hasher);
        self.is_unknown().feed(hasher);
        rules(self).feed(hasher);
    }
}

/// Transitions after this time follow rules that are visible before: the calendar has
/// fourteen different years, all of which occur within 40 years.
const END: Timestamp = Timestamp::constant(7_258_118_400, 0);

/// Returns a hash of the offsets of a zone. That of the last zone is kept, since it takes as
/// long as computing many keys.
fn rules(zone: &TimeZone) -> u128 {
    thread_local! {
        static LAST: RefCell<Option<(TimeZone, u128)>> = const { RefCell::new(None) };
    }
    LAST.with_borrow_mut(|last| {
        if let Some((known, rules)) = last
            && known == zone
        {
            return *rules;
        }
        let rules = all_rules(zone);
        *last = Some((zone.clone(), rules));
        rules
    })
}

fn all_rules(zone: &TimeZone) -> u128 {
    let mut hasher = KeyHasher::new();
    let first = zone.to_offset_info(Timestamp::MIN);
    feed_rule(
        first.offset(),
        first.abbreviation(),
        first.dst(),
        &mut hasher,
    );
    let transitions = zone.following(Timestamp::MIN);
    for transition in transitions.take_while(|it| it.timestamp() < END) {
        transition.timestamp().feed(&mut hasher);
        let (offset, name) = (transition.offset(), transition.abbreviation());
        feed_rule(offset, name, transition.dst(), &mut hasher);
    }
    hasher.finish()
}

fn feed_rule(offset: Offset, name: &str, dst: Dst, hasher: &mut KeyHasher) {
    (offset, name, dst.is_dst()).feed(hasher);
}

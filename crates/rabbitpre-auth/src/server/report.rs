//! `/metrics`: everything that is counted, as Prometheus reads it.

use std::sync::atomic::Ordering;

use super::Service;
use super::exposition::{Exposition, Kind};
use super::metrics::{ALLOWED, BOUNDS, DENIED};

impl Service {
    pub(super) fn report(&self) -> String {
        let mut out = Exposition::default();
        self.report_checks(&mut out);
        self.report_saves(&mut out);
        self.report_load(&mut out);
        self.report_caches(&mut out);
        self.report_source(&mut out);
        out.finish()
    }

    fn report_checks(&self, out: &mut Exposition) {
        let name = "rabbitpre_checks_total";
        out.family(
            name,
            Kind::Counter,
            "Checks answered, by outcome; undecidable ones are denied, with this errorCode.",
        );
        for (label, count) in self.metrics.checks.each() {
            let (outcome, error_code) = match label {
                ALLOWED => (ALLOWED, ""),
                DENIED => (DENIED, "NOT_QUALIFIED"),
                code => ("undecidable", code),
            };
            out.sample(name, &[("outcome", outcome), ("error_code", error_code)], count);
        }
        let name = "rabbitpre_check_duration_seconds";
        out.family(
            name,
            Kind::Histogram,
            "Time from the head of a check to its answer; those that the guard refuses are not in it.",
        );
        let latency = &self.metrics.latency;
        // The sum first: so the mean may be a little too low, never above what any check took.
        let (sum, mut seen) = (latency.sum().as_secs_f64(), 0);
        let bounds = BOUNDS.iter().map(|(_, bound)| *bound).chain(["+Inf"]);
        for (bound, count) in bounds.zip(latency.counts()) {
            seen += count;
            out.sample("rabbitpre_check_duration_seconds_bucket", &[("le", bound)], seen);
        }
        out.sample("rabbitpre_check_duration_seconds_sum", &[], sum);
        out.sample("rabbitpre_check_duration_seconds_count", &[], seen);
    }

    fn report_saves(&self, out: &mut Exposition) {
        let name = "rabbitpre_saves_total";
        out.family(name, Kind::Counter, "Saves answered, by outcome.");
        for (outcome, count) in self.metrics.saves.each() {
            out.sample(name, &[("outcome", outcome)], count);
        }
        out.single(
            "rabbitpre_save_findings_total",
            Kind::Counter,
            "Saved conditions that are unlike the catalogue; see the log.",
            self.metrics.findings.load(Ordering::Relaxed),
        );
    }

    fn report_load(&self, out: &mut Exposition) {
        let free = self.places.available_permits();
        out.single(
            "rabbitpre_requests_in_flight",
            Kind::Gauge,
            "Checks and saves that are worked on now.",
            self.at_a_time.saturating_sub(free),
        );
        out.single(
            "rabbitpre_requests_limit",
            Kind::Gauge,
            "Checks and saves that may be worked on at a time.",
            self.at_a_time,
        );
        out.single(
            "rabbitpre_large_bodies_bytes",
            Kind::Gauge,
            "Memory held by bodies beyond their first 16 KiB.",
            self.room.taken(),
        );
        let name = "rabbitpre_overload_refusals_total";
        out.family(
            name,
            Kind::Counter,
            "Checks and saves answered 503 at once, by what there was too much of.",
        );
        for (limit, count) in self.metrics.overload.each() {
            out.sample(name, &[("limit", limit)], count);
        }
        let name = "rabbitpre_guard_refusals_total";
        out.family(
            name,
            Kind::Counter,
            "Requests that the guard refused, by reason; with `trace-token` only the trace was refused.",
        );
        for (reason, count) in self.metrics.guard.each() {
            out.sample(name, &[("reason", reason)], count);
        }
        let name = "rabbitpre_checks_apart_total";
        out.family(
            name,
            Kind::Counter,
            "Checks worked on apart from the others: bodies above 64 KiB, decisions above 2 ms, traces.",
        );
        for (why, count) in self.metrics.apart.each() {
            out.sample(name, &[("why", why)], count);
        }
    }

    fn report_caches(&self, out: &mut Exposition) {
        let programs = self.programs.counters();
        let name = "rabbitpre_program_cache_lookups_total";
        out.family(
            name,
            Kind::Counter,
            "Checks whose conditions were compiled before, and those whose were not.",
        );
        out.sample(name, &[("result", "hit")], programs.hits);
        out.sample(name, &[("result", "miss")], programs.misses);
        out.single(
            "rabbitpre_program_cache_entries",
            Kind::Gauge,
            "Compiled programs that are kept.",
            programs.entries,
        );
        let settings = self.settings.counters();
        let name = "rabbitpre_settings_total";
        out.family(
            name,
            Kind::Counter,
            "Saved settings: answered from the cache, loaded from the store, compiled.",
        );
        out.sample(name, &[("event", "cached")], settings.answered_from_cache);
        out.sample(name, &[("event", "loaded")], settings.loaded);
        out.sample(name, &[("event", "compiled")], settings.compiled);
    }

    fn report_source(&self, out: &mut Exposition) {
        let source = self.source.counters();
        let count = |count: &std::sync::atomic::AtomicU64| count.load(Ordering::Relaxed);
        let families = [
            (
                "rabbitpre_source_requests_total",
                "Times the attribute source was asked.",
                count(&self.metrics.asked),
            ),
            (
                "rabbitpre_source_errors_total",
                "Times the attribute source answered with an error; those it did not answer at all are timeouts.",
                count(&self.metrics.source_errors),
            ),
            (
                "rabbitpre_source_cache_hits_total",
                "Users that the attribute source answered from its cache.",
                source.answered_from_cache,
            ),
            (
                "rabbitpre_source_joined_total",
                "Users whose attributes were being fetched already when they were asked for.",
                source.joined,
            ),
            (
                "rabbitpre_source_failures_total",
                "What the attribute source itself counts as failed, versions of a file that were not taken included.",
                source.failed,
            ),
        ];
        for (name, help, count) in families {
            out.single(name, Kind::Counter, help, count);
        }
    }
}

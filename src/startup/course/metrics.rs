//! How the course on the site stands to its folder.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

/// What is counted of the course.
#[derive(Debug, Clone, Default)]
pub(in crate::startup) struct CourseMetrics {
    published: Counter,
    errors: Gauge,
    as_before: Gauge,
}

impl CourseMetrics {
    /// Registers everything.
    pub fn register(registry: &mut Registry) -> Self {
        let metrics = Self::default();
        registry.register("course_published", "Times the course was read and shown", metrics.published.clone());
        registry.register("course_errors", "Errors in the lessons' folders", metrics.errors.clone());
        registry.register(
            "course_lessons_as_before",
            "Lessons that are shown as they were before their errors",
            metrics.as_before.clone(),
        );
        metrics
    }

    /// A course with these many errors beside it is about to be shown.
    pub(super) fn published(&self, errors: usize, as_before: usize) {
        self.published.inc();
        self.errors.set(i64::try_from(errors).unwrap_or(i64::MAX));
        self.as_before.set(i64::try_from(as_before).unwrap_or(i64::MAX));
    }
}

//! Verdicts by tables.

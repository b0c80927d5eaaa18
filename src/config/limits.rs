//! `ATHANOR_LIMIT_…`: what submissions may use.

use super::{ConfigError, Vars};
use crate::domain::limits::Limits;

pub(super) fn read(vars: &Vars) -> Result<Limits, ConfigError> {
    const SIZE: &str = "it takes a whole number of bytes, 1024 or more";
    const TIME: &str = "it takes a whole number of milliseconds, 10 or more";
    let default = Limits::DEFAULT;
    let size = |name, default| Ok(vars.checked(name, SIZE, |n: &usize| *n >= 1024)?.unwrap_or(default));
    let bytes = |name, default| Ok(vars.checked(name, SIZE, |n: &i64| *n >= 1024)?.unwrap_or(default));
    let time = |name, default| Ok(vars.checked(name, TIME, |n: &u64| *n >= 10)?.unwrap_or(default));
    Ok(Limits {
        source_bytes: size("ATHANOR_LIMIT_SOURCE_BYTES", default.source_bytes)?,
        compile_ms: time("ATHANOR_LIMIT_COMPILE_MS", default.compile_ms)?,
        case_ms: time("ATHANOR_LIMIT_CASE_MS", default.case_ms)?,
        job_ms: time("ATHANOR_LIMIT_JOB_MS", default.job_ms)?,
        kept_output_bytes: size("ATHANOR_LIMIT_KEPT_OUTPUT_BYTES", default.kept_output_bytes)?,
        job_output_bytes: size("ATHANOR_LIMIT_JOB_OUTPUT_BYTES", default.job_output_bytes)?,
        term_bytes: size("ATHANOR_LIMIT_TERM_BYTES", default.term_bytes)?,
        text_bytes: size("ATHANOR_LIMIT_TEXT_BYTES", default.text_bytes)?,
        frame_bytes: size("ATHANOR_LIMIT_FRAME_BYTES", default.frame_bytes)?,
        memory_bytes: vars
            .checked(
                "ATHANOR_LIMIT_MEMORY_BYTES",
                "it takes a whole number of bytes, 67108864 (64 MiB, the least the VM boots in) or more",
                |n| *n >= 64 * 1024 * 1024,
            )?
            .unwrap_or(default.memory_bytes),
        pids: vars
            .checked("ATHANOR_LIMIT_PIDS", "it takes a whole number, 24 or more", |n| *n >= 24)?
            .unwrap_or(default.pids),
        cpu_millis: vars
            .checked("ATHANOR_LIMIT_CPU_MILLIS", "it takes thousandths of a core, 100 or more", |n| *n >= 100)?
            .unwrap_or(default.cpu_millis),
        tmp_bytes: bytes("ATHANOR_LIMIT_TMP_BYTES", default.tmp_bytes)?,
        open_files: vars
            .checked("ATHANOR_LIMIT_OPEN_FILES", "it takes a whole number, 64 or more", |n| *n >= 64)?
            .unwrap_or(default.open_files),
    })
}

//! For programs. `warm`, `cold` and `ratios` are a shape that scripts rely on; the rest came later.

use serde_json::{Map, Value, json};

use super::Report;
use crate::cli::bench::grade::contender::{Against, Contender};
use crate::cli::bench::grade::measure::Measure;
use crate::cli::bench::grade::results::Figure;
use crate::cli::bench::grade::statistics::round;

/// The report as one object. `warm` is the first variant that was measured.
pub fn json(report: &Report<'_>) -> Value {
    let mut object = json!({
        "variants": report.plan.contenders.iter().map(|one| variant(report, one)).collect::<Vec<_>>(),
        "machine": report.machine,
        "noise": noise(report),
        "targets": report.targets,
        "interrupted": report.results.interrupted,
    });
    let warm = report.measured().find(|one| one.variant().is_some());
    let cold = Contender::Other(Against::Cold);
    if let Some(warm) = warm {
        object["warm"] = short(report, warm);
        if report.results.is_measured(&cold) {
            object["cold"] = short(report, &cold);
            let [p50, sustained, cpu] = report.times_cold(warm).map(|times| times.map(hundredths));
            object["ratios"] = json!({ "p50": p50, "sustained": sustained, "cpu": cpu });
        }
    }
    object
}

/// The six figures that scripts rely on.
fn short(report: &Report<'_>, contender: &Contender) -> Value {
    let percentile = |percentile| Measure::Latency { load: 0, percentile };
    let six =
        [percentile(50), percentile(95), percentile(99), Measure::Sustained, Measure::Burst(16), Measure::SustainedCpu];
    let values = six.map(|measure| (measure.id(), json!(report.median(contender, measure).map(round))));
    Value::Object(Map::from_iter(values))
}

fn variant(report: &Report<'_>, contender: &Contender) -> Value {
    let figures = report.measures().into_iter().filter_map(|measure| {
        let Figure { median, min, max, noisy } = report.table.get(contender, measure)?;
        let [median, min, max] = [median, min, max].map(round);
        Some((measure.id(), json!({ "median": median, "min": min, "max": max, "noisy": noisy })))
    });
    json!({
        "name": contender.to_string(),
        "sandbox": contender.variant().is_some(),
        "excused": report.results.excused.get(contender),
        "failed": report.results.failed.get(contender),
        "figures": Map::from_iter(figures),
    })
}

fn noise(report: &Report<'_>) -> Value {
    let mut noise = json!(report.noise);
    noise["words"] = json!(report.noise.in_words());
    noise
}

fn hundredths(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::super::super::args::BenchGradeArgs;
    use super::super::super::machine::Machine;
    use super::super::super::noise::Conditions;
    use super::super::super::plan::Plan;
    use super::super::super::results::Results;
    use super::super::{markdown, text};
    use super::*;
    use crate::config::Config;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        args: BenchGradeArgs,
    }

    fn run(line: &str, check: impl Fn(&Report<'_>)) {
        let line = Line::try_parse_from(["bench"].into_iter().chain(line.split_whitespace())).expect("arguments");
        let plan = Plan::new(&line.args, &Config::from_vars([]).expect("settings"));
        let mut results = Results::default();
        for (at, contender) in plan.contenders.iter().enumerate() {
            if contender.to_string().starts_with("oci") {
                results.excused.insert(contender.clone(), "there is none".to_owned());
                continue;
            }
            for round in 0..plan.rounds {
                let value = |measure: &Measure| (*measure, ((at + 1) * 10 + round) as f64 + 0.125);
                let values = Measure::all(&plan.loads, &plan.bursts).iter().map(value).collect();
                results.keep(contender, values, Conditions { calibration_ms: 20.0, others: 0.0, steal: 0.0 });
            }
        }
        check(&Report::new(&plan, &results, &Machine::default()));
    }

    #[test]
    fn scripts_find_what_they_rely_on() {
        run("--against cold", |report| {
            let object = json(report);
            let warm = json!({ "p50_ms": 10.125, "p95_ms": 10.125, "p99_ms": 10.125, "sustained_per_s": 10.125,
                "burst16_ms": 10.125, "cpu_s_per_submission": 10.125 });
            assert_eq!(object["warm"], warm);
            assert_eq!(object["cold"]["p50_ms"], 20.125);
            assert_eq!(object["ratios"], json!({ "p50": 1.99, "sustained": 0.5, "cpu": 1.99 }));
        });
        run("", |report| assert!(json(report).get("cold").is_none()));
    }

    #[test]
    fn a_full_report_has_everybody_the_machine_the_noise_and_the_targets() {
        run("--full", |report| {
            let object = json(report);
            let all = object["variants"].as_array().expect("a list");
            assert_eq!(all.len(), 10);
            assert_eq!(
                all[0]["figures"]["burst32_ms"],
                json!({ "median": 11.125, "min": 10.125, "max": 12.125, "noisy": false })
            );
            assert_eq!((&all[2]["excused"], &all[2]["figures"]), (&json!("there is none"), &json!({})));
            assert!(object["targets"].as_array().is_some_and(|targets| targets.len() == 16));
            assert!(object["noise"]["words"].as_str().is_some_and(|words| words.contains("quiet")));
            assert!(object["machine"].get("kernel").is_some());
            for shown in [text(report), markdown(report)] {
                assert!(shown.contains("oci/runc/jit cannot be measured here: there is none"), "{shown}");
                assert!(
                    shown.contains("burst of 32 with a pool of 32 ≤ 350 ms: docker/runc/jit 11.1 (wanted ≤ 350)"),
                    "{shown}"
                );
                assert!(shown.contains("11.1 (10.1–12.1)") && shown.contains("3 rounds in changing order"), "{shown}");
            }
        });
    }
}

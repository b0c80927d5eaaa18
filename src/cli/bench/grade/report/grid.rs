//! The table: a row for each measure, a column for each contender.

use super::Report;
use crate::cli::bench::grade::measure::Measure;
use crate::cli::bench::grade::results::Figure;

/// What is written where nothing was measured.
pub const NOTHING: &str = "–";

/// The table's texts, not yet laid out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grid {
    /// Names of the columns.
    pub columns: Vec<String>,
    /// Labels and cells of the rows; a row in which nothing was measured is left out.
    pub rows: Vec<(String, Vec<String>)>,
}

impl Grid {
    /// Of everybody who was measured.
    pub fn of(report: &Report<'_>) -> Self {
        let contenders: Vec<_> = report.measured().collect();
        let rows = report.measures().into_iter().filter_map(|measure| {
            let figures: Vec<_> = contenders.iter().map(|one| report.table.get(one, measure)).collect();
            let anything = figures.iter().any(Option::is_some);
            anything.then(|| (measure.label(), figures.into_iter().map(|figure| cell(measure, figure)).collect()))
        });
        Self { rows: rows.collect(), columns: contenders.into_iter().map(ToString::to_string).collect() }
    }

    /// In columns of equal width for a terminal. Names of columns are broken at their slashes.
    pub fn aligned(&self) -> String {
        let heads: Vec<Vec<&str>> = self.columns.iter().map(|name| name.split('/').collect()).collect();
        let height = heads.iter().map(Vec::len).max().unwrap_or(0);
        let mut lines: Vec<(&str, Vec<&str>)> = (0..height)
            .map(|line| ("", heads.iter().map(|parts| parts.get(line).copied().unwrap_or("")).collect()))
            .collect();
        lines.extend(
            self.rows.iter().map(|(label, cells)| (label.as_str(), cells.iter().map(String::as_str).collect())),
        );
        let width = |text: &str| text.chars().count();
        let first = lines.iter().map(|(label, _)| width(label)).max().unwrap_or(0);
        let widths: Vec<_> = (0..self.columns.len())
            .map(|column| lines.iter().map(|(_, cells)| width(cells[column])).max().unwrap_or(0))
            .collect();
        let mut text = String::new();
        for (label, cells) in lines {
            let mut line = format!("{label:<first$}");
            for (cell, width) in cells.iter().zip(&widths) {
                line.push_str(&format!("  {cell:>width$}"));
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }
}

fn cell(measure: Measure, figure: Option<Figure>) -> String {
    let Some(figure) = figure else { return NOTHING.to_owned() };
    let [median, min, max] = [figure.median, figure.min, figure.max].map(|value| measure.write(value));
    let mark = if figure.noisy { "~" } else { "" };
    if min == max { format!("{mark}{median}") } else { format!("{mark}{median} ({min}–{max})") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_shows_the_median_the_range_if_there_is_one_and_whether_it_is_to_be_doubted() {
        let figure = Figure { median: 11.2, min: 10.0, max: 13.0, noisy: false };
        assert_eq!(cell(Measure::Burst(8), Some(figure)), "11.2 (10.0–13.0)");
        let one = Figure { median: 2.5, min: 2.5, max: 2.5, noisy: true };
        assert_eq!(cell(Measure::Sustained, Some(one)), "~2.50");
        assert_eq!(cell(Measure::Sustained, None), NOTHING);
    }

    #[test]
    fn columns_are_aligned_under_names_broken_at_their_slashes() {
        let grid = Grid {
            columns: vec!["docker/runc/jit".to_owned(), "cold".to_owned()],
            rows: vec![("p50".to_owned(), vec!["11.2 (10–13)".to_owned(), NOTHING.to_owned()])],
        };
        let expected = "           docker  cold\n             runc\n              jit\np50  11.2 (10–13)     –\n";
        assert_eq!(grid.aligned(), expected);
    }
}

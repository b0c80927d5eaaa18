//! Expected values: evaluated once for each version and image, then read by every grading.

use crate::db::json::AsJson;
use sqlx::types::Json;

use super::{Pool, Result, begin};
use crate::domain::exercise::TestSet;
use crate::domain::ids::VersionId;
use crate::domain::suite::ExpectedSuite;
use crate::domain::verdict::{ExpectedSet, ExpectedValue, Signature};

/// Reads the expected values of a version; `None` when nobody has evaluated them with this image yet.
///
/// # Errors
/// [`super::Error`] when the database fails.
pub async fn find(pool: &Pool, version: VersionId, image_digest: &str, tests: &TestSet) -> Result<Option<ExpectedSet>> {
    let set = sqlx::query_scalar!(
        "select suite as \"suite: Json<ExpectedSuite>\" from expected_sets where version_id = $1 and image_digest = $2",
        version.0,
        image_digest
    )
    .fetch_optional(pool)
    .await?;
    let Some(suite) = set else {
        return Ok(None);
    };
    let mut values: Vec<Vec<Option<ExpectedValue>>> =
        tests.cases.iter().map(|case| vec![None; case.steps.len()]).collect();
    let rows = sqlx::query!(
        "select case_no, step_no, term, text from expected_values where version_id = $1 and image_digest = $2",
        version.0,
        image_digest
    )
    .fetch_all(pool)
    .await?;
    for row in rows {
        let place = usize::try_from(row.case_no)
            .ok()
            .and_then(|case| values.get_mut(case))
            .zip(usize::try_from(row.step_no).ok())
            .and_then(|(case, step)| case.get_mut(step));
        if let Some(place) = place {
            *place = Some(ExpectedValue { term: row.term, text: String::from_utf8_lossy(&row.text).into_owned() });
        }
    }
    let wrong = sqlx::query!(
        "select signature as \"signature: Json<Signature>\" from wrong_signatures
         where version_id = $1 and image_digest = $2 order by wrong_no",
        version.0,
        image_digest
    )
    .fetch_all(pool)
    .await?;
    let wrong = wrong.into_iter().map(|row| row.signature.0).collect();
    Ok(Some(ExpectedSet { values, wrong, suite: suite.map(|json| json.0).unwrap_or_default() }))
}

/// Keeps what was evaluated. When two workers evaluated at the same time the first one's values stay: they are equal.
///
/// Only values are kept, never that there were none: a failure may have been ours, and is looked at again.
///
/// # Errors
/// [`super::Error`] when the database fails; nothing is kept then.
pub async fn keep(pool: &Pool, version: VersionId, image_digest: &str, set: &ExpectedSet) -> Result<()> {
    let mut tx = begin(pool).await?;
    let first = sqlx::query!(
        "insert into expected_sets (version_id, image_digest, suite) values ($1, $2, $3) on conflict do nothing",
        version.0,
        image_digest,
        (!set.suite.tests.is_empty()).then_some(AsJson(&set.suite)) as _
    )
    .execute(&mut *tx)
    .await?
    .rows_affected();
    if first == 0 {
        return Ok(());
    }
    for (case_no, case) in (0..).zip(&set.values) {
        for (step_no, value) in (0..).zip(case) {
            let Some(value) = value else { continue };
            sqlx::query!(
                "insert into expected_values (version_id, image_digest, case_no, step_no, term, text)
                     values ($1, $2, $3, $4, $5, $6)",
                version.0,
                image_digest,
                case_no,
                step_no,
                value.term,
                value.text.as_bytes()
            )
            .execute(&mut *tx)
            .await?;
        }
    }
    for (wrong_no, signature) in (0..).zip(&set.wrong) {
        sqlx::query!(
            "insert into wrong_signatures (version_id, image_digest, wrong_no, signature) values ($1, $2, $3, $4)",
            version.0,
            image_digest,
            wrong_no,
            AsJson(signature) as _
        )
        .execute(&mut *tx)
        .await?;
    }
    tx.commit().await?;
    Ok(())
}

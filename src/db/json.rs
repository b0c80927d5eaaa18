//! Values that are written to a column of type `json`.

use serde::Serialize;
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::types::Oid;
use sqlx::postgres::{PgArgumentBuffer, PgTypeInfo};
use sqlx::{Encode, Postgres, Type};

/// PostgreSQL's number of the type `json`, the same in every database (`pg_type.dat`).
const JSON: Oid = Oid(114);

/// Written as `json`. [`sqlx::types::Json`] says `jsonb` whatever the column is, and `jsonb` refuses a NUL in a text, which
/// what a learner prints may hold.
#[derive(Debug, Clone, Copy)]
pub(super) struct AsJson<T>(pub T);

impl<T> Type<Postgres> for AsJson<T> {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(JSON)
    }
}

impl<T: Serialize> Encode<'_, Postgres> for AsJson<T> {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        buffer.extend_from_slice(&serde_json::to_vec(&self.0)?);
        Ok(IsNull::No)
    }
}

//! Taking the report of an interleaved run apart.

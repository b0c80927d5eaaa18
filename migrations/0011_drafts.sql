-- What somebody has typed at an exercise and perhaps not sent: one a person and exercise.
create table drafts (
    user_id uuid not null references users (id) on delete cascade,
    exercise_id text not null references exercises (id),
    -- As in submissions: bytes, since source may hold a NUL; with several files a JSON list of {"file", "text"}.
    source bytea not null,
    source_is_files boolean not null,
    -- Another one with every change, never used again: the next change names the one that it replaces.
    revision uuid not null,
    -- The page that wrote it, and which of that page's changes it was: a page may replace its own words without having
    -- heard that they arrived, and an older word of a page that comes late is dropped.
    writer uuid,
    writer_seq bigint not null default 0,
    updated_at timestamptz not null default now(),
    primary key (user_id, exercise_id)
);
create index drafts_exercise_id_idx on drafts (exercise_id);
create index drafts_updated_at_idx on drafts (updated_at);

-- Versions that a draft took the place of without its owner having seen it happen. They stay until the owner chooses.
create table draft_others (
    id uuid primary key,
    user_id uuid not null references users (id) on delete cascade,
    exercise_id text not null references exercises (id),
    source bytea not null,
    source_is_files boolean not null,
    reason text not null check (reason in ('merged', 'sent', 'restored')),
    -- When it was last changed as a draft.
    written_at timestamptz not null
);
create index draft_others_user_id_exercise_id_idx on draft_others (user_id, exercise_id, id desc);
create index draft_others_exercise_id_idx on draft_others (exercise_id);
create index draft_others_written_at_idx on draft_others (written_at);

-- Old submissions judged anew, verdicts reported as wrong, and what was removed for its age.

create table regrades (
    id uuid primary key,
    exercise_id text not null references exercises (id),
    to_version uuid not null references exercise_versions (id),
    -- Submissions from then on.
    since timestamptz,
    -- Whether learners lose what they would not get any more.
    take_back boolean not null default false,
    asked_by text not null,
    state text not null check (state in ('computing', 'applied', 'discarded')),
    submissions integer not null,
    -- What came of it, once it has come to an end.
    outcome json,
    created_at timestamptz not null default now(),
    ended_at timestamptz,
    constraint regrades_end check ((state = 'computing') = (ended_at is null))
);
create unique index regrades_one_computing_per_exercise on regrades (exercise_id) where state = 'computing';
create index regrades_exercise_id_idx on regrades (exercise_id);
create index regrades_to_version_idx on regrades (to_version);

-- The regrade that a grading belongs to. It does not stand before the regrade is applied.
alter table gradings add column regrade_id uuid references regrades (id);
create unique index gradings_regrade_id_submission_id_key on gradings (regrade_id, submission_id)
    where regrade_id is not null;

create table reports (
    id uuid primary key,
    submission_id uuid not null references submissions (id) on delete cascade,
    -- The verdict that is called wrong.
    grading_id uuid not null references gradings (id) on delete cascade,
    words text not null check (length(words) between 1 and 2000),
    created_at timestamptz not null default now(),
    resolved_at timestamptz,
    resolved_by uuid references users (id) on delete set null,
    -- What the learner is told.
    note text check (length(note) <= 2000),
    constraint reports_resolved check ((resolved_at is null) = (note is null))
);
create unique index reports_one_open_per_submission on reports (submission_id) where resolved_at is null;
create index reports_submission_id_idx on reports (submission_id, id desc);
create index reports_grading_id_idx on reports (grading_id);
create index reports_resolved_by_idx on reports (resolved_by);
create index reports_open_idx on reports (id) where resolved_at is null;

-- When the code, or the output and details of a verdict, were removed for their age.
alter table submissions add column source_removed_at timestamptz;
alter table gradings add column details_removed_at timestamptz;
create index submissions_with_source_idx on submissions (created_at) where source_removed_at is null;
create index gradings_with_details_idx on gradings (finished_at)
    where details_removed_at is null and state in ('done', 'superseded', 'cancelled');

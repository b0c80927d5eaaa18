-- The spine: people, versions of exercises, submissions, gradings (the queue) and progress.
-- Ids are UUID version 7, made by the program. Every foreign key has an index.

create table users (
    id uuid primary key,
    role text not null check (role in ('guest', 'learner', 'instructor', 'admin')),
    name text not null,
    email text,
    password_hash text,
    -- A password that somebody else set: good for one sign-in, which asks for a new one.
    password_one_time boolean not null default false,
    created_at timestamptz not null default now(),
    -- An account that a guest's history was merged into leaves nothing behind; a guest has no address.
    constraint users_accounts_have_an_address check ((role = 'guest') = (email is null))
);
create unique index users_email_key on users (email) where email is not null;

create table sessions (
    token_hash bytea primary key check (octet_length(token_hash) = 32),
    user_id uuid not null references users (id) on delete cascade,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null
);
create index sessions_user_id_idx on sessions (user_id);
create index sessions_expires_at_idx on sessions (expires_at);

create table exercises (
    id text primary key,
    lesson text not null,
    title text not null,
    current_version uuid,
    -- Set while no lesson holds the exercise; its history stays.
    retired_at timestamptz
);

create table exercise_versions (
    id uuid primary key,
    exercise_id text not null references exercises (id),
    content_hash bytea not null check (octet_length(content_hash) = 32),
    -- json, not jsonb: a lesson may hold \u0000, which jsonb refuses.
    tests json not null,
    points integer not null check (points >= 0),
    created_at timestamptz not null default now(),
    constraint exercise_versions_exercise_id_content_hash_key unique (exercise_id, content_hash)
);
alter table exercises
    add constraint exercises_current_version_fkey foreign key (current_version) references exercise_versions (id);
create index exercises_current_version_idx on exercises (current_version);

-- That the expected values of a version were evaluated with an image.
create table expected_sets (
    version_id uuid not null references exercise_versions (id) on delete cascade,
    image_digest text not null,
    created_at timestamptz not null default now(),
    primary key (version_id, image_digest)
);

create table expected_values (
    version_id uuid not null,
    image_digest text not null,
    case_no integer not null,
    step_no integer not null,
    term bytea not null,
    text bytea not null,
    primary key (version_id, image_digest, case_no, step_no),
    foreign key (version_id, image_digest) references expected_sets (version_id, image_digest) on delete cascade
);

-- What each wrong answer of a version does in every case.
create table wrong_signatures (
    version_id uuid not null,
    image_digest text not null,
    wrong_no integer not null,
    signature json not null,
    primary key (version_id, image_digest, wrong_no),
    foreign key (version_id, image_digest) references expected_sets (version_id, image_digest) on delete cascade
);

create table submissions (
    id uuid primary key,
    user_id uuid not null references users (id) on delete cascade,
    exercise_id text not null references exercises (id),
    version_id uuid not null references exercise_versions (id),
    kind text not null check (kind in ('run', 'submit')),
    -- bytea, not text: source may hold a NUL, which text refuses.
    source bytea not null,
    idempotency_key uuid not null,
    created_at timestamptz not null default now(),
    constraint submissions_user_id_idempotency_key_key unique (user_id, idempotency_key)
);
create index submissions_user_id_exercise_id_idx on submissions (user_id, exercise_id, id desc);
create index submissions_exercise_id_idx on submissions (exercise_id, id desc);
create index submissions_version_id_idx on submissions (version_id);

-- One attempt at judging a submission. The row is the queue.
create table gradings (
    id uuid primary key,
    submission_id uuid not null references submissions (id) on delete cascade,
    -- Copied from the submission, so that queue and history need no join.
    user_id uuid not null references users (id) on delete cascade,
    exercise_id text not null references exercises (id),
    version_id uuid not null references exercise_versions (id),
    kind text not null check (kind in ('run', 'submit')),
    reason text not null check (reason in ('first', 'retry', 'regrade')),
    state text not null check (state in ('queued', 'running', 'done', 'superseded', 'cancelled')),
    -- The grading whose verdict counts; one a submission.
    standing boolean not null default true,
    queued_at timestamptz not null default clock_timestamp(),
    -- Not before this: the back-off after a fault of ours.
    run_after timestamptz not null default now(),
    attempts integer not null default 0,
    lease_token uuid,
    lease_until timestamptz,
    worker text,
    started_at timestamptz,
    finished_at timestamptz,
    verdict text check (verdict in ('passed', 'failed', 'compile_error', 'crashed', 'timeout', 'memory_exceeded',
        'output_exceeded', 'not_graded')),
    -- The verdict as the learner may see it: what a filter or a count that learners can reach may use.
    shown_verdict text,
    points integer,
    -- Diagnostics, output and remarks that belong to no case.
    remarks json,
    timings json,
    constraint gradings_done_has_a_verdict check ((state = 'done') = (verdict is not null)),
    constraint gradings_running_has_a_lease check ((state = 'running') = (lease_token is not null))
);
-- At most one running grading a learner; regrades apart.
create unique index gradings_one_running_per_learner on gradings (user_id) where state = 'running' and reason <> 'regrade';
create unique index gradings_one_standing_per_submission on gradings (submission_id) where standing;
create index gradings_queue_idx on gradings (user_id, queued_at) where state = 'queued';
create index gradings_lease_until_idx on gradings (lease_until) where state = 'running';
create index gradings_submission_id_idx on gradings (submission_id);
create index gradings_version_id_idx on gradings (version_id);
-- History, newest first, by each filter an instructor has.
create index gradings_history_idx on gradings (submission_id desc) where standing;
create index gradings_history_user_idx on gradings (user_id, submission_id desc) where standing;
create index gradings_history_exercise_idx on gradings (exercise_id, submission_id desc) where standing;
create index gradings_history_verdict_idx on gradings (verdict, submission_id desc) where standing;
create index gradings_history_exercise_verdict_idx on gradings (exercise_id, verdict, submission_id desc) where standing;
create index gradings_history_user_exercise_idx on gradings (user_id, exercise_id, submission_id desc) where standing;

-- When somebody was last served, which decides who waits longest.
create table turns (
    user_id uuid primary key references users (id) on delete cascade,
    served_at timestamptz not null
);

create table case_results (
    grading_id uuid not null references gradings (id) on delete cascade,
    case_no integer not null,
    name text not null,
    hidden boolean not null,
    outcome text not null check (outcome in ('passed', 'failed', 'raised', 'timeout', 'crashed', 'not_reached', 'not_graded')),
    detail json not null,
    primary key (grading_id, case_no)
);

-- Provisional results while a grading runs; gone with its verdict.
create table submission_events (
    grading_id uuid not null references gradings (id) on delete cascade,
    seq integer not null,
    lease_token uuid not null,
    event json not null,
    primary key (grading_id, seq)
);

create table progress (
    user_id uuid not null references users (id) on delete cascade,
    exercise_id text not null references exercises (id),
    -- Verdicts of *submit* that count.
    attempts integer not null default 0,
    best_points integer not null default 0,
    passed_at timestamptz,
    begun_at timestamptz not null default now(),
    primary key (user_id, exercise_id)
);
create index progress_exercise_id_idx on progress (exercise_id);

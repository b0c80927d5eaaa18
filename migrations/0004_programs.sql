-- Program runs and blocks of a lesson: short-lived rows through which the site, which has no Docker, asks a worker.

create table program_runs (
    id uuid primary key,
    kind text not null check (kind in ('program', 'block')),
    language text not null,
    -- bytea, not text: both may hold a NUL, which text refuses. Of a block, a JSON list of its expressions.
    code bytea not null,
    input bytea not null,
    -- Who asked: for the limit on how much one may have waiting, and for who may see a block's result.
    requester text not null,
    -- Whether somebody reads the output as it comes.
    streams boolean not null default false,
    state text not null check (state in ('queued', 'running', 'done', 'failed', 'cancelled')),
    queued_at timestamptz not null default clock_timestamp(),
    -- By then whoever waits has given up.
    expires_at timestamptz not null,
    attempts integer not null default 0,
    lease_token uuid,
    lease_until timestamptz,
    worker text,
    started_at timestamptz,
    finished_at timestamptz,
    -- json, not jsonb: output may hold \u0000, which jsonb refuses.
    result json,
    -- Why it failed, when that was our doing.
    fault text,
    constraint program_runs_done_has_a_result check ((state = 'done') = (result is not null)),
    constraint program_runs_running_has_a_lease check ((state = 'running') = (lease_token is not null))
);
create index program_runs_queue_idx on program_runs (kind, queued_at) where state = 'queued';
create index program_runs_open_idx on program_runs (requester) where state in ('queued', 'running');
create index program_runs_lease_until_idx on program_runs (lease_until) where state = 'running';
create index program_runs_queued_at_idx on program_runs (queued_at);

-- Output as it comes, for whoever streams it; gone with the run.
create table program_output (
    run_id uuid not null references program_runs (id) on delete cascade,
    attempt integer not null,
    seq integer not null,
    stream text not null check (stream in ('stdout', 'stderr')),
    text bytea not null,
    primary key (run_id, attempt, seq)
);

-- The languages that each worker can run, and when it last said so.
create table worker_languages (
    worker text not null,
    language text not null,
    detail json not null,
    seen_at timestamptz not null,
    primary key (worker, language)
);

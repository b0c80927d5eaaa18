-- Consoles: IEx on a worker's machine, and a reader on the site, which meet in these rows. docs/decisions/0013-console-channel.md

create table consoles (
    id uuid primary key,
    user_id uuid not null references users (id) on delete cascade,
    -- What it was opened from, and the path that leads back there.
    title text not null,
    back text not null,
    -- bytea, not text: code may hold a NUL. JSON: the files to load and the lines to type. Gone once it has ended.
    start bytea not null,
    state text not null check (state in ('queued', 'running', 'ended')),
    opened_at timestamptz not null default clock_timestamp(),
    -- Until then somebody is there. The site renews it for as long as a page is open.
    attached_until timestamptz not null,
    lease_token uuid,
    lease_until timestamptz,
    worker text,
    started_at timestamptz,
    ended_at timestamptz,
    -- Why it ended.
    reason text,
    constraint consoles_running_has_a_lease check ((state = 'running') = (lease_token is not null)),
    constraint consoles_ended_has_a_reason check ((state = 'ended') = (reason is not null))
);
-- One of a person; others of theirs have ended.
create unique index consoles_one_each_idx on consoles (user_id) where state in ('queued', 'running');
create index consoles_user_id_idx on consoles (user_id);
create index consoles_queue_idx on consoles (opened_at) where state = 'queued';
create index consoles_lease_until_idx on consoles (lease_until) where state = 'running';
create index consoles_ended_at_idx on consoles (ended_at) where state = 'ended';

-- What was typed and no worker has taken yet; removed as it is taken.
create table console_inputs (
    id bigint generated always as identity primary key,
    console_id uuid not null references consoles (id) on delete cascade,
    kind text not null check (kind in ('lines', 'interrupt')),
    text bytea not null
);
create index console_inputs_console_id_idx on console_inputs (console_id, id);

-- What is shown, in its order: output, prompts, lines as they were taken, and what we say ourselves. The oldest are removed.
create table console_pieces (
    console_id uuid not null references consoles (id) on delete cascade,
    seq integer not null,
    kind text not null check (kind in ('output', 'prompt', 'typed', 'note')),
    text bytea not null,
    primary key (console_id, seq)
);

-- Who grades, and whether they can: so that the site can say that a wait is our fault.
create table workers (
    name text primary key,
    seen_at timestamptz not null default now(),
    well boolean not null,
    -- Why not; for operators.
    fault text,
    constraint workers_unwell_say_why check (well = (fault is null))
);

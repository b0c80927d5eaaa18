-- How many containers somebody wishes to be warm, and until when: before a class. Workers look here; the largest counts.
create table pool_wishes (
    id uuid primary key,
    count integer not null check (count between 1 and 10000),
    until timestamptz not null,
    made_at timestamptz not null default now()
);

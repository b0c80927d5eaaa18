-- Hints that somebody opened, so that they stay open, and an instructor sees what an answer was found with.
create table hints_opened (
    user_id uuid not null references users (id) on delete cascade,
    exercise_id text not null references exercises (id),
    -- Place of the hint among those of its exercise, from 1.
    hint_no smallint not null check (hint_no > 0),
    opened_at timestamptz not null default now(),
    primary key (user_id, exercise_id, hint_no)
);
create index hints_opened_exercise_id_idx on hints_opened (exercise_id);

-- Whose turn it is, kept true by the database itself: a claim looks at one row, however much waits.

-- The unique index on standing gradings lists them by submission just as well.
drop index gradings_history_idx;

alter table turns
    alter column served_at set default '-infinity',
    -- Gradings that wait, regrades apart.
    add column waiting integer not null default 0,
    -- Since when: the later of the end of their last run and the oldest grading that waits. Null while none does.
    add column waits_since timestamptz,
    -- Before this, all that waits is backing off after a fault of ours.
    add column ready_at timestamptz,
    add column running boolean not null default false;
-- Those with one running are in it too: they are few, and a place in the queue is counted with them.
create index turns_next_idx on turns (waits_since) where waits_since is not null;
create index gradings_regrades_idx on gradings (queued_at) where state = 'queued' and reason = 'regrade';

-- Counts anew what waits and runs for a learner. Their row is locked first: each statement of a function sees what was
-- committed before that statement began, so that of two changes at once the later count has both.
create function count_turn(learner uuid, served boolean) returns void language plpgsql as $$
begin
    perform 1 from turns where user_id = learner for update;
    if not found then
        -- Nothing waits for somebody who is gone.
        insert into turns (user_id) select id from users where id = learner on conflict do nothing;
        perform 1 from turns where user_id = learner for update;
    end if;
    if served then
        update turns set served_at = clock_timestamp() where user_id = learner;
    end if;
    update turns t
    set waiting = w.waiting, ready_at = w.ready_at,
        waits_since = case when w.waiting > 0 then greatest(t.served_at, w.since) end,
        running = exists (
            select 1 from gradings r where r.user_id = learner and r.state = 'running' and r.reason <> 'regrade')
    from (
        select count(*) as waiting, min(run_after) as ready_at, min(queued_at) as since
        from gradings where user_id = learner and state = 'queued' and reason <> 'regrade') w
    where t.user_id = learner;
end
$$;

create function gradings_keep_turns() returns trigger language plpgsql as $$
begin
    if tg_op <> 'INSERT' and (tg_op = 'DELETE' or old.user_id <> new.user_id) then
        perform count_turn(old.user_id, false);
    end if;
    if tg_op = 'INSERT' then
        perform count_turn(new.user_id, false);
    elsif tg_op = 'UPDATE' then
        -- Somebody waits again from the end of their last run, not from its beginning: else whoever has many waiting
        -- would have waited longer than one who came while the last of them ran. What is handed back keeps its place.
        perform count_turn(new.user_id, old.state = 'running' and new.state in ('done', 'cancelled'));
    end if;
    return null;
end
$$;

create trigger gradings_turn_inserted after insert on gradings
    for each row when (new.reason <> 'regrade') execute function gradings_keep_turns();
create trigger gradings_turn_updated after update of state, user_id, reason, queued_at, run_after on gradings
    for each row when (old.reason <> 'regrade' or new.reason <> 'regrade') execute function gradings_keep_turns();
create trigger gradings_turn_deleted after delete on gradings
    for each row when (old.reason <> 'regrade' and old.state in ('queued', 'running'))
    execute function gradings_keep_turns();

select count_turn(user_id, false) from (
    select distinct user_id from gradings where state in ('queued', 'running') and reason <> 'regrade') present;

-- Who grades now, and how fast: what an estimate of a wait rests on. A row that nobody renewed for a while says nothing.
create table paces (
    name text primary key,
    at_once integer not null check (at_once > 0),
    -- Moving average of the time from claim to commit, in milliseconds; null before the first verdict.
    service_ms double precision,
    -- Whether its sandbox takes jobs.
    well boolean not null,
    seen_at timestamptz not null default clock_timestamp()
);

-- Formatting goes through the same queue as program runs and blocks: the site has no Elixir of its own.

alter table program_runs drop constraint program_runs_kind_check;
alter table program_runs add constraint program_runs_kind_check check (kind in ('program', 'block', 'format'));

-- A submission of several files: `source` then is a JSON list of {"file", "text"}, in one column still, so that whatever
-- compares, keeps or removes the code does so with all of it.
alter table submissions add column source_is_files boolean not null default false;

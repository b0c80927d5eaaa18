-- What programs show instead of a session. Only the hash of a token is here: whoever reads this table can use none.

create table api_tokens (
    id uuid primary key,
    user_id uuid not null references users (id) on delete cascade,
    name text not null check (length(name) between 1 and 80),
    token_hash bytea not null check (octet_length(token_hash) = 32),
    scopes text[] not null check (cardinality(scopes) > 0 and scopes <@ array['run', 'submit', 'read', 'review']),
    created_at timestamptz not null default now(),
    -- Null is never.
    expires_at timestamptz,
    -- To within some minutes: a write for every request would cost more than it tells.
    last_used_at timestamptz,
    revoked_at timestamptz,
    constraint api_tokens_token_hash_key unique (token_hash)
);
create index api_tokens_user_id_idx on api_tokens (user_id, id desc);

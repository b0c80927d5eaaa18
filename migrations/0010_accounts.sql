-- Mail that waits to be sent, links that reset a password, and accounts elsewhere that sign somebody in.

create table mails (
    id uuid primary key,
    kind text not null check (kind in ('reset', 'address_changed', 'password_changed')),
    -- For a reset what was typed, whoever it belongs to: that it is somebody's is found out only when it is sent, so that
    -- asking costs the same for every address.
    recipient text not null check (length(recipient) <= 254),
    tries integer not null default 0,
    -- Not before this: the back-off after a failure, and the lease of whoever is sending it.
    send_after timestamptz not null default now(),
    created_at timestamptz not null default now()
);
create index mails_send_after_idx on mails (send_after);
create index mails_recipient_idx on mails (recipient);

-- A link in a mail, good for one new password. Only the hash of its token is here.
create table password_resets (
    token_hash bytea primary key check (octet_length(token_hash) = 32),
    user_id uuid not null references users (id) on delete cascade,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null
);
create index password_resets_user_id_idx on password_resets (user_id);
create index password_resets_expires_at_idx on password_resets (expires_at);

-- Accounts of another site (OpenID Connect) that sign in to one of ours. An address never links: it can be anybody's word.
create table identities (
    issuer text not null,
    subject text not null,
    user_id uuid not null references users (id) on delete cascade,
    created_at timestamptz not null default now(),
    primary key (issuer, subject)
);
create index identities_user_id_idx on identities (user_id);

-- Somebody who was sent to that site and has not come back yet.
create table openid_flows (
    state_hash bytea primary key check (octet_length(state_hash) = 32),
    -- The browser that was sent: another one that comes with its state is not let in.
    browser_hash bytea not null check (octet_length(browser_hash) = 32),
    nonce text not null,
    -- Proves to the other site that whoever comes with its code is whoever was sent (PKCE).
    verifier text not null,
    next text not null,
    bring boolean not null,
    -- The account that is to be connected; null where somebody signs in.
    user_id uuid references users (id) on delete cascade,
    expires_at timestamptz not null
);
create index openid_flows_user_id_idx on openid_flows (user_id);
create index openid_flows_expires_at_idx on openid_flows (expires_at);

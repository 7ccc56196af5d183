-- Letters that wait to be sent, and who asked for a chat by e-mail. Addresses and bodies are erased
-- as soon as a letter has ended.
create table mail (
    id            uuid primary key default uuidv7(),
    workspace_id  uuid not null references workspace,
    chat_id       uuid not null references chat on delete cascade,
    kind          text not null check (kind in ('code', 'transcript')),
    state         text not null default 'waiting' check (state in ('waiting', 'sending', 'sent', 'failed')),
    address       text,
    address_hash  bytea not null,
    subject       text,
    body_text     text,
    body_html     text,
    language      text not null,
    attempts      integer not null default 0,
    failure       text,
    created_at    timestamptz not null default now(),
    next_at       timestamptz not null default now(),
    give_up_at    timestamptz not null,
    claimed_until timestamptz,
    ended_at      timestamptz,
    check ((state in ('sent', 'failed')) = (ended_at is not null)),
    check ((ended_at is null) = (address is not null)),
    check ((ended_at is null) = (body_text is not null))
);
create index mail_due on mail (next_at) where state = 'waiting';
create index mail_sending on mail (claimed_until) where state = 'sending';
create index mail_chat on mail (chat_id);
create index mail_ended on mail (ended_at) where ended_at is not null;
comment on column mail.claimed_until is
    'a letter that is still being sent then has an unknown end, and is never sent again';
comment on column mail.address_hash is 'keyed: the address cannot be guessed from it';

create table mail_request (
    id            uuid primary key default uuidv7(),
    workspace_id  uuid not null references workspace,
    session_id    uuid not null references visitor_session on delete cascade,
    chat_id       uuid references chat on delete set null,
    address       text,
    address_hash  bytea not null,
    code_hash     bytea,
    tries_left    integer not null default 5,
    language      text not null,
    code_mail     uuid references mail on delete set null,
    mail          uuid references mail on delete set null,
    created_at    timestamptz not null default now(),
    expires_at    timestamptz not null,
    confirmed_at  timestamptz
);
create index mail_request_counted on mail_request (workspace_id, created_at);
create index mail_request_session on mail_request (session_id);
create index mail_request_age on mail_request (created_at);
create index mail_request_chat on mail_request (chat_id);

-- What a page of the AI SDK calls a chat; known in its session alone.
alter table chat add column alias text check (length(alias) between 1 and 100);
create unique index chat_alias on chat (session_id, alias) where alias is not null;

-- Images from visitors, as the relay wrote them anew. Without a chat they were never sent, and go after a day.
create table attachment (
    id            uuid primary key default gen_random_uuid(),
    workspace_id  uuid not null references workspace,
    session_id    uuid not null references visitor_session on delete cascade,
    chat_id       uuid references chat on delete cascade,
    media_type    text not null check (media_type in ('image/jpeg', 'image/png')),
    width         integer not null check (width between 1 and 2048),
    height        integer not null check (height between 1 and 2048),
    content       bytea not null check (octet_length(content) <= 8388608),
    thumbnail     bytea not null check (octet_length(thumbnail) <= 524288),
    created_at    timestamptz not null default now()
);
-- Compressed already: kept out of line as they are.
alter table attachment alter column content set storage external;
alter table attachment alter column thumbnail set storage external;
create index attachment_session on attachment (session_id);
create index attachment_chat on attachment (chat_id);
create index attachment_unsent on attachment (created_at) where chat_id is null;

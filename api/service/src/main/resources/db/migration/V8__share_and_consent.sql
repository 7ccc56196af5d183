-- Links to chats as they were, and what visitors agreed to.
create table share_link (
    id            uuid primary key default uuidv7(),
    workspace_id  uuid not null references workspace,
    session_id    uuid not null references visitor_session,
    chat_id       uuid not null references chat on delete cascade,
    token_hash    bytea not null unique,
    seq           bigint not null,
    message_ids   text[] not null check (cardinality(message_ids) between 1 and 10000),
    attachments   boolean not null default false,
    created_at    timestamptz not null default now(),
    expires_at    timestamptz not null,
    revoked_at    timestamptz
);
create index share_link_session on share_link (session_id);
create index share_link_chat on share_link (chat_id);
create index share_link_workspace on share_link (workspace_id, created_at);
create index share_link_ended on share_link (least(revoked_at, expires_at));

comment on column share_link.seq is 'last of the chat''s stream when it was frozen';
comment on column share_link.message_ids is
    'the history at that moment: messages never change, so this is the snapshot';

-- What a site asks its visitors to agree to. A new text is a new version.
create table consent_text (
    workspace_id  uuid not null references workspace,
    version       integer not null check (version > 0),
    text          text not null check (length(text) between 1 and 4000),
    created_at    timestamptz not null default now(),
    primary key (workspace_id, version)
);

alter table workspace add column consent_version integer;
alter table workspace add foreign key (id, consent_version) references consent_text (workspace_id, version);
comment on column workspace.consent_version is 'which text is asked for; null asks for none';

-- Who agreed to what, and when.
create table visitor_consent (
    session_id    uuid not null references visitor_session on delete cascade,
    workspace_id  uuid not null,
    version       integer not null,
    at            timestamptz not null default now(),
    primary key (session_id, version),
    foreign key (workspace_id, version) references consent_text (workspace_id, version)
);

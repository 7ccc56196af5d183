-- Base tables of the main job. Every row belongs to a workspace, every query names it.
-- Times come from the database's clock. States are drawn in docs/states.md.

create table workspace (
    id          uuid primary key default uuidv7(),
    slug        text not null unique check (slug ~ '^[a-z0-9][a-z0-9-]{0,39}$'),
    title       text not null check (length(title) between 1 and 120),
    greeting    text check (length(greeting) <= 2000),
    created_at  timestamptz not null default now()
);

-- Symmetric keys for visitor and worker JWTs; `wrapped` is AES-GCM under the master key, which is
-- a file and never in the database.
create table signing_key (
    kid           text primary key,
    alg           text not null check (alg in ('HS256')),
    wrapped       bytea not null,
    state         text not null check (state in ('next', 'active', 'retired')),
    created_at    timestamptz not null default now(),
    activated_at  timestamptz,
    retire_at     timestamptz
);
create unique index signing_key_active on signing_key (alg) where state = 'active';

create table access_code (
    id            uuid primary key default uuidv7(),
    workspace_id  uuid not null references workspace,
    public_id     text not null check (public_id ~ '^[0-9A-HJKMNP-TV-Z]{4}$'),
    secret_hash   text not null,
    label         text not null default '',
    generation    integer not null default 1,
    expires_at    timestamptz,
    revoked_at    timestamptz,
    created_at    timestamptz not null default now(),
    last_used_at  timestamptz,
    unique (workspace_id, public_id)
);

create table visitor_session (
    id                uuid primary key default uuidv7(),
    workspace_id      uuid not null references workspace,
    access_code_id    uuid not null references access_code,
    generation        integer not null,
    refresh_hash      bytea not null,
    expires_at        timestamptz not null,
    revoked_at        timestamptz,
    created_at        timestamptz not null default now(),
    refreshed_at      timestamptz not null default now()
);
create unique index visitor_session_refresh on visitor_session (refresh_hash);
create index visitor_session_expiry on visitor_session (expires_at);

-- Spent refresh secrets, so that a second use is recognised and ends the family.
create table spent_refresh (
    refresh_hash  bytea primary key,
    session_id    uuid not null references visitor_session on delete cascade,
    spent_at      timestamptz not null default now()
);

create table worker (
    id            uuid primary key default uuidv7(),
    workspace_id  uuid not null references workspace,
    name          text not null,
    token_id      text not null unique,
    token_hash    bytea not null unique,
    public_key    bytea,
    model         text,
    model_kind    text check (model_kind in ('llm', 'guide')),
    version       text,
    draining      boolean not null default false,
    last_seen_at  timestamptz,
    revoked_at    timestamptz,
    created_at    timestamptz not null default now()
) with (fillfactor = 70);
create index worker_workspace on worker (workspace_id);

-- One ordered log of frames. The row lock orders its writers; last_seq is the last frame's number.
create table stream (
    id            uuid primary key default uuidv7(),
    workspace_id  uuid not null references workspace,
    kind          text not null check (kind in ('chat')),
    last_seq      bigint not null default 0,
    retained_from bigint not null default 1,
    created_at    timestamptz not null default now()
) with (fillfactor = 70);

-- A chat's stream has the chat's id.
create table chat (
    id               uuid primary key references stream,
    workspace_id     uuid not null references workspace,
    session_id       uuid not null references visitor_session,
    title            text,
    created_at       timestamptz not null default now(),
    last_message_at  timestamptz not null default now()
);
create index chat_session on chat (session_id, last_message_at desc);

-- A finished message: the visitor's when stored, the answer's when its run ends.
create table message (
    chat_id       uuid not null references chat on delete cascade,
    id            text not null check (id ~ '^[A-Za-z0-9_-]{1,64}$'),
    workspace_id  uuid not null references workspace,
    ordinal       bigint not null,
    role          text not null check (role in ('user', 'assistant')),
    parts         jsonb not null,
    metadata      jsonb,
    answers       text,
    created_at    timestamptz not null default now(),
    primary key (chat_id, id),
    unique (chat_id, ordinal),
    check ((role = 'assistant') = (answers is not null))
);

comment on column message.ordinal is
    'twice its run''s ordinal, for the answer one more: an answer stands right behind its question';
comment on column message.answers is 'of an answer: the visitor''s message';

-- Queue: only a stream's head run is ready or running, so the claim needs no ordering per stream.
create table run (
    id              bigint generated always as identity primary key,
    workspace_id    uuid not null references workspace,
    stream_id       uuid not null references stream,
    kind            text not null check (kind in ('chat')),
    pool            text not null,
    state           text not null check (state in
                        ('waiting', 'ready', 'running', 'done', 'failed', 'cancelled')),
    priority        integer not null default 100,
    ordinal         bigint not null,
    message_id      text not null,
    answer_id       text not null,
    attempt         integer not null default 0,
    fence           bigint not null default 0,
    lease_token     uuid,
    ended_token     uuid,
    worker_id       uuid references worker,
    claim_key       uuid,
    accepted_at     timestamptz,
    lease_until     timestamptz,
    deadline_at     timestamptz,
    next_batch      integer not null default 1,
    opened          boolean not null default false,
    accepted_seq    bigint not null,
    first_seq       bigint,
    settled_seq     bigint,
    failure_code    text,
    failure_text    text,
    retryable       boolean,
    created_at      timestamptz not null default now(),
    ready_at        timestamptz,
    ended_at        timestamptz,
    unique (stream_id, ordinal),
    check ((state = 'running') = (lease_token is not null)),
    check ((state = 'running') = (lease_until is not null)),
    check ((state in ('done', 'failed', 'cancelled')) = (ended_at is not null))
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 500,
        autovacuum_vacuum_cost_delay = 0);
create unique index run_answer on run (stream_id, answer_id);
create index run_message on run (stream_id, message_id);
create index run_claim on run (workspace_id, pool, priority, id) where state = 'ready';
create index run_reap on run (lease_until) where state = 'running';
create index run_promote on run (stream_id, ordinal) where state = 'waiting';
create unique index run_head on run (stream_id) where state in ('ready', 'running');

comment on column run.ended_token is
    'the lease with which the worker last ended, failed or released it: so that a repeated call is known';
comment on column run.accepted_seq is 'last seq of the stream when the turn was accepted';
comment on column run.first_seq is 'the run''s frames begin after this seq: replay without a cursor starts there';
comment on column run.settled_seq is
    'frames up to here are behind a checkpoint or already superseded; a dead attempt''s later ones are not';
comment on column run.ready_at is 'when it became the head of its stream';
comment on column run.fence is 'rises with each claim, reap and release';

-- One stored batch of frames, one JSON object per line of `frames`, seq first_seq to last_seq.
create table event (
    stream_id     uuid not null references stream,
    first_seq     bigint not null,
    last_seq      bigint not null,
    workspace_id  uuid not null references workspace,
    run_id        bigint references run,
    fence         bigint,
    batch         integer,
    kind          text not null check (kind in ('message', 'frames', 'reset', 'done', 'failed', 'cancelled')),
    frames        text not null,
    at            timestamptz not null default now(),
    primary key (stream_id, last_seq),
    check (last_seq >= first_seq)
);
-- Answered once, whatever the code above does.
create unique index event_done on event (run_id) where kind = 'done';
create index event_run on event (run_id, first_seq);

create table checkpoint (
    run_id        bigint not null references run on delete cascade,
    workspace_id  uuid not null references workspace,
    step          integer not null check (step > 0),
    fence         bigint not null,
    state         text not null check (octet_length(state) <= 262144),
    at            timestamptz not null default now(),
    primary key (run_id, step)
);

create table audit_entry (
    id            bigint generated always as identity primary key,
    workspace_id  uuid references workspace,
    at            timestamptz not null default now(),
    actor         text not null,
    action        text not null,
    subject       text,
    detail        jsonb
);
create index audit_entry_at on audit_entry (workspace_id, at);

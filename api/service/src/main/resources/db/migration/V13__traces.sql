-- What a run did, call by call, and what a worker wants to have with a chat's next turn. Both come with checkpoints and go with
-- their chat; spans after a week.
create table trace_span (
    run_id            bigint not null references run on delete cascade,
    workspace_id      uuid not null references workspace,
    span_id           text not null check (length(span_id) between 1 and 200),
    attempt           integer not null,
    step              integer not null check (step > 0),
    kind              text not null check (kind in ('model', 'compact', 'tool')),
    name              text not null,
    started_at        timestamptz not null,
    ms                bigint not null check (ms >= 0),
    first_ms          bigint,
    outcome           text not null,
    tokens_in         bigint,
    tokens_out        bigint,
    tokens_cached     bigint,
    tokens_reasoning  bigint,
    cost              numeric,
    input             text check (length(input) <= 8000),
    output            text check (length(output) <= 8000),
    stored_at         timestamptz not null default now(),
    primary key (run_id, span_id)
);
create index trace_span_stored on trace_span (stored_at);
comment on column trace_span.started_at is 'By the worker''s clock.';
comment on column trace_span.tokens_in is 'Null: the provider did not say. Never zero for unknown.';

create table agent_snapshot (
    stream_id     uuid primary key references stream on delete cascade,
    workspace_id  uuid not null references workspace,
    run_id        bigint not null,
    state         text not null check (octet_length(state) <= 65536),
    at            timestamptz not null default now()
);

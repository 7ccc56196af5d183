-- Terminal sessions of workers: metadata alone, as their workers report it. What is typed and shown
-- passes the relay encrypted and is stored nowhere here.
create table terminal_session (
    id            uuid primary key,
    workspace_id  uuid not null references workspace,
    worker_id     uuid not null references worker on delete cascade,
    name          text not null check (length(name) between 1 and 64),
    status        text not null check (status in ('running', 'exited', 'lost')),
    columns       integer not null check (columns between 2 and 500),
    rows          integer not null check (rows between 2 and 300),
    exit_code     integer,
    created_at    timestamptz not null,
    closed_at     timestamptz,
    check ((status = 'running') = (closed_at is null)),
    check ((status = 'exited') = (exit_code is not null))
) with (fillfactor = 80);
create index terminal_session_worker on terminal_session (worker_id, closed_at);
create index terminal_session_workspace on terminal_session (workspace_id, created_at);

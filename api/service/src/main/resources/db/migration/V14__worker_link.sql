-- Which relay holds a worker's link. A hint for devices that came to another one: a relay that died
-- leaves its row behind, so a row counts only while it is touched.
create table worker_link (
    worker_id     uuid primary key references worker on delete cascade,
    workspace_id  uuid not null references workspace,
    replica       text not null check (replica ~ '^[A-Za-z0-9._-]{1,64}$'),
    connected_at  timestamptz not null default now(),
    seen_at       timestamptz not null default now()
) with (fillfactor = 70);

-- What a run needs, what a workspace may have running at once, and which process of a worker holds a run.

alter table workspace
    add column max_running integer check (max_running between 1 and 1000),
    add column needs       text[] not null default '{}' check (cardinality(needs) <= 16),
    add column priority    integer not null default 100 check (priority between 0 and 1000);

comment on column workspace.max_running is 'runs at once; null is as many as the workers take';
comment on column workspace.needs is 'what its runs need from a worker, sorted; given to each run when it is queued';

alter table run
    add column needs    text[] not null default '{}',
    add column instance uuid;

comment on column run.needs is 'tags that a worker must offer to claim it, sorted: equal needs are equal arrays';
comment on column run.instance is 'the process of its worker that claimed it last';
comment on column run.priority is 'less goes first';

alter table worker
    add column instance uuid,
    add column replaced uuid[] not null default '{}';

comment on column worker.instance is 'the process that opened the last session';
comment on column worker.replaced is 'its last predecessors, which get no session any more';

-- A claim looks at each set of needs once, at the first row of those that fit, and at no other.
drop index run_claim;
create index run_claim on run (workspace_id, pool, needs, priority, ready_at, id) where state = 'ready';

-- Finds the runs of a claim key, of a worker, and counts those of a workspace.
create index run_held on run (workspace_id, worker_id, claim_key) where state = 'running';

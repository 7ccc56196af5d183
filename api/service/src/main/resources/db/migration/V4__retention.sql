-- What is forgotten, and when. The events of a stream are dropped from its beginning only, so that
-- stream.retained_from tells all there is to know about what is missing.
alter table workspace add column retain_days integer not null default 90
    check (retain_days between 1 and 3650);
comment on column workspace.retain_days is
    'a chat without a message for so many days is deleted, with everything in it';

alter table run add column compacted_at timestamptz;
comment on column run.compacted_at is
    'when its last event was dropped; a retry that came later makes new ones';

-- Ended runs whose events are still there, the oldest first.
create index run_compact on run (ended_at, id)
    where ended_at is not null and (compacted_at is null or compacted_at < ended_at);
create index chat_age on chat (workspace_id, last_message_at);
create index audit_entry_age on audit_entry (at);
-- A session's deletion must not read all spent secrets of all others.
create index spent_refresh_session on spent_refresh (session_id);

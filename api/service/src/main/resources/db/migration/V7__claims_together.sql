-- Two checks less per event and per message. Both rows name their stream or chat, which names its
-- workspace; the statement that writes them takes the workspace from there. Each check locked the
-- workspace's row, the same for all writers.
alter table event drop constraint event_workspace_id_fkey;
alter table message drop constraint message_workspace_id_fkey;

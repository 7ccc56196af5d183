-- What a visitor says about answers, one message to come back to, and messages that were worded anew.
create table feedback (
    chat_id       uuid not null,
    message_id    text not null,
    workspace_id  uuid not null references workspace,
    verdict       text not null check (verdict in ('up', 'down')),
    words         text check (length(words) <= 2000),
    at            timestamptz not null default now(),
    primary key (chat_id, message_id),
    foreign key (chat_id, message_id) references message (chat_id, id) on delete cascade
);
create index feedback_workspace on feedback (workspace_id, at);

alter table chat add column pinned text;

alter table message add column replaced_at timestamptz;
comment on column message.replaced_at is
    'when the visitor worded the question anew: it and its answers are history no longer';

-- Endpoints that a site's visitors may use with keys of their own; nothing of such chats is ever stored.
alter table workspace add column own_models text[] not null default '{}' check (cardinality(own_models) <= 16);

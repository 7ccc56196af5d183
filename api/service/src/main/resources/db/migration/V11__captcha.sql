-- Solutions that were used, until they would have expired anyway.
create table spent_captcha (
    signature   bytea primary key,
    expires_at  timestamptz not null
);
create index spent_captcha_expiry on spent_captcha (expires_at);

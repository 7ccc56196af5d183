-- When the nonce of the worker's last session was made. A later session needs a later nonce, so each
-- nonce counts once on every replica, and nobody can use up another's.
alter table worker add column proven_at timestamptz;

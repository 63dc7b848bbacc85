create table agentos.event (
  pos bigint primary key check (pos > 0),
  stream text collate "C" not null,
  seq integer not null check (seq > 0),
  hash text collate "C" not null check (hash ~ '^[0-9a-f]{64}$'),
  prev_hash text collate "C",
  body text not null check (octet_length(body) <= 16384 + 74),
  unique (stream, seq)
);

create table agentos.blob (
  sha256 text collate "C" primary key,
  bytes bytea not null check (encode(sha256(bytes), 'hex') = sha256)
);

create table agentos.effect (
  key text collate "C" primary key,
  stream text collate "C" not null,
  seq integer not null,
  ordinal integer not null,
  type text not null,
  body text not null,
  due_at text collate "C",
  ready_at text collate "C" not null,
  status text not null check (status in ('due', 'attempted', 'done', 'abandoned')),
  attempts integer not null,
  attempted_at text collate "C",
  reason text
);
create index effect_ready on agentos.effect (ready_at, stream, seq, ordinal) where status in ('due', 'attempted');
create index effect_open on agentos.effect (stream, seq, ordinal) where status in ('due', 'attempted');
create index effect_order on agentos.effect (stream, seq, ordinal);

create table agentos.lease (
  stream text collate "C" primary key,
  owner text not null,
  until text collate "C" not null
);

create table agentos.delivery (
  arrival bigint generated always as identity primary key,
  delivery_id text collate "C" not null unique,
  semantic_key text collate "C" not null unique,
  repository text collate "C",
  event text not null,
  payload bytea not null,
  received_at text collate "C" not null,
  status text not null default 'waiting' check (status in ('waiting', 'handled')),
  owner text,
  until text collate "C",
  takes integer not null default 0
);
create index delivery_waiting on agentos.delivery (repository, arrival) where status = 'waiting';

-- A gap in the log or a fork of a stream is refused whoever writes it.
create function agentos.refuse_broken_chain() returns trigger language plpgsql as $$
begin
  if exists (
    select 1 from added a
    where a.pos > 1 and (select e.pos from agentos.event e where e.pos = a.pos - 1) is null
  ) then
    raise exception 'a position in the log was left out' using errcode = 'integrity_constraint_violation';
  end if;
  if exists (
    select 1 from added a
    where (select e.hash from agentos.event e where e.stream = a.stream and e.seq = a.seq - 1) is distinct from a.prev_hash
       or (a.seq = 1) is distinct from (a.prev_hash is null)
  ) then
    raise exception 'an event does not chain on the one before it' using errcode = 'integrity_constraint_violation';
  end if;
  return null;
end $$;
create trigger event_chains after insert on agentos.event
  referencing new table as added for each statement execute function agentos.refuse_broken_chain();

create function agentos.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% of agentos.% is refused: what was recorded stays', lower(tg_op), tg_table_name
    using errcode = 'insufficient_privilege';
end $$;
create trigger event_stays before update or delete or truncate on agentos.event
  for each statement execute function agentos.refuse_change();

-- Erasing a blob's content will be one function's right; it replaces this trigger's, not the event's.
create function agentos.refuse_blob_change() returns trigger language plpgsql as $$
begin
  raise exception '% of agentos.% is refused: what was recorded stays', lower(tg_op), tg_table_name
    using errcode = 'insufficient_privilege';
end $$;
create trigger blob_stays before update or delete or truncate on agentos.blob
  for each statement execute function agentos.refuse_blob_change();

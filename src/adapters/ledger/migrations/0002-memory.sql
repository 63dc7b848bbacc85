-- needs extension: pg_trgm
-- What earlier runs left on record, searchable: a copy of the log beside it, made again whenever that is wanted.
create table agentos.memory (
  stream text collate "C" not null,
  seq integer not null,
  ordinal integer not null,
  installation text collate "C" not null,
  repository text collate "C" not null,
  words text collate "C",
  at text collate "C" not null,
  name text not null,
  terms text not null,
  body text not null,
  tokens tsvector generated always as (
    setweight(to_tsvector('english', name), 'A') || setweight(to_tsvector('english', terms), 'B')
  ) stored,
  primary key (stream, seq, ordinal)
);
create index memory_place on agentos.memory (repository, installation);
create index memory_tokens on agentos.memory using gin (tokens);
create index memory_names on agentos.memory using gin (name gin_trgm_ops);
create index memory_words on agentos.memory (words) where words is not null;

-- How far the log is in the index: one row.
create table agentos.memory_reached (only_one boolean primary key default true check (only_one), pos bigint not null);
insert into agentos.memory_reached (pos) values (0);

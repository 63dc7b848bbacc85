-- The newest signed state of the log, in one row that servers write anew as the log grows.
create table agentos.checkpoint (
  newest boolean primary key default true check (newest),
  file   text not null
);

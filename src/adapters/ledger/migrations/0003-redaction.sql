-- A blob goes only together with an event that says so, and with every copy of what it held.
create or replace function agentos.refuse_blob_change() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' and current_setting('agentos.erasing', true) = 'on' then
    return null;
  end if;
  raise exception '% of agentos.% is refused: what was recorded stays', lower(tg_op), tg_table_name
    using errcode = 'insufficient_privilege';
end $$;

create function agentos.erase_blobs(at_position bigint) returns void language plpgsql as $$
declare
  said jsonb;
  names text[];
begin
  select e.body::jsonb into said from agentos.event e where e.pos = at_position;
  if said is null or said ->> 'type' <> 'BlobRedacted' then
    raise exception 'nothing is erased without an event that says so' using errcode = 'insufficient_privilege';
  end if;
  select array_agg(blob ->> 'sha256') into names from jsonb_array_elements(said -> 'data' -> 'blobs') as blob;
  perform set_config('agentos.erasing', 'on', true);
  delete from agentos.blob where sha256 = any(names);
  perform set_config('agentos.erasing', 'off', true);
  delete from agentos.memory where words = any(names) or stream = said ->> 'stream';
  update agentos.effect set body = '{}', reason = null
   where stream = said ->> 'stream' and status in ('done', 'abandoned');
end $$;

-- What a delivery said is in the log once it is answered; that it came stays, so that it is not taken twice.
update agentos.delivery set payload = '' where status = 'handled';

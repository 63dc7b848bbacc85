import type { Session } from '../../../src/adapters/ledger/database.ts'
import { AT, appended, rebuilt, slippedIn } from './without-key.ts'

/** What somebody does who has every right in the database, and not the controller's key. */
export type Deed = string | ((session: Session) => Promise<void>)

export const ONE = 'run/0123456789'
export const OTHER = 'run/2123456789'
const NAME = 'f'.repeat(64)

const at = (stream: string, seq: number) => `stream = '${stream}' and seq = ${seq}`
const LAST = 'pos = (select max(pos) from agentos.event)'
const change = (column: string, value: string, where = at(ONE, 3)) =>
  `update agentos.event set ${column} = ${value} where ${where}`
const unbound = (table: string) =>
  `do $$ declare c text; begin
     for c in select conname from pg_constraint where conrelid = '${table}'::regclass and contype in ('u', 'p', 'c') loop
       execute 'alter table ${table} drop constraint ' || quote_ident(c) || ' cascade'; end loop; end $$;`
const loose = unbound('agentos.event')
export const EFFECT = `key = (select min(key) from agentos.effect where status = 'done')`
const OPEN = `key = (select min(key) from agentos.effect where status = 'due')`
const named = (type: string, member: string) =>
  `(select body::json -> 'data' ->> '${member}' from agentos.event where body like '%"type":"${type}"%' order by pos limit 1)`
const DOCUMENT = `sha256 = (select body::json -> 'data' ->> 'effects' from agentos.event
                              where body like '%"type":"EffectsIntended"%' order by pos limit 1)`

const swap = (one: string, other: string) =>
  `${loose} create temp table places on commit drop as
     select (select pos from agentos.event where ${one}) as a, (select pos from agentos.event where ${other}) as b;
   update agentos.event set pos = case pos when a then b else a end from places where pos in (a, b)`

export const deeds: readonly (readonly [what: string, deed: Deed, found: RegExp])[] = [
  [
    'who caused an event is changed',
    change('body', `replace(body, '"by":"', '"by":"x')`),
    /is not what its hash names/,
  ],
  [
    'the time of an event is changed',
    change('body', `regexp_replace(body, '"at":"20', '"at":"19')`),
    /is not what its hash names/,
  ],
  [
    'what an event says is changed',
    change('body', `replace(body, '"data":{', '"data":{"":0,')`),
    /is not what its hash names/,
  ],
  [
    'the type of an event is changed',
    change('body', `replace(body, '"type":"', '"type":"X')`),
    /is not what its hash names/,
  ],
  [
    'the first event is changed',
    change('body', `replace(body, '"by":"', '"by":"x')`, 'pos = 1'),
    /is not what its hash names/,
  ],
  [
    'the last event is changed',
    change('body', `replace(body, '"by":"', '"by":"x')`, LAST),
    /is not what its hash names/,
  ],
  ['a space is put into an event', change('body', `replace(body, '"v":1', '"v": 1')`), /is not what its hash names/],
  [
    'the hash inside an event is changed',
    change('body', `regexp_replace(body, '"hash":"[0-9a-f]{64}"', '"hash":"${NAME}"')`),
    /is not what its hash names/,
  ],
  ['an event is emptied', change('body', `'{}'`), /does not have the shape/],
  ['an event is no JSON', change('body', `'x'`), /is not JSON/],
  [
    'an event holds another’s text',
    change('body', `(select body from agentos.event where ${at(ONE, 5)})`),
    /in its row than in the event/,
  ],
  [
    'all events of a run hold the texts of another',
    `update agentos.event e set body = o.body from agentos.event o where e.stream = '${OTHER}' and o.stream = '${ONE}' and o.seq = e.seq`,
    /in its row than in the event/,
  ],
  ['the hash of a row is changed', change('hash', `'${NAME}'`), /another hash in its row/],
  ['the hash of the last row is changed', change('hash', `'${NAME}'`, LAST), /another hash in its row/],
  ['the previous hash of a row is changed', change('prev_hash', `'${NAME}'`), /another prev_hash in its row/],
  ['the previous hash of a row is taken away', change('prev_hash', 'null'), /another prev_hash in its row/],
  ['a first row gets a previous hash', change('prev_hash', `'${NAME}'`, at(ONE, 1)), /another prev_hash in its row/],
  [
    'an event is filed under another run',
    change(
      'stream',
      `'${OTHER}'`,
      `stream = '${ONE}' and seq = (select max(seq) from agentos.event where stream = '${ONE}')`,
    ),
    /another stream in its row/,
  ],
  [
    'an event is filed under a run of its own',
    change('stream', `'run/4123456789'`),
    /does not follow|another stream in its row/,
  ],
  [
    'a run is filed under another name',
    change('stream', `'run/4123456789'`, `stream = '${ONE}'`),
    /another stream in its row/,
  ],
  ['a run is filed under no name', change('stream', `''`, `stream = '${ONE}'`), /a stream that there cannot be/],
  ['the place of an event in its run is changed', change('seq', '900'), /another seq in its row/],
  [
    'two events of a run change their places',
    `${loose} update agentos.event set seq = 7 - seq where stream = '${ONE}' and seq in (3, 4)`,
    /another seq in its row/,
  ],
  ['a gap is made in the log', change('pos', 'pos + 1000', LAST), /the log jumps/],
  ['two events of a run swap their positions', swap(at(ONE, 3), at(ONE, 4)), /not those that the checkpoint covers/],
  ['events of two runs swap their positions', swap(at(ONE, 2), at(OTHER, 2)), /not those that the checkpoint covers/],
  [
    'the log is turned round',
    `${loose} update agentos.event set pos = (select max(pos) from agentos.event) + 1 - pos`,
    /not those that the checkpoint covers/,
  ],
  ['a first event is deleted', `delete from agentos.event where ${at(ONE, 1)}`, /the log jumps|no stream has/],
  ['an event is deleted', `delete from agentos.event where ${at(ONE, 3)}`, /does not follow/],
  [
    'the last event of a run is deleted',
    `delete from agentos.event where stream = '${ONE}' and seq = (select max(seq) from agentos.event where stream = '${ONE}')`,
    /the log jumps/,
  ],
  [
    'the last event is deleted',
    `delete from agentos.event where ${LAST}`,
    /the log ends at position .* the checkpoint covers/,
  ],
  [
    'the end of the log is cut off',
    'delete from agentos.event where pos > 10',
    /the log ends at position 10, the checkpoint covers/,
  ],
  ['all events are deleted', 'delete from agentos.event', /the log ends at position 0, the checkpoint covers/],
  ['a run is deleted', `delete from agentos.event where stream = '${ONE}'`, /the log jumps/],
  [
    'a run is deleted and the gap closed',
    `delete from agentos.event where stream = '${ONE}'; update agentos.event e set pos = 100000 + p.place from (select pos, row_number() over (order by pos) as place from agentos.event) p where p.pos = e.pos; update agentos.event set pos = pos - 100000`,
    /the log ends at position .* the checkpoint covers/,
  ],
  [
    'an event is there twice',
    `${loose} insert into agentos.event select (select max(pos) + 1 from agentos.event), stream, seq, hash, prev_hash, body from agentos.event where ${at(ONE, 3)}`,
    /does not follow/,
  ],
  ['a run is put in between', slippedIn, /not those that the checkpoint covers/],
  [
    'an event that chains on nothing is put behind a run',
    `insert into agentos.event values ((select max(pos) + 1 from agentos.event), '${ONE}', 900, '${NAME}', '${NAME}', '{}')`,
    /does not have the shape/,
  ],
  [
    'what a run was asked is changed and its chain rebuilt',
    rebuilt(ONE, ({ seq, data }) => (seq === 1 ? { ...data, issue: 1 } : data)),
    /not those that the checkpoint covers/,
  ],
  [
    'an approval is changed and the chain rebuilt',
    rebuilt(ONE, ({ type, data }) => (type === 'ReviewSeen' ? { ...data, state: 'commented' } : data)),
    /not those that the checkpoint covers/,
  ],
  [
    'all chains are rebuilt',
    async (session) => {
      for (const stream of [ONE, OTHER]) await rebuilt(stream, ({ data }) => ({ ...data, rebuilt: true }))(session)
    },
    /not those that the checkpoint covers/,
  ],
  [
    'the words of a request are deleted',
    `delete from agentos.blob where sha256 = ${named('RequestReceived', 'words')}`,
    /is gone, and no event says that it was erased/,
  ],
  [
    'a Grant is deleted',
    `delete from agentos.blob where sha256 = ${named('GrantIssued', 'grant')}`,
    /is gone, and no event says that it was erased/,
  ],
  [
    'a delivery is deleted',
    `delete from agentos.blob where sha256 = ${named('RunnerDelivered', 'delivery')}`,
    /is gone, and no event says that it was erased/,
  ],
  [
    'the words of a request are changed',
    `${unbound('agentos.blob')} update agentos.blob set bytes = '' where sha256 = ${named('RequestReceived', 'words')}`,
    /is not what its name says/,
  ],
  [
    'two blobs change their contents',
    `${unbound('agentos.blob')} update agentos.blob b set bytes = o.bytes from agentos.blob o where (b.sha256, o.sha256) in ((${named('RequestReceived', 'words')}, ${named('GrantIssued', 'grant')}), (${named('GrantIssued', 'grant')}, ${named('RequestReceived', 'words')}))`,
    /is not what its name says/,
  ],
  ['all blobs are deleted', 'delete from agentos.blob', /is gone, and no event says that it was erased/],
  [
    'an erasure is made up',
    appended(ONE, 'BlobRedacted', { blobs: [], receipt: NAME }),
    /is gone, and no event says that it was erased/,
  ],
  ['the document of intended effects is deleted', `delete from agentos.blob where ${DOCUMENT}`, /blob [0-9a-f]{64}/],
  [
    'the document of intended effects is changed',
    `${unbound('agentos.blob')} update agentos.blob set bytes = bytes || ' '::bytea where ${DOCUMENT}`,
    /blob [0-9a-f]{64} is not what its name says/,
  ],
  [
    'the document of intended effects is given another name',
    `${unbound('agentos.blob')} update agentos.blob set sha256 = '${NAME}' where ${DOCUMENT}`,
    /blob [0-9a-f]{64}/,
  ],
  [
    'an event of no known shape is put behind a run',
    appended(OTHER, 'RunApproved', { approvals: [] }),
    /does not hold what its type says/,
  ],
  ['an effect is deleted', `delete from agentos.effect where ${OPEN}`, /is not in the list of effects/],
  ['an effect that is done is deleted', `delete from agentos.effect where ${EFFECT}`, /is not in the list of effects/],
  [
    'an effect nobody asked for is put in',
    `insert into agentos.effect select '0123456789/1/9', stream, 1, 9, type, body, due_at, ready_at, 'due', 0, null, null from agentos.effect where ${EFFECT}`,
    /no event asks for it/,
  ],
  [
    'an effect of no run is put in',
    `insert into agentos.effect select '5123456789/1/0', 'run/5123456789', 1, 0, type, body, due_at, ready_at, 'due', 0, null, null from agentos.effect where ${EFFECT}`,
    /no event asks for it/,
  ],
  [
    'what an effect does is changed',
    `update agentos.effect set body = '{"head":"x"}' where ${OPEN}`,
    /is not listed as the log asks for it/,
  ],
  [
    'what an effect does is no canonical text',
    `update agentos.effect set body = body || ' ' where ${OPEN}`,
    /the body of effect/,
  ],
  [
    'the kind of an effect is changed',
    `update agentos.effect set type = 'dispatch' where ${OPEN}`,
    /is not listed as the log asks for it/,
  ],
  [
    'an effect is given another key',
    `update agentos.effect set key = '0123456789/1/9' where ${EFFECT}`,
    /is not in the list of effects/,
  ],
  [
    'an effect is given to another run',
    `update agentos.effect set stream = '${OTHER}' where ${EFFECT} and stream = '${ONE}'`,
    /is not in the list of effects|no event asks for it/,
  ],
  [
    'a timer is set to another time',
    `update agentos.effect set due_at = '${AT}' where due_at is not null`,
    /is not listed as the log asks for it/,
  ],
  [
    'an effect is made a timer',
    `update agentos.effect set due_at = '${AT}' where due_at is null`,
    /is not listed as the log asks for it/,
  ],
  [
    'an effect that is done is to be done again',
    `update agentos.effect set status = 'due' where ${EFFECT}`,
    /is listed as due, and the log says done/,
  ],
  [
    'an effect is said to be done',
    `update agentos.effect set status = 'done' where ${OPEN}`,
    /is listed as done, and the log says due/,
  ],
  [
    'an effect is given up',
    `update agentos.effect set status = 'abandoned' where ${OPEN}`,
    /is listed as abandoned, and the log says due/,
  ],
]

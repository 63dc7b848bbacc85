import { generateKeyPairSync } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { RUNNER_WORKFLOW } from '../../src/demo/stage.ts'
import { Evidence } from '../../src/domain/evidence.ts'
import { sha256Hex } from '../../src/domain/hash.ts'
import { parseData } from '../../src/domain/run/events.ts'
import { git, type Json } from '../demo/a-local-github.ts'
import { aStory, type Reply, type Story } from '../support/story/a-story.ts'
import { breaches } from '../support/story/breaches.ts'

let story: Story
let main = ''
beforeAll(async () => {
  story = await aStory()
  main = await git(story.source, 'rev-parse', 'HEAD')
}, 300_000)
afterAll(() => story.close())

const pullOf = (view: Json) => Number(view['pullRequest']?.['number'])
const typesOf = (view: Json) => [...(view['timeline'] ?? [])].map((event) => String(event['type']))

/** The claims of the job that the newest dispatch would have started. */
function claims(changes: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  const repository = 'acme/demo'
  return {
    sub: `repo:${repository}:ref:refs/heads/main`,
    repository,
    repository_id: ids.repository,
    repository_owner: 'acme',
    repository_owner_id: ids.owner,
    workflow_ref: `${repository}/.github/workflows/agentos.yml@refs/heads/main`,
    job_workflow_ref: RUNNER_WORKFLOW,
    job_workflow_sha: RUNNER_WORKFLOW.split('@')[1] ?? '',
    run_id: '4711',
    run_attempt: '1',
    actor: 'agentos[bot]',
    actor_id: String(story.stage.github.app.botUserId),
    event_name: 'workflow_dispatch',
    ref: 'refs/heads/main',
    sha: main,
    runner_environment: 'self-hosted',
    ...changes,
  }
}
const ids = { repository: '', owner: '' }

/** A token of the issuer for a job with these claims that signs with this key. */
async function token(job: Readonly<Record<string, string>>, publicKey: string): Promise<string> {
  const endpoint = story.stage.oidc.admit(job)
  const audience = `${story.stage.url}#${sha256Hex(Buffer.from(publicKey, 'base64'))}`
  const answer = await fetch(`${endpoint.requestUrl}&audience=${encodeURIComponent(audience)}`, {
    headers: { authorization: `Bearer ${endpoint.requestToken}` },
  })
  const { value }: { value: string } = JSON.parse(await answer.text())
  return value
}

async function tells(path: string, bearer: string, body: object): Promise<Reply> {
  const answer = await fetch(`${story.stage.url}/api/runner/${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  return { status: answer.status, json: JSON.parse(await answer.text()) }
}

function aKey(): string {
  const { publicKey } = generateKeyPairSync('ed25519')
  return publicKey.export({ type: 'spki', format: 'der' }).subarray(-32).toString('base64')
}

/** What the job that delivered a run's dry run sent, and the key it signed with. */
async function deliveredBy(run: string) {
  const evidence = Evidence.parse(JSON.parse(await (await story.stage.ask(`/api/runs/${run}/evidence`)).text()))
  const event = evidence.events.find(({ type }) => type === 'RunnerDelivered')
  const told = parseData('RunnerDelivered', event?.data)
  const blob = evidence.blobs.find(({ sha256 }) => sha256 === told.delivery)
  const delivery: unknown = JSON.parse(Buffer.from(blob?.base64 ?? '', 'base64').toString('utf8'))
  return { delivery, runnerKey: told.runnerKey, grant: told.grant }
}

describe('a job that reports', { timeout: 300_000 }, () => {
  let first = ''
  let second = ''

  it('twice changes nothing the second time', async () => {
    first = (await story.begins('/agentos plan --recipe add-file path=docs/one.txt content=one')).run
    const before = await story.until(first, 'proposed')
    const { json } = await story.lee.does('GET', '/repos/acme/demo')
    ids.repository = String(json['id'])
    ids.owner = String(json['owner']?.['id'])
    const { delivery, runnerKey, grant } = await deliveredBy(first)
    const answer = await tells('deliver', await token(claims(), runnerKey), { grant, delivery })
    expect(answer).toMatchObject({ status: 200, json: { accepted: true } })
    const after = await story.settled(first)
    expect(typesOf(after)).toEqual(typesOf(before))
  })

  it('for another run is refused', async () => {
    second = (await story.begins('/agentos plan --recipe add-file path=docs/two.txt content=two')).run
    const before = await story.until(second, 'proposed')
    const { delivery, runnerKey } = await deliveredBy(first)
    const other = await deliveredBy(second)
    const answer = await tells('deliver', await token(claims(), runnerKey), { grant: other.grant, delivery })
    expect(answer).toMatchObject({ status: 403, json: { error: { because: 'another job holds this Grant' } } })
    const wrongly = await tells('deliver', await token(claims(), other.runnerKey), { grant: other.grant, delivery })
    expect(wrongly.status).toBeGreaterThanOrEqual(400)
    const after = await story.settled(second)
    expect(after['phase']).toBe('proposed')
    expect(typesOf(after).filter((type) => type === 'PlanFrozen')).toEqual(['PlanFrozen'])
    expect(typesOf(after).length).toBeGreaterThanOrEqual(typesOf(before).length)
  })

  it('late, after the run was stopped, is refused', async () => {
    await story.lee.says(pullOf(await story.view(second)), '/agentos stop')
    await story.until(second, 'cancelled')
    const { delivery, runnerKey, grant } = await deliveredBy(second)
    const changed = { grant, delivery: { ...Object(delivery), payload: Buffer.from('{}').toString('base64') } }
    const answer = await tells('deliver', await token(claims(), runnerKey), changed)
    expect(answer.status).toBeGreaterThanOrEqual(400)
    expect((await story.settled(second))['phase']).toBe('cancelled')
  })

  it('with a used Grant, or none, or no token, gets nothing', async () => {
    const { grant } = await deliveredBy(first)
    const key = aKey()
    const effect = `${first}/1/0`
    expect(await tells('claim', await token(claims(), key), { grant, effect, publicKey: key })).toMatchObject({
      status: 403,
      json: { error: { because: 'the Grant was used up by an earlier claim' } },
    })
    const unknown = { grant: `${first}-77`, effect, publicKey: key }
    expect(await tells('claim', await token(claims(), key), unknown)).toMatchObject({ status: 404 })
    expect((await tells('claim', 'no.token.atall', unknown)).status).toBe(401)
    expect((await tells('claim', '', unknown)).status).toBe(401)
  })
})

describe('a job that is not the one that was started', { timeout: 300_000 }, () => {
  let run = ''
  let grant = ''
  let effect = ''

  it('finds a Grant that no runner claimed, because there is none', async () => {
    await story.stage.runner.close()
    run = (await story.begins('/agentos plan --recipe add-file path=docs/three.txt content=three')).run
    const dispatched = await story.eventually('the dispatch', async () =>
      [...((await story.view(run))['effects'] ?? [])].find(
        ({ kind, status }) => String(kind) === 'dispatch' && String(status) === 'done',
      ),
    )
    effect = String(dispatched['key'])
    grant = `${run}-1`
    expect(typesOf(await story.view(run))).not.toContain('GrantUsed')
  })

  it.each([
    ['of another repository', { repository_id: '1' }, 'job-repository'],
    ['of another owner', { repository_owner_id: '1' }, 'job-owner'],
    [
      'of another workflow',
      { job_workflow_ref: 'evil/agentos/.github/workflows/agentos.yml@refs/heads/main' },
      'job-workflow',
    ],
    ['of our workflow at another commit', { job_workflow_sha: 'd'.repeat(40) }, 'job-workflow-sha'],
    ['begun by a push', { event_name: 'push' }, 'job-event'],
    ['on another branch', { ref: 'refs/heads/evil' }, 'job-branch'],
    ['begun by a person', { actor_id: '7' }, 'job-actor'],
    ['that was run again by hand', { run_attempt: '2' }, 'job-attempt'],
  ])('is declined where it is one %s', async (_what, changes, rule) => {
    const publicKey = aKey()
    const answer = await tells('claim', await token(claims(changes), publicKey), { grant, effect, publicKey })
    expect(answer.status).toBe(403)
    expect(JSON.stringify(answer.json)).toContain(`[${rule}]`)
    expect(typesOf(await story.view(run))).not.toContain('GrantUsed')
  })

  it('is declined with a token that was made for another key', async () => {
    const publicKey = aKey()
    const answer = await tells('claim', await token(claims(), aKey()), { grant, effect, publicKey })
    expect(answer.status).toBe(403)
    expect(typesOf(await story.view(run))).not.toContain('GrantUsed')
  })

  it('leaves the Grant to the true job, which claims it once', async () => {
    const publicKey = aKey()
    const claimed = await tells('claim', await token(claims(), publicKey), { grant, effect, publicKey })
    expect(claimed.status).toBe(200)
    const other = aKey()
    const late = await tells('claim', await token(claims(), other), { grant, effect, publicKey: other })
    expect(late.status).toBe(403)
    const forged = { payloadType: 'x', payload: '', signatures: [{ keyid: 'a'.repeat(64), sig: '' }] }
    const answer = await tells('deliver', await token(claims(), publicKey), { grant, delivery: forged })
    expect(answer.status).toBeGreaterThanOrEqual(400)
    const view = await story.settled(run)
    expect(view['phase']).toBe('planning')
    expect(typesOf(view)).not.toContain('PlanFrozen')
    await story.ana.says(Number(view['issue']), '/agentos stop')
    await story.until(run, 'cancelled')
    expect(await breaches(story, main)).toEqual([])
  })
})

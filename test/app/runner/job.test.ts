import { describe, expect, it } from 'vitest'
import type { Grant } from '../../../src/domain/grant.ts'
import { type AttestedJob, checkJob, type JobExpectations, jobAudience } from '../../../src/domain/job.ts'

const workflow = 'agentos-dev/agentos/.github/workflows/agentos.yml@refs/tags/v1'
const audience = jobAudience('https://agentos.example', 'c'.repeat(64))
const grant: Grant = {
  v: 1,
  id: '0123456789-1',
  purpose: 'dry-run',
  authority: 'github',
  instance: 'test',
  repository: { id: '42', ownerId: '7' },
  run: '0123456789',
  subject: { is: 'draft', hash: 'd'.repeat(64) },
  base: { sha: 'a'.repeat(40), tree: 'b'.repeat(40) },
  manifest: 'e'.repeat(64),
  predictedTree: null,
  approvals: [],
  capabilities: [],
  limits: {
    stepWallMs: 1,
    stepCpuSeconds: 1,
    outputBytes: 1,
    memoryBytes: 1,
    processes: 1,
    fileBytes: 1,
    runMinutes: 1,
  },
  expiresAt: '2026-11-21T12:00:00.000Z',
}
const claims = {
  issuer: 'https://issuer.example',
  repositoryId: '42',
  repositoryOwnerId: '7',
  workflowRef: workflow,
  workflowSha: '1'.repeat(40),
  runId: '99',
  runAttempt: '1',
  actorId: '5',
  ref: 'refs/heads/main',
  sha: '2'.repeat(40),
}
const job: AttestedJob = { claims, eventName: 'workflow_dispatch', audience }
const expected: JobExpectations = {
  issuer: 'https://issuer.example',
  trusted: [{ workflow, sha: '1'.repeat(40) }],
  defaultBranch: 'main',
  botId: '5',
  audience,
}

describe('a job that claims a Grant', () => {
  it('is accepted when every claim is as the Grant and the controller say', () => {
    expect(checkJob(job, grant, expected)).toEqual({ ok: true, value: claims })
  })

  it('may run from another commit of the branch: sha is recorded, never compared', () => {
    const moved = { ...job, claims: { ...claims, sha: '3'.repeat(40) } }
    expect(checkJob(moved, grant, expected)).toMatchObject({ ok: true, value: { sha: '3'.repeat(40) } })
  })

  it('may be of any commit of a release that is not pinned', () => {
    const moved = { ...job, claims: { ...claims, workflowSha: '4'.repeat(40) } }
    expect(checkJob(moved, grant, { ...expected, trusted: [{ workflow, sha: null }] }).ok).toBe(true)
  })

  it.each([
    ['job-issuer', { issuer: 'https://evil.example' }],
    ['job-workflow', { workflowRef: 'mallory/agentos/.github/workflows/agentos.yml@refs/tags/v1' }],
    ['job-workflow', { workflowRef: `${workflow}0` }],
    ['job-workflow', { workflowRef: '' }],
    ['job-workflow-sha', { workflowSha: '9'.repeat(40) }],
    ['job-repository', { repositoryId: '43' }],
    ['job-owner', { repositoryOwnerId: '8' }],
    ['job-branch', { ref: 'refs/heads/agentos/12-x' }],
    ['job-branch', { ref: 'main' }],
    ['job-actor', { actorId: '6' }],
    ['job-attempt', { runAttempt: '2' }],
  ] as const)('is refused by %s when a claim is %o', (rule, change) => {
    const refused = checkJob({ ...job, claims: { ...claims, ...change } }, grant, expected)
    expect(refused).toMatchObject({ ok: false, refusal: { rule } })
  })

  it('is refused when it was not dispatched or its token is bound to another key', () => {
    expect(checkJob({ ...job, eventName: 'push' }, grant, expected)).toMatchObject({ refusal: { rule: 'job-event' } })
    const other = jobAudience('https://agentos.example', 'f'.repeat(64))
    expect(checkJob({ ...job, audience: other }, grant, expected)).toMatchObject({ refusal: { rule: 'job-audience' } })
  })

  it('is refused where the controller does not know what to expect', () => {
    expect(checkJob(job, grant, { ...expected, trusted: [] })).toMatchObject({ refusal: { rule: 'job-workflow' } })
    const nobody = { ...job, claims: { ...claims, actorId: '' } }
    expect(checkJob(nobody, grant, { ...expected, botId: '' })).toMatchObject({ refusal: { rule: 'job-actor' } })
  })
})

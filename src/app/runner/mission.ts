import { canonicalJson } from '../../domain/canonical.ts'
import { Governed } from '../../domain/control/governed.ts'
import type { Policy } from '../../domain/control/policy.ts'
import { GRANT_TYPE, Grant } from '../../domain/grant.ts'
import { type Sha256, sha256Hex } from '../../domain/hash.ts'
import type { Instant } from '../../domain/ids.ts'
import { mayReadBase } from '../../domain/job-capabilities.ts'
import { BrokenRecord, readDocument } from '../../domain/packs/documents.ts'
import { type ContentRef, Draft, Plan, type PlanLimits, type Step } from '../../domain/packs/plan.ts'
import type { Edit } from '../../domain/patch/edit.ts'
import { ok, type Result, refuse } from '../../domain/result.ts'
import type { OpenEnvelope } from '../ports.ts'
import type { ClaimAnswer } from './protocol.ts'
import { openStatement } from './statements.ts'

export type JobMode = 'dry-run' | 'execute'

/** What the user's workflow file and the dispatch say; the controller has no say in it. */
export type JobExpected = {
  readonly mode: JobMode
  readonly grant: string
  readonly effect: string
  readonly authority: Grant['authority']
  readonly repositoryId: string
  /** The keys that a Grant may be signed with, each the base64 of its 32 raw bytes: two while the controller changes its key. */
  readonly controllerKeys: readonly string[]
}

/** What a job is to do, after everything the controller said was checked against what the job knows itself. */
export type Mission = {
  readonly grant: Grant
  /** The one of the pinned keys that signed the Grant. */
  readonly signedBy: string
  readonly mode: JobMode
  readonly policy: Policy
  readonly steps: readonly Step[]
  readonly contents: readonly ContentRef[]
  readonly limits: PlanLimits
  /** The whole change as the plan states it; null in a dry run, which finds it out. */
  readonly planned: readonly Edit[] | null
}

export type JobRefusal = { readonly rule: string; readonly because: string }

type Asked = { readonly expected: JobExpected; readonly now: Instant; readonly open: OpenEnvelope }

/** Checks a claim's answer: the Grant under the pinned key, and every document by the hash that the Grant names. */
export function readMission(answer: ClaimAnswer, { expected, now, open }: Asked): Result<Mission, JobRefusal> {
  const opened = expected.controllerKeys.flatMap((publicKey) => {
    const grant = openStatement(open, { envelope: answer.envelope, publicKey }, GRANT_TYPE, Grant)
    return grant === undefined ? [] : [{ grant, signedBy: publicKey }]
  })
  const [signed] = opened
  if (signed === undefined) {
    return refuse({
      rule: 'grant-signature',
      because: 'the Grant is not signed by a key that the workflow file names',
    })
  }
  const { grant } = signed
  const fault = grantFault(grant, expected, now)
  if (fault !== undefined) return refuse(fault)
  const documents = readDocuments(answer, grant)
  if (!documents.ok) return documents
  const broken = bindingFault(documents.value, answer, grant)
  return broken === undefined ? ok(toMission(signed, expected.mode, documents.value)) : refuse(broken)
}

type Check = { readonly rule: string; readonly isFine: boolean; readonly because: string }

function grantFault(grant: Grant, expected: JobExpected, now: Instant): JobRefusal | undefined {
  return firstFault([...identityChecks(grant, expected, now), ...purposeChecks(grant, expected.mode)])
}

function identityChecks(grant: Grant, expected: JobExpected, now: Instant): readonly Check[] {
  const { id, authority, repository, expiresAt, base } = grant
  return [
    check('grant-id', id === expected.grant, `the Grant is ${id}, dispatched was ${expected.grant}`),
    check('grant-authority', authority === expected.authority, `the authority of the Grant is ${authority}`),
    check(
      'grant-repository',
      repository.id === expected.repositoryId,
      `the Grant is for repository ${repository.id}, this is ${expected.repositoryId}`,
    ),
    check('grant-expired', now < expiresAt, `the Grant expired at ${expiresAt}`),
    check(
      'grant-capability',
      mayReadBase(base.sha, grant.capabilities),
      `the Grant does not allow to read ${base.sha}`,
    ),
  ]
}

function purposeChecks({ purpose, subject, approvals, predictedTree }: Grant, mode: JobMode): readonly Check[] {
  const isExecute = mode === 'execute'
  return [
    check('grant-purpose', purpose === mode, `the Grant is for ${purpose}, this job is ${mode}`),
    check('grant-subject', subject.is === (isExecute ? 'plan' : 'draft'), `a ${mode} job cannot run a ${subject.is}`),
    check('grant-approval', !isExecute || approvals.length > 0, 'the Grant names no approval'),
    check(
      'grant-tree',
      isExecute === (predictedTree !== null),
      isExecute ? 'the Grant names no predicted tree' : 'a dry run has no predicted tree',
    ),
  ]
}

function check(rule: string, isFine: boolean, because: string): Check {
  return { rule, isFine, because }
}

type Documents = { readonly subject: Draft | Plan; readonly governed: Governed }

function readDocuments(answer: ClaimAnswer, grant: Grant): Result<Documents, JobRefusal> {
  const given = new Map([answer.subject, answer.manifest].map(fromBase64))
  const documents = (sha256: Sha256) => given.get(sha256)
  try {
    const subject: Draft | Plan =
      grant.subject.is === 'plan'
        ? readDocument(documents, grant.subject.hash, Plan)
        : readDocument(documents, grant.subject.hash, Draft)
    return ok({ subject, governed: readDocument(documents, grant.manifest, Governed) })
  } catch (error) {
    if (error instanceof BrokenRecord) return refuse({ rule: 'grant-document', because: error.message })
    throw error
  }
}

function fromBase64(text: string): readonly [Sha256, Uint8Array] {
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
  return [sha256Hex(bytes), bytes]
}

/** What the documents say about each other and about the Grant. */
function bindingFault({ subject }: Documents, answer: ClaimAnswer, grant: Grant): JobRefusal | undefined {
  const tree = 'predictedTree' in subject ? subject.predictedTree : null
  const { sha } = subject.base
  const isBase = sha === grant.base.sha && subject.base.tree === grant.base.tree
  const isOffered = canonicalJson(answer.contents) === canonicalJson(subject.contents)
  return firstFault([
    check('grant-manifest', subject.manifest === grant.manifest, 'the plan was made under another manifest'),
    check('grant-base', isBase, `the plan is for ${sha}, the Grant for ${grant.base.sha}`),
    check('grant-tree', tree === grant.predictedTree, 'plan and Grant predict different trees'),
    check('grant-contents', isOffered, 'the contents offered are not those of the plan'),
  ])
}

function firstFault(checks: readonly Check[]): JobRefusal | undefined {
  const failed = checks.find((check) => !check.isFine)
  return failed === undefined ? undefined : { rule: failed.rule, because: failed.because }
}

type Signed = Pick<Mission, 'grant' | 'signedBy'>

function toMission(signed: Signed, mode: JobMode, { subject, governed }: Documents): Mission {
  const { policy } = governed
  const { grant } = signed
  const planned = 'edits' in subject ? subject : undefined
  return {
    ...signed,
    mode,
    policy,
    steps: subject.steps,
    contents: subject.contents,
    planned: planned?.edits ?? null,
    limits: narrowest([grant.limits, policy.limits, ...(planned === undefined ? [] : [planned.limits])]),
  }
}

function narrowest(all: readonly PlanLimits[]): PlanLimits {
  const least = (of: (limits: PlanLimits) => number) => Math.min(...all.map(of))
  return {
    stepWallMs: least((limits) => limits.stepWallMs),
    stepCpuSeconds: least((limits) => limits.stepCpuSeconds),
    outputBytes: least((limits) => limits.outputBytes),
    memoryBytes: least((limits) => limits.memoryBytes),
    processes: least((limits) => limits.processes),
    fileBytes: least((limits) => limits.fileBytes),
    runMinutes: least((limits) => limits.runMinutes),
  }
}

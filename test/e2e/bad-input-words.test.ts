import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { git, type Json } from '../demo/a-local-github.ts'
import { aStory, REPO, runOf, type Story } from '../support/story/a-story.ts'
import { breaches } from '../support/story/breaches.ts'

let story: Story
let main = ''
beforeAll(async () => {
  story = await aStory()
  main = await git(story.source, 'rev-parse', 'HEAD')
}, 300_000)
afterAll(() => story.close())

const PLAN = '/agentos plan --recipe replace-text find=old replace=new paths=README.md'
const ASKS = '/agentos plan --recipe replace-text paths=README.md'
const pullOf = (view: Json) => Number(view['pullRequest']?.['number'])

/** Every word so far was taken in: a later command has its answer. */
async function caughtUp(): Promise<void> {
  const issue = await story.lee.opens('A word to wait for')
  await story.lee.says(issue, '/agentos help')
  await story.hears(issue, '/agentos plan')
}

describe('words that are no request', { timeout: 300_000 }, () => {
  it('an unknown command is answered with the one that was probably meant', async () => {
    const issue = await story.ana.opens('Typing')
    const comment = await story.ana.says(issue, '/agentos aswer\nq1: x')
    const said = await story.hears(issue, '**Not understood**')
    expect(said).toContain('Did you mean `/agentos answer`?')
    expect(said).toContain('Nothing was started')
    expect(await story.reactions(comment)).toEqual(['confused'])
  })

  it.each([
    ['two commands in one comment', `${PLAN}\n/agentos stop`, 'more than one command'],
    ['a flag without its value', '/agentos plan --recipe', '--recipe'],
    ['a recipe that there is not', '/agentos plan --recipe make-tea', 'there is no recipe make-tea'],
    [
      'a parameter that there is not',
      '/agentos plan --recipe add-file colour=red',
      'its parameters are: path, content',
    ],
    ['an answer where nothing was asked', '/agentos answer\nq1: x', 'no run of AgentOS belongs to this number'],
    ['a stop where nothing runs', '/agentos stop', 'no run of AgentOS belongs to this number'],
  ])('%s is answered in words', async (_what, text, said) => {
    const issue = await story.ana.opens('Words')
    await story.ana.says(issue, text)
    await story.eventually(`#${issue} to say “${said}”`, async () =>
      (await story.comments(issue)).find((comment) => comment.includes(said)),
    )
  })

  it('stays silent where nobody spoke to it: quotes, code, prose, and a comment edited into a command', async () => {
    const issue = await story.ana.opens('Silence')
    for (const text of [`> ${PLAN}`, `\`\`\`\n${PLAN}\n\`\`\``, `Say ${PLAN}`, `<!-- ${PLAN} -->`, '/agentosplan'])
      await story.ana.says(issue, text)
    const comment = await story.ana.says(issue, 'hello')
    await story.ana.does('PATCH', `${REPO}/issues/comments/${comment}`, { body: PLAN })
    await story.stage.github.webhooksSettled()
    await caughtUp()
    expect(await story.comments(issue)).toEqual([])
    expect(await story.reactions(comment)).toEqual([])
    expect(await runOf(story.stage, issue)).toBeUndefined()
  })

  it('refuses a reader once in words, then with a reaction alone', async () => {
    const issue = await story.ana.opens('Reading only')
    await story.rea.says(issue, PLAN)
    const said = await story.hears(issue, '**Refused**')
    expect(said).toContain('needs write, the person has read')
    expect(said).toContain('Nothing was started')
    const second = await story.rea.says(issue, PLAN)
    await story.eventually('a reaction', async () =>
      (await story.reactions(second)).includes('confused') ? true : undefined,
    )
    await caughtUp()
    expect(await story.comments(issue)).toHaveLength(1)
    expect(await runOf(story.stage, issue)).toBeUndefined()
  })

  it('answers help to a reader, with every command', async () => {
    const issue = await story.ana.opens('Help')
    await story.rea.says(issue, '/agentos help')
    const said = await story.hears(issue, '/agentos plan')
    for (const command of ['answer', 'status', 'stop', 'help']) expect(said).toContain(`/agentos ${command}`)
  })
})

describe('a run that is stopped', { timeout: 300_000 }, () => {
  it('shows its status, is not begun twice, is not stopped by a reader, and ends when its requester says so', async () => {
    const { issue, run } = await story.begins(ASKS)
    const blocked = await story.until(run, 'blocked')
    const number = pullOf(blocked)
    const branch = String(blocked['pullRequest']?.['branch'])
    await story.rea.says(number, '/agentos status')
    await story.eventually('the status', async () =>
      (await story.comments(number)).find((text) => text.includes('**Blocked: questions are open**')),
    )
    await story.ana.says(issue, PLAN)
    await story.hears(issue, `run \`${run}\` is under way here`)
    await story.rea.says(number, '/agentos stop')
    await story.hears(number, '**Not stopped**')
    expect((await story.view(run))['phase']).toBe('blocked')
    await story.ana.says(number, '/agentos stop I changed my mind')
    await story.until(run, 'cancelled')
    expect(await story.pull(number)).toMatchObject({ state: 'closed', merged: false })
    expect(await story.head(branch)).toBeUndefined()
    expect(await story.labels(number)).toEqual(['agentos:stopped'])
    await story.ana.says(number, '/agentos stop')
    await story.hears(number, 'there is nothing to stop')
  })

  it('ends while it waits for approval, and a later approval starts nothing', async () => {
    const { run } = await story.begins(PLAN)
    const proposed = await story.until(run, 'proposed')
    const number = pullOf(proposed)
    await story.lee.says(number, '/agentos stop')
    await story.until(run, 'cancelled')
    const jobs = story.stage.runner.jobs.length
    await story.lee.reviews(number, 'APPROVE')
    await caughtUp()
    await story.settled(run)
    expect(story.stage.runner.jobs).toHaveLength(jobs)
    const head = String((await story.pull(number))['head']?.['sha'])
    expect(await story.checks(head)).toContainEqual(
      expect.objectContaining({ name: 'agentos/review', conclusion: 'cancelled' }),
    )
  })

  it('ends while its job runs, and what the job delivers then lands nowhere', async () => {
    const { run } = await story.begins(PLAN)
    const proposed = await story.until(run, 'proposed')
    const number = pullOf(proposed)
    await story.lee.reviews(number, 'APPROVE')
    await story.eventually('the execution to be claimed', async () => {
      const types = [...((await story.view(run))['timeline'] ?? [])].map((event) => String(event['type']))
      return types.filter((type) => type === 'GrantUsed').length === 2 ? true : undefined
    })
    await story.ana.says(number, '/agentos stop')
    const view = await story.until(run, 'cancelled')
    await story.stage.runner.settled()
    expect(view['delivered']).toBeNull()
    expect(await story.head(String(view['pullRequest']?.['branch']))).toBeUndefined()
    expect((await story.settled(run))['phase']).toBe('cancelled')
  })

  it('ends when people close its pull request', async () => {
    const { run } = await story.begins(ASKS)
    const number = pullOf(await story.until(run, 'blocked'))
    await story.lee.does('PATCH', `${REPO}/pulls/${number}`, { state: 'closed' })
    const view = await story.until(run, 'closed')
    await story.ana.says(number, '/agentos answer\nq1: old\nq2: new')
    await story.hears(number, '**Not taken**')
    expect((await story.settled(run))['phase']).toBe('closed')
    expect(view['delivered']).toBeNull()
  })

  it('ends when people delete its branch', async () => {
    const { run } = await story.begins(ASKS)
    const blocked = await story.until(run, 'blocked')
    await story.lee.does('DELETE', `${REPO}/git/refs/heads/${String(blocked['pullRequest']?.['branch'])}`)
    const view = await story.until(run, 'refused', 'closed')
    expect(view['delivered']).toBeNull()
  })

  it('kept every promise', async () => {
    expect(await breaches(story, main)).toEqual([])
  })
})

describe('a control plane that does not hold', { timeout: 300_000 }, () => {
  it.each([
    ['an unknown key', 'version: 1\ncolour: red\n', 'colour'],
    ['a limit that grows', 'version: 1\nlimits: { files: 100000 }\n', 'a limit may only shrink'],
    ['no YAML at all', 'version: [1\n', 'policy.yml'],
    [
      'a shipped denial that is lifted',
      'version: 1\ncommands: [{ id: git.push, decision: allow, runs: inspects, program: git }]\n',
      'cannot be replaced',
    ],
  ])('%s refuses every request, and says where', async (_what, policy, said) => {
    main = await story.lee.commits('main', '.agentos/policy.yml', policy)
    const issue = await story.ana.opens('Governed')
    await story.ana.says(issue, PLAN)
    const text = await story.hears(issue, 'rule `control-plane`')
    expect(text).toContain(said)
    expect(await runOf(story.stage, issue)).toBeUndefined()
  })

  it('that switches AgentOS off refuses requests', async () => {
    main = await story.lee.commits('main', '.agentos/policy.yml', 'version: 1\nenabled: false\n')
    const issue = await story.ana.opens('Off')
    await story.ana.says(issue, PLAN)
    await story.hears(issue, 'switched off')
    expect(await breaches(story, main)).toEqual([])
  })
})

import { afterAll, beforeAll, expect, test } from 'vitest'
import { aLocalGithub, git, put, REPO, type Setting } from './a-local-github.ts'

const NAMED = `name: Named
run-name: AgentOS \${{ inputs.mode }} \${{ inputs.effect }}
on:
  workflow_dispatch:
    inputs: { mode: { required: true }, effect: { required: true } }
jobs: {}
`

let at: Setting
beforeAll(async () => {
  at = await aLocalGithub()
  await put(at.source, '.github/workflows/named.yml', NAMED)
  await git(at.source, 'add', '--all')
  await git(at.source, 'commit', '--quiet', '--message', 'Name the runs')
  await git(
    at.source,
    '-c',
    `http.extraHeader=authorization: basic ${Buffer.from(`x:${at.github.token('adm')}`).toString('base64')}`,
    'push',
    '--quiet',
    at.github.cloneUrl('acme', 'demo'),
    'main',
  )
})
afterAll(() => at.close())

test.each([
  ['named.yml', { mode: 'execute', effect: 'run/1/2' }, 'AgentOS execute run/1/2'],
  ['agentos.yml', { grant: 'g' }, 'AgentOS'],
])('a run of %s is titled by its run-name, else by the name of its workflow', async (file, inputs, title) => {
  const started = await at.app('POST', `${REPO}/actions/workflows/${file}/dispatches`, {
    ref: 'main',
    inputs,
    return_run_details: true,
  })
  const run = await at.app('GET', `${REPO}/actions/runs/${String(started.json['workflow_run_id'])}`)
  expect(run.json['display_title']).toBe(title)
  expect(at.faults).toEqual([])
})

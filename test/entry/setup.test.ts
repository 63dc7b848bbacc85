import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { discardScratch, scratchFolder } from '../../src/adapters/sandbox/scratch.ts'
import { ensureMachine, type Surroundings } from '../../src/entry/setup.ts'

/** A machine of its own: one folder of programs, which the test fills. */
type Machine = { readonly folder: string; readonly bin: string; readonly log: string; readonly around: Surroundings }

function aMachine(over: Partial<Surroundings> = {}): Machine {
  const folder = scratchFolder()
  onTestFinished(() => discardScratch(folder))
  const bin = join(folder, 'bin')
  const log = join(folder, 'log')
  mkdirSync(bin)
  const around: Surroundings = {
    platform: 'linux',
    path: bin,
    isRoot: false,
    isAgreed: false,
    ask: null,
    say: () => undefined,
    namespaceRule: join(folder, 'rule'),
    profiles: folder,
    ...over,
  }
  return { folder, bin, log, around }
}

function aProgram({ bin }: Machine, name: string, script: string): void {
  writeFileSync(join(bin, name), `#!/bin/sh\nPATH="$PATH:/usr/bin:/bin"\n${script}\n`)
  chmodSync(join(bin, name), 0o755)
}

const systemProgram = (machine: Machine, name: string): void => symlinkSync(`/usr/bin/${name}`, join(machine.bin, name))

/** A package manager that brings the machine's real programs. */
function aptGet(machine: Machine): void {
  const install = `[ "$1" = install ] && for name in bwrap git; do ln -sf /usr/bin/$name ${machine.bin}/$name; done`
  aProgram(machine, 'apt-get', `echo apt-get "$@" >> ${machine.log}\n${install}\nexit 0`)
}

const sudo = (machine: Machine): void =>
  aProgram(machine, 'sudo', `echo sudo "$@" >> ${machine.log}\n[ "$1" = -n ] && shift\nexec "$@"`)

const logOf = ({ log }: Machine): string => (existsSync(log) ? readFileSync(log, 'utf8') : '')

const update = 'apt-get update -qq'
const install = 'apt-get install -y -qq --no-install-recommends bubblewrap git'

test('a machine that has everything is ready, and nothing is said', async () => {
  const said: string[] = []
  const machine = aMachine({ say: (line) => said.push(line) })
  for (const name of ['bwrap', 'git']) systemProgram(machine, name)
  aptGet(machine)
  expect(await ensureMachine(machine.around)).toEqual({ is: 'ready' })
  expect({ said, log: logOf(machine) }).toEqual({ said: [], log: '' })
})

test('for root, what is missing is installed, after saying so', async () => {
  const said: string[] = []
  const machine = aMachine({ isRoot: true, say: (line) => said.push(line) })
  aptGet(machine)
  expect(await ensureMachine(machine.around)).toEqual({ is: 'ready' })
  expect(logOf(machine)).toBe(`${update}\n${install}\n`)
  expect(said).toEqual([`AgentOS needs bubblewrap and git: ${update} && ${install}`])
})

test('only what is missing is installed', async () => {
  const machine = aMachine({ isRoot: true })
  aptGet(machine)
  systemProgram(machine, 'git')
  expect(await ensureMachine(machine.around)).toEqual({ is: 'ready' })
  expect(logOf(machine)).toBe(`${update}\n${install.replace(' git', '')}\n`)
})

test('with --yes or CI=true it is installed through sudo that asks nothing', async () => {
  const machine = aMachine({ isAgreed: true })
  aptGet(machine)
  sudo(machine)
  expect(await ensureMachine(machine.around)).toEqual({ is: 'ready' })
  expect(logOf(machine)).toBe(`sudo -n ${update}\n${update}\nsudo -n ${install}\n${install}\n`)
})

test('at a terminal the person sees the exact command and decides', async () => {
  const questions: string[] = []
  const answering = (answer: boolean) => (question: string) => {
    questions.push(question)
    return Promise.resolve(answer)
  }
  const agreed = aMachine({ ask: answering(true) })
  const declined = aMachine({ ask: answering(false) })
  for (const machine of [agreed, declined]) {
    aptGet(machine)
    sudo(machine)
  }
  expect(await ensureMachine(agreed.around)).toEqual({ is: 'ready' })
  expect(await ensureMachine(declined.around)).toMatchObject({ is: 'unready' })
  expect(logOf(declined)).toBe('')
  expect(questions[0]).toBe(`AgentOS needs bubblewrap and git. Run this now?\n  sudo ${update} && sudo ${install}\n`)
})

test('where nobody can answer, nothing is installed and one sentence says what to do', async () => {
  const machine = aMachine()
  aptGet(machine)
  expect(await ensureMachine(machine.around)).toEqual({
    is: 'unready',
    because: `AgentOS needs bubblewrap and git; run this, or start again with --yes: sudo ${update} && sudo ${install}`,
  })
  expect(logOf(machine)).toBe('')
})

test('a failed installation is named', async () => {
  const machine = aMachine({ isRoot: true })
  aProgram(machine, 'apt-get', 'exit 100')
  expect(await ensureMachine(machine.around)).toEqual({
    is: 'unready',
    because: `AgentOS needs bubblewrap and git, but this failed: ${update}`,
  })
})

test('a system without apt-get is told what is missing', async () => {
  expect(await ensureMachine(aMachine({ isRoot: true }).around)).toEqual({
    is: 'unready',
    because:
      'AgentOS needs bubblewrap and git, and this system has no apt-get: install what is missing with its own package manager.',
  })
})

test.each(['darwin', 'win32'])('on %s one sentence says what works and what needs Linux', async (platform) => {
  expect(await ensureMachine(aMachine({ platform }).around)).toEqual({
    is: 'unready',
    because: expect.stringMatching(/^Planning and verifying work here, but .* need Linux/),
  })
})

/** A bubblewrap that AppArmor holds back until its profile is loaded. */
function aRestrictedMachine(over: Partial<Surroundings>): Machine {
  const machine = aMachine(over)
  systemProgram(machine, 'git')
  systemProgram(machine, 'tee')
  const refusal = 'echo "bwrap: setting up uid map: Permission denied" >&2; exit 1'
  aProgram(
    machine,
    'bwrap',
    `[ "$1" = --version ] || [ -e ${machine.folder}/loaded ] || { ${refusal}; }\nexec /usr/bin/bwrap "$@"`,
  )
  aProgram(machine, 'apparmor_parser', `echo apparmor_parser "$@" >> ${machine.log}; touch ${machine.folder}/loaded`)
  writeFileSync(machine.around.namespaceRule, '1\n')
  return machine
}

test('where AppArmor restricts user namespaces, bubblewrap alone is let through', async () => {
  const machine = aRestrictedMachine({ isRoot: true })
  expect(await ensureMachine(machine.around)).toEqual({ is: 'ready' })
  const profile = join(machine.folder, 'agentos-bwrap')
  expect(logOf(machine)).toBe(`apparmor_parser -r ${profile}\n`)
  expect(readFileSync(profile, 'utf8')).toBe(
    'abi <abi/4.0>,\ninclude <tunables/global>\n' +
      `profile agentos-bwrap ${machine.bin}/bwrap flags=(unconfined) {\n  userns,\n}\n`,
  )
})

test('the rule of AppArmor is not touched without consent', async () => {
  const machine = aRestrictedMachine({})
  expect(await ensureMachine(machine.around)).toMatchObject({
    is: 'unready',
    because: expect.stringMatching(/^AppArmor keeps bubblewrap from .*; run this, or start again with --yes: printf /),
  })
  expect(logOf(machine)).toBe('')
})

test('a sandbox that fails for another reason is not repaired by guessing', async () => {
  const machine = aRestrictedMachine({ isRoot: true })
  writeFileSync(machine.around.namespaceRule, '0\n')
  expect(await ensureMachine(machine.around)).toMatchObject({
    is: 'unready',
    because: expect.stringContaining('setting up uid map: Permission denied'),
  })
  expect(logOf(machine)).toBe('')
})

test('started by itself it ends with 5 and one sentence where a part is missing', () => {
  const machine = aMachine()
  const setup = join(import.meta.dirname, '../../src/entry/setup.ts')
  const start = (env: Record<string, string>) => spawnSync(process.execPath, [setup], { env, encoding: 'utf8' })
  const systemFolders = '/usr/bin:/bin'
  expect(start({ PATH: systemFolders })).toMatchObject({ status: 0, stdout: '', stderr: '' })
  const { status, stdout, stderr } = start({ PATH: machine.bin })
  expect({ status, stdout }).toEqual({ status: 5, stdout: '' })
  expect(stderr.trimEnd().split('\n')).toHaveLength(1)
  expect(stderr).toContain('bubblewrap and git')
})

import { afterEach, describe, expect, it } from 'vitest'
import { BASE } from '../../app/queries/told-blobs.ts'
import { aStore, DELIVERY_COMMIT, PLAN_COMMIT, tellRun } from '../../app/queries/told-run.ts'
import { aWebServer } from './a-web-server.ts'
import { contrast, palettes } from './contrast.ts'

const RUN = '0123456789'
const open: { close(): Promise<void> }[] = []

async function pageOf(path: string, store = aStore()): Promise<string> {
  const web = await aWebServer({}, store)
  open.push(web)
  const answer = await web.get(path)
  expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8')
  return answer.text()
}

afterEach(async () => {
  for (const web of open.splice(0)) await web.close()
})

async function delivered(told: Parameters<typeof tellRun>[1] = {}) {
  const store = aStore()
  await tellRun(store, told).toDelivered()
  return store
}

/** The text that a person reads, tags left out. */
function textOf(html: string): string {
  return html
    .replace(/<style>[^]*?<\/style>/, '')
    .replace(/<[^>]*>/g, ' ')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')
    .replace(/\s+/g, ' ')
}

describe('the list of runs', () => {
  it('says how to begin where there is none', async () => {
    expect(textOf(await pageOf('/runs'))).toContain('There is no run yet. Say /agentos plan in a comment')
  })

  it('links every run with its state and place', async () => {
    const store = aStore()
    await tellRun(store, { run: RUN }).request()
    await tellRun(store, { run: '1123456789' }).toDelivered()
    const page = await pageOf('/runs', store)
    expect([...page.matchAll(/href="\/runs\/([0-9a-z]+)"/g)].map(([, run]) => run)).toEqual(['1123456789', RUN])
    expect(textOf(page)).toMatch(/1123456789 delivered acme\/site #12 #31 .* 0123456789 planning acme\/site #12 –/)
  })
})

describe('the page of a run', () => {
  it('says the verdict first, then who acts next, then the five rows', async () => {
    const text = textOf(await pageOf(`/runs/${RUN}`, await delivered()))
    const order = [
      'Greet twice',
      'Delivered',
      'People merge #31',
      'Request',
      'Plan',
      'Approval',
      'Execution',
      'Evidence',
      'Timeline',
      'Gates',
      'The change',
      'Approvals',
      'Side effects',
      'Verify it yourself',
    ]
    let at = 0
    for (const words of order) {
      const found = text.indexOf(words, at)
      expect(found, words).toBeGreaterThanOrEqual(at)
      at = found
    }
  })

  it('gives the exact commands that check it, and what they print', async () => {
    const page = textOf(await pageOf(`/runs/${RUN}`, await delivered()))
    expect(page).toContain(`-o agentos-${RUN}.evidence.json 'https://agentos.test/api/runs/${RUN}/evidence'`)
    expect(page).toContain("curl -fsS -o keys.json 'https://agentos.test/.well-known/agentos/keys.json'")
    expect(page).toContain(`agentos verify agentos-${RUN}.evidence.json --trust keys.json`)
    expect(page).toContain(`git diff-tree -r -z --no-renames --full-index ${BASE} ${DELIVERY_COMMIT} | sha256sum`)
  })

  it('compares the plan commit until there is a delivery', async () => {
    const store = aStore()
    const story = tellRun(store)
    await story.request()
    expect(textOf(await pageOf(`/runs/${RUN}`, store))).toContain('There is no commit yet')
    await story.plan()
    expect(textOf(await pageOf(`/runs/${RUN}`, store))).toContain(`${BASE} ${PLAN_COMMIT} | sha256sum`)
  })

  it('shows what the run learned, as text, with the command that proposes it, and nothing where that is nothing', async () => {
    const store = aStore()
    const story = tellRun(store)
    await story.request()
    await story.plan()
    expect(await pageOf(`/runs/${RUN}`, store)).not.toContain('What it learned')
    await story.objectTo('Keep <b>the old name</b>')
    const page = textOf(await pageOf(`/runs/${RUN}`, store))
    expect(page).toMatch(/What it learned constraint: changes requested: Greet twice/)
    expect(page).toContain(`agentos memory propose ${RUN} --out notes.patch`)
    expect(page).toContain('until people merge it')
  })

  it('shows every receipt of every step, every verdict, effect and approval', async () => {
    const store = await delivered()
    const page = await pageOf(`/runs/${RUN}`, store)
    const run = await store.queries.showRun(RUN)
    for (const { receipt } of run?.steps ?? []) expect(page).toContain(`title="${receipt}"`)
    for (const { key } of run?.effects ?? []) expect(page).toContain(`<code>${key}</code>`)
    for (const { hash } of run?.timeline ?? []) expect(page).toContain(`title="${hash}"`)
    for (const { because } of run?.verdicts ?? []) expect(textOf(page)).toContain(because)
    expect(textOf(page)).toMatch(/@lee \(user 22\) 501 c{10} GitHub/)
    expect(textOf(page)).toContain('38 side effects: 9 done, 23 to come, 6 timers still set, 0 given up')
  })

  it('tells what happened in words with who and when, what it could not verify, and links to where it is seen', async () => {
    const page = await pageOf(`/runs/${RUN}`, await delivered())
    const text = textOf(page)
    expect(text).toMatch(
      /Timeline someone with the right to ask asked for a change \S+ \S+ UTC · @ana .*an approval counts \S+ \S+ UTC · @lee/,
    )
    expect(text).toMatch(
      /The account .*Could not be verified .*What it cost .*job execute 24 h 3 s How to take it back/,
    )
    for (const path of ['issues/12', 'pull/31', 'pull/31#pullrequestreview-501', `commit/${DELIVERY_COMMIT}`])
      expect(page).toContain(`<a href="https://github.test/acme/site/${path}" rel="noreferrer">`)
  })

  it('shows every line of the change', async () => {
    const after = '-- a/x\n++ b/y\n@@ -1 +1 @@\ndiff --git a/x b/x\n\n\\ No newline at end of file\n\tindented\n'
    const store = await delivered({ files: [{ path: 'odd.txt', before: '-- b/z\nkept\n', after: `kept\n${after}` }] })
    const page = textOf((await pageOf(`/runs/${RUN}`, store)).replaceAll('\n', '⏎'))
    for (const line of after.split('\n')) expect(page).toContain(line.trim())
    expect(page).toContain('odd.txt +7 −1')
  })

  it('says of a binary file that it is one, and folds what is long', async () => {
    const long = Array.from({ length: 200 }, (_, i) => `line ${i}\n`).join('')
    const store = await delivered({
      files: [
        { path: 'a.bin', before: null, after: 'a\0b' },
        { path: 'long.txt', before: null, after: long },
      ],
    })
    const page = await pageOf(`/runs/${RUN}`, store)
    expect(page).toContain('Binary files differ')
    expect(page).toMatch(/<details class="diff">\s*<summary><code>long\.txt/)
    expect(page).toContain('line 199')
  })
})

describe('text that nobody vouches for', () => {
  const HOSTILE = '<script>alert(1)</script>"\'><img src=x onerror=alert(1)>&lt;'

  it('is text on every page, whatever it looks like', async () => {
    const store = await delivered({
      title: HOSTILE,
      files: [
        {
          path: `docs/${HOSTILE.replaceAll('/', '|')}.md`,
          before: null,
          after: `${HOSTILE}\n</td></table><script>alert(2)</script>\n`,
        },
      ],
    })
    const page = await pageOf(`/runs/${RUN}`, store)
    const tags = page.replace(/"[^"]*"/g, '""')
    expect(tags.match(/<script|<img|<iframe|<[^>]* on[a-z]+=|<[^>]* style=|javascript:/gi)).toBeNull()
    expect(page.match(/<style>/g)).toHaveLength(1)
    expect(textOf(page)).toContain(HOSTILE.replace('&lt;', '&lt;'))
    expect(page).toContain('&lt;/td&gt;&lt;/table&gt;')
  })

  it('has its invisible and direction-changing characters written out', async () => {
    const store = await delivered({ title: 'ab\u202ecd\u200b\u0007\u{e0041}\ufeff', login: 'ana' })
    const page = await pageOf(`/runs/${RUN}`, store)
    expect(page).not.toMatch(/(?![\n\t])\p{Cc}|\p{Cf}/u)
    expect(page).toContain('ab⟨U+202E⟩cd⟨U+200B⟩⟨U+0007⟩⟨U+E0041⟩⟨U+FEFF⟩')
  })
})

describe('every page', () => {
  it.each(['/runs', `/runs/${RUN}`])('%s can be used with a keyboard and a screen reader', async (path) => {
    const page = await pageOf(path, await delivered())
    expect(page).toContain('<html lang="en">')
    expect(page).toMatch(/<body>\s*<a class="skip" href="#content">/)
    for (const landmark of ['<header>', '<nav aria-label=', '<main id="content">', '<footer>'])
      expect(page.split(landmark)).toHaveLength(2)
    const headings = [...page.matchAll(/<h([1-6])/g)].map(([, level]) => Number(level))
    expect(headings[0]).toBe(1)
    expect(headings.filter((level) => level === 1)).toHaveLength(1)
    for (const [i, level] of headings.entries()) expect(level - (headings[i - 1] ?? 0)).toBeLessThanOrEqual(1)
    expect(page.match(/<table>/g)?.length).toBe(page.match(/<caption/g)?.length)
    expect(page).not.toMatch(/<th(?![^>]*scope=)[ >]/)
    expect(new Set(page.match(/ id="[^"]*"/g)).size).toBe(page.match(/ id="[^"]*"/g)?.length)
  })

  it('has text that stands out at least 4.5 to 1, light and dark', async () => {
    const both = palettes(await pageOf('/runs'))
    expect(both).toHaveLength(2)
    const pairs = [
      ['ink', 'page'],
      ['ink', 'panel'],
      ['soft', 'page'],
      ['soft', 'panel'],
      ['link', 'page'],
      ['link', 'panel'],
      ['good', 'good-back'],
      ['bad', 'bad-back'],
      ['wait', 'wait-back'],
      ['run', 'run-back'],
      ['ink', 'good-back'],
      ['ink', 'bad-back'],
    ] as const
    for (const palette of both)
      for (const [text, back] of pairs)
        expect(contrast(palette, text, back), `${text} on ${back}`).toBeGreaterThanOrEqual(4.5)
  })
})

import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { tellRun } from '../../app/queries/told-run.ts'
import { aWebServer } from './a-web-server.ts'

const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) =>
  existsSync(path),
)
const mustBeThere = process.env['CI'] !== undefined

/** Left out only where there is no Chromium and this is not CI. */
describe.skipIf(executablePath === undefined && !mustBeThere)('in a real browser', () => {
  let browser: Browser
  let web: Awaited<ReturnType<typeof aWebServer>>

  beforeAll(async () => {
    web = await aWebServer()
    const wide = `${'a very long line that no phone is wide enough for; '.repeat(20)}\n`
    await tellRun(web.store, {
      title: '<script>document.title="owned"</script><img src=x onerror="document.title=1">',
      files: [
        {
          path: 'docs/<img src=x onerror=alert(1)>.md',
          before: null,
          after: '<script>document.title="owned"</script>\n',
        },
        { path: 'docs/\u202egnp.md', before: null, after: 'turned \u2066round\u2069\n' },
        { path: `src/${'deep/'.repeat(30)}wide.ts`, before: null, after: wide },
      ],
    }).toDelivered()
    if (executablePath === undefined) throw new Error('CI has no Chromium')
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
  }, 60_000)

  afterAll(async () => {
    await browser.close()
    await web.close()
  })

  it.each([
    ['/runs', 360],
    ['/runs', 1280],
    ['/runs/0123456789', 360],
    ['/runs/0123456789', 1280],
  ])('%s at %i pixels runs nothing, breaks no rule of its policy and never scrolls sideways', async (path, width) => {
    const page = await browser.newPage({ viewport: { width, height: 844 } })
    const said: string[] = []
    page.on('console', (message) => said.push(message.text()))
    page.on('dialog', (dialog) => said.push(dialog.message()))
    const requests: string[] = []
    page.on('request', (request) => requests.push(request.url()))
    await page.goto(web.url + path)
    const folds = page.locator('details:not([open]) > summary')
    while ((await folds.count()) > 0) await folds.first().click()
    expect(said.filter((text) => !text.includes('favicon'))).toEqual([])
    expect(requests.filter((url) => !url.endsWith('/favicon.ico'))).toEqual([web.url + path])
    expect(await page.title()).not.toMatch(/^(owned|1)$/)
    expect(await page.locator('script, img, iframe').count()).toBe(0)
    expect(await page.locator('body').innerText()).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/)
    const [inner, outer] = [await page.locator('html').evaluate((root) => root.scrollWidth), width]
    expect(inner).toBe(outer)
    expect(
      await page.locator('body').evaluate((body) => body.ownerDocument.defaultView?.getComputedStyle(body).margin),
    ).toBe('0px')
    await page.close()
  })

  it.each(['light', 'dark'] as const)('follows a %s colour scheme', async (colorScheme) => {
    const page = await browser.newPage({ colorScheme })
    await page.goto(`${web.url}/runs`)
    const back = await page
      .locator('body')
      .evaluate((body) => body.ownerDocument.defaultView?.getComputedStyle(body).backgroundColor)
    expect(back).toBe(colorScheme === 'light' ? 'rgb(255, 255, 255)' : 'rgb(13, 17, 23)')
    await page.close()
  })

  it.each(['light', 'dark'] as const)(
    'has every text of a run stand out at least 4.5 to 1 in the %s scheme',
    async (colorScheme) => {
      const page = await browser.newPage({ colorScheme })
      await page.goto(`${web.url}/runs/0123456789`)
      const folds = page.locator('details:not([open]) > summary')
      while ((await folds.count()) > 0) await folds.first().click()
      expect(await page.evaluate(FAINT_TEXTS)).toEqual([])
      await page.close()
    },
  )

  it('lets the keyboard reach every link, fold and scrolling table, with a focus that is seen', async () => {
    const page = await browser.newPage({ viewport: { width: 360, height: 800 } })
    await page.goto(`${web.url}/runs/0123456789`)
    const wanted = await page.locator('a[href], summary, [tabindex="0"]').count()
    const reached = new Set<unknown>()
    for (let presses = 0; presses < wanted + 5; presses += 1) {
      await page.keyboard.press('Tab')
      const focus = await page.evaluate<{ at: number; outline: string }>(FOCUS)
      if (focus.at >= 0) expect(focus.outline).toMatch(/^3px|^[1-9]/)
      reached.add(focus.at)
    }
    reached.delete(-1)
    expect(reached.size).toBe(await page.evaluate<number>(VISIBLE_STOPS))
    await page.close()
  })
})

const STOPS = `[...document.querySelectorAll('a[href], summary, [tabindex="0"]')]`
/** What lies in a closed fold is reached once it is opened. */
const VISIBLE_STOPS = `${STOPS}.filter((one) => one.checkVisibility()).length`
const FOCUS = `({
  at: ${STOPS}.indexOf(document.activeElement),
  outline: getComputedStyle(document.activeElement).outlineWidth,
})`

/** WCAG 2's contrast of every text with the first opaque colour behind it. */
const FAINT_TEXTS = `(() => {
  const numbers = (colour) => colour.match(/[\\d.]+/g).map(Number)
  const part = (value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4)
  const light = ([r, g, b]) => 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b)
  const behind = (element) => {
    for (let one = element; one !== null; one = one.parentElement) {
      const colour = numbers(getComputedStyle(one).backgroundColor)
      if (colour.length < 4 || colour[3] === 1) return colour
    }
    return [255, 255, 255]
  }
  const faint = []
  for (const element of document.querySelectorAll('body *')) {
    const text = [...element.childNodes].filter(({ nodeType }) => nodeType === 3).map(({ data }) => data.trim()).join('')
    if (text === '') continue
    const [a, b] = [light(numbers(getComputedStyle(element).color)), light(behind(element))]
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
    if (ratio < 4.5) faint.push(element.tagName + ' ' + text.slice(0, 40) + ' ' + ratio.toFixed(2))
  }
  return faint
})()`

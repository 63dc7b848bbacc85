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
    ['/runs', 390],
    ['/runs', 1280],
    ['/runs/0123456789', 390],
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
})

import { html } from 'hono/html'

/** A piece of HTML whose parts are escaped. */
export type Html = Awaited<ReturnType<typeof html>>

/** Untrusted text with everything that cannot be seen written out; `html` escapes the rest. Line ends and tabs stay. */
export function visible(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu, (character) =>
    character === '\n' || character === '\t'
      ? character
      : `⟨U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}⟩`,
  )
}

/** The two marks that the catalogue's sentences use, `**strong**` and `` `code` ``; everything else in them is text. */
export function marked(text: string): readonly (Html | Promise<Html>)[] {
  return visible(text)
    .split(/(\*\*[^*\n]+\*\*|`[^`\n]+`)/)
    .map((part) => {
      if (/^\*\*[^*]+\*\*$/.test(part)) return html`<strong>${part.slice(2, -2)}</strong>`
      return /^`[^`]+`$/.test(part) ? html`<code>${part.slice(1, -1)}</code>` : html`${part}`
    })
}

/** A time of the log, readable for people and programs. */
export function time(at: string): Html | Promise<Html> {
  return html`<time datetime="${at}">${at.slice(0, 19).replace('T', ' ')} UTC</time>`
}

/** A link to where the repository is seen; its words alone where nobody knows where that is. */
export function linked(
  home: string | null,
  path: string | null,
  words: Html | Promise<Html> | string,
): Html | Promise<Html> {
  return home === null || path === null ? html`${words}` : html`<a href="${home}/${path}" rel="noreferrer">${words}</a>`
}

/** The beginning of a hash; the whole of it is its title and its copyable text where it matters. */
export function hashed(sha: string): Html | Promise<Html> {
  return html`<code title="${sha}">${sha.slice(0, 10)}</code>`
}

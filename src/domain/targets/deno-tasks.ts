import { isObject, packageJsonIn, parseJson } from './package-json.ts'
import { type Checkout, type Declared, firstFile, plainNames, type TargetReader, unreadable } from './target.ts'

/** The tasks of `deno.json` or `deno.jsonc`, and the scripts of `package.json`, which `deno task` takes too. */
export const denoTasks: TargetReader = {
  ...plainNames,
  noun: 'deno task',
  joint: ':',
  read(checkout: Checkout, folder: string): Declared | null {
    const path = firstFile(checkout, folder, ['deno.json', 'deno.jsonc'])
    if (path === undefined) return null
    const text = checkout.text(path)
    if (text === undefined) return unreadable(path)
    const value = parseJson(withoutComments(text))
    if (!isObject(value)) return { names: [], unsure: `${path} is not a JSON object` }
    const tasks = isObject(value['tasks']) ? Object.keys(value['tasks']) : []
    const scripts = packageJsonIn(checkout, folder)?.scripts.map(({ name }) => name) ?? []
    return { names: [...new Set([...tasks, ...scripts])], unsure: null }
  },
}

/** JSONC as JSON: comments and commas before a closing bracket go, strings stay. */
export function withoutComments(text: string): string {
  return text
    .replace(
      /("(?:[^"\\]|\\.)*(?:"|$|\\))|\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/g,
      (_all, kept: string | undefined) => kept ?? ' ',
    )
    .replace(/("(?:[^"\\]|\\.)*(?:"|$|\\))|,(?=\s*[}\]])/g, (_all, kept: string | undefined) => kept ?? '')
}

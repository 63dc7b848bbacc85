import { isObject, parseJson } from './package-json.ts'
import { pathIn, plainNames, type TargetReader, unreadable } from './target.ts'

/** The scripts of the `composer.json` of a folder. */
export const composerScripts: TargetReader = {
  ...plainNames,
  noun: 'Composer script',
  joint: ':',
  read(checkout, folder) {
    const path = pathIn(folder, 'composer.json')
    if (checkout.kind(path) !== 'file') return null
    const text = checkout.text(path)
    if (text === undefined) return unreadable(path)
    const value = parseJson(text)
    if (!isObject(value)) return { names: [], unsure: `${path} is not a JSON object` }
    return { names: isObject(value['scripts']) ? Object.keys(value['scripts']) : [], unsure: null }
  },
}

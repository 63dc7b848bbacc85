import { type Checkout, pathIn, plainNames, type TargetReader } from './target.ts'

/** Whether a folder is a Go package (`.`) and whether there is one at or below it (`...`), in some module. */
export const goPackages: TargetReader = {
  ...plainNames,
  noun: 'Go package',
  read(checkout, folder) {
    if (!isInModule(checkout, folder)) return null
    const sources = checkout.below(folder).filter((path) => path.endsWith('.go'))
    const start = folder === '' ? 0 : folder.length + 1
    const own = sources.some((path) => !path.slice(start).includes('/') && isSource(path.slice(start)))
    const any = own || sources.some((path) => isFound(checkout, folder, path.slice(start)))
    return { names: [...(own ? ['.'] : []), ...(any ? ['...'] : [])], unsure: null }
  },
}

function isInModule(checkout: Checkout, folder: string): boolean {
  const parts = folder === '' ? [] : folder.split('/')
  const places = Array.from({ length: parts.length + 1 }, (_, i) => parts.slice(0, i).join('/'))
  return places.some((place) => ['go.mod', 'go.work'].some((name) => checkout.kind(pathIn(place, name)) === 'file'))
}

function isSource(name: string): boolean {
  return !name.startsWith('_') && !name.startsWith('.')
}

/** `...` passes over `testdata`, `vendor`, names with a leading `_` or `.`, and modules of their own. */
function isFound(checkout: Checkout, folder: string, path: string): boolean {
  const parts = path.split('/')
  const folders = parts.slice(0, -1)
  if (!parts.every(isSource) || folders.some((part) => part === 'testdata' || part === 'vendor')) return false
  return folders.every(
    (_, i) => checkout.kind(pathIn(pathIn(folder, folders.slice(0, i + 1).join('/')), 'go.mod')) !== 'file',
  )
}

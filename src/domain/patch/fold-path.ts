const PLAIN = /^[a-z0-9_/-]*$/
const IGNORED = /[\p{Default_Ignorable_Code_Point}\p{Bidi_Control}]/gu

/**
 * What a path is to a file system that ignores case (NTFS, APFS, HFS+), normal form and invisible characters (HFS+) and
 * trailing dots and spaces (NTFS): two paths with the same fold may be one file there. Wider than any one of them.
 */
export function foldPath(path: string): string {
  return PLAIN.test(path) ? path : path.split('/').map(foldPart).join('/')
}

export function foldPart(part: string): string {
  return foldCase(part.replace(IGNORED, '').normalize('NFC')).replace(/[. ]+$/, '')
}

/** Upper case in between joins what lower case alone keeps apart, such as `ſ` and `s`, `ß` and `ss`. */
export function foldCase(text: string): string {
  return text.toLowerCase().toUpperCase().toLowerCase().normalize('NFC')
}

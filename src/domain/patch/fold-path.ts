const PLAIN = /^[a-z0-9_/-]*$/
/** Text that stays as it is under every normal form, and that can be seen. */
export const ASCII = /^[ -~]*$/
const IGNORED = /[\p{Default_Ignorable_Code_Point}\p{Bidi_Control}]/gu

/**
 * What a path is to a file system that ignores case (NTFS, APFS, HFS+), normal form and invisible characters (HFS+) and
 * trailing dots and spaces (NTFS): two paths with the same fold may be one file there. Wider than any one of them.
 */
export function foldPath(path: string): string {
  return PLAIN.test(path) ? path : path.split('/').map(foldPart).join('/')
}

export function foldPart(part: string): string {
  const visible = ASCII.test(part) ? part : part.replace(IGNORED, '').normalize('NFC')
  return foldCase(visible).replace(/[. ]+$/, '')
}

/** Upper case in between joins what lower case alone keeps apart, such as `ſ` and `s`, `ß` and `ss`. */
export function foldCase(text: string): string {
  if (ASCII.test(text)) return text.toLowerCase()
  return text.toLowerCase().toUpperCase().toLowerCase().normalize('NFC')
}

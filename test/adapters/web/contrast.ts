export type Palette = ReadonlyMap<string, string>

/** The colours that a page names, first those of the light scheme, then those of the dark one. */
export function palettes(page: string): readonly Palette[] {
  return [...page.matchAll(/:root\{([^}]*)\}/g)].map(
    ([, names = '']) =>
      new Map([...names.matchAll(/--([a-z-]+):(#[0-9a-f]{3,6})/g)].map(([, name = '', colour = '']) => [name, colour])),
  )
}

/** WCAG 2's contrast ratio of two named colours. */
export function contrast(palette: Palette, text: string, back: string): number {
  const [one, other] = [luminance(palette.get(text) ?? ''), luminance(palette.get(back) ?? '')]
  return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05)
}

function luminance(colour: string): number {
  const digits = colour.length === 4 ? colour.slice(1).replace(/./g, '$&$&') : colour.slice(1)
  if (!/^[0-9a-f]{6}$/.test(digits)) throw new Error(`${colour} is no colour`)
  const [red = 0, green = 0, blue = 0] = [0, 2, 4].map((at) => {
    const part = Number.parseInt(digits.slice(at, at + 2), 16) / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

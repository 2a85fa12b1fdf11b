const units = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** Whether a text is a span of time: a whole number of minutes, hours or days, such as `90m`, `12h` or `400d`. */
export function isSpan(text: string): boolean {
  return /^[1-9]\d{0,5}[mhd]$/.test(text)
}

/** The milliseconds of a span. Ask `isSpan` before. */
export function toSpan(text: string): number {
  return Number(text.slice(0, -1)) * units[text.slice(-1) as keyof typeof units]
}

/** Milliseconds as a span, in the greatest unit that has no rest. */
export function fromSpan(ms: number): string {
  const unit = (['d', 'h'] as const).find(one => ms % units[one] === 0) ?? 'm'
  return `${ms / units[unit]}${unit}`
}

/** A localStorage of its own, of so many characters. */
export function createStorage(maxChars = 5e6): Storage {
  const items: Record<string, string> = Object.create({
    getItem: (name: string) => items[name] ?? null,
    setItem(name: string, value: string) {
      const others = Object.keys(items).filter(one => one !== name)
      const chars = others.reduce((sum, one) => sum + one.length + (items[one] as string).length, 0)
      if (chars + name.length + value.length > maxChars) throw new DOMException('full', 'QuotaExceededError')
      items[name] = value
    },
    removeItem(name: string) {
      delete items[name]
    },
  })
  return items as unknown as Storage
}

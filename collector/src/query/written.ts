/** An item of a reply as JSON. `T` is what it was written from. */
export class Written<T> {
  readonly text: string
  /** Never there. It keeps items of different kinds apart. */
  declare readonly from?: T

  constructor(text: string) {
    this.text = text
  }
}

/**
 * Writes an object as JSON. Its members may be lists of what was written before, and their text is used as it is. Members
 * that are `undefined` are left out.
 */
export function toJson(value: object): string {
  const members = Object.entries(value).flatMap(([name, member]) => {
    const isList = Array.isArray(member) && member[0] instanceof Written
    const text = isList ? `[${member.map(({ text }: Written<unknown>) => text).join()}]` : JSON.stringify(member)
    return text === undefined ? [] : `${JSON.stringify(name)}:${text}`
  })
  return `{${members.join()}}`
}

/** The name of the element. */
export const elementName = 'sojourn-inspector'

/** Whether the key minimises the panel, or brings it back. */
export function isShortcut({ altKey, shiftKey, code }: KeyboardEvent): boolean {
  return altKey && shiftKey && code === 'KeyI'
}

/** Products by what a user agent says of them. One that calls itself another one too stands before it. */
const products: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/\bEdg(?:e|A|iOS)?\/(\d+)/, 'Edge'],
  [/\bOPR\/(\d+)/, 'Opera'],
  [/\bSamsungBrowser\/(\d+)/, 'Samsung Internet'],
  [/\b(?:Firefox|FxiOS)\/(\d+)/, 'Firefox'],
  [/\bHeadlessChrome\/(\d+)/, 'Headless Chrome'],
  [/\b(?:Chrome|CriOS)\/(\d+)/, 'Chrome'],
  [/\bVersion\/(\d+)\S* (?:Mobile\/\S+ )?Safari\//, 'Safari'],
]

const systems: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/\bAndroid\b/, 'Android'],
  [/\b(?:iPhone|iPad|iPod)\b/, 'iOS'],
  [/\bWindows\b/, 'Windows'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bMac OS X\b/, 'macOS'],
  [/\bLinux\b/, 'Linux'],
]

/**
 * A user agent in few words: `Firefox 140, Linux`. It helps to tell rows of a table apart, and proves nothing: anybody may
 * send any text. One without a product that is known is returned whole.
 */
export function nameBrowser(userAgent: string): string {
  for (const [pattern, name] of products) {
    const version = pattern.exec(userAgent)?.[1]
    if (version === undefined || version.length > 4) continue
    const system = systems.find(([pattern]) => pattern.test(userAgent))?.[1]
    return `${name} ${version}${system ? `, ${system}` : ''}`
  }
  return userAgent
}

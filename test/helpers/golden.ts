import { readFileSync } from 'node:fs'

/** A golden batch under the ids that it was made with, and what a collector answers to it. */
export function readGolden(name: string): { readonly batch: object; readonly answer: { readonly stored: string[] } } {
  const text = readFileSync(new URL(`../../conformance/data/v1-${name}.json`, import.meta.url), 'utf8')
  const { ids, sends } = JSON.parse(text)
  return JSON.parse(
    JSON.stringify(sends[0]).replace(/\{([a-z]+:\d+)\}/g, (whole, placeholder) => ids[placeholder] ?? whole),
  )
}

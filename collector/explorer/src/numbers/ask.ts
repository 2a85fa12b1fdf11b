import { useRef } from 'preact/hooks'
import { type Parameters, toSitePath } from '../api.js'
import { type Asked, useAsk } from '../use-ask.js'
import { type Period, periodBefore, toPeriodParameters } from './period.js'

/** What the numbers of a page are asked with. */
export interface Asking {
  readonly site: string
  readonly period: Period
  /** As in the address: empty, `include` or `only`. */
  readonly automated: string
}

/** The answer for a period, and that for the period before. Both are of the same question. */
export interface Compared<Reply> {
  readonly now: Reply
  readonly before: Reply
}

/**
 * Asks for numbers of a period and of the period before.
 *
 * @param name of the read below `numbers/`; `null` asks nothing.
 * @param beforeParameters parameters of the period before that differ.
 */
export function useNumbers<Reply>(
  { site, period, automated }: Asking,
  name: string | null,
  parameters: Parameters = {},
  beforeParameters: Parameters = {},
): Asked<Compared<Reply>> {
  const toPath = (period: Period, more: Parameters = {}): string | null =>
    name === null
      ? null
      : toSitePath(site, ['numbers', name], { ...toPeriodParameters(period), automated, ...parameters, ...more })
  const now = useAsk<Reply>(toPath(period))
  const before = useAsk<Reply>(toPath(periodBefore(period), beforeParameters))
  const again = (): void => {
    now.again()
    before.again()
  }
  const isLoading = now.isLoading || before.isLoading
  // While one of the two is still that of an earlier question, both are the earlier ones.
  const both = useRef<Compared<Reply>>()
  if (!isLoading && now.data && before.data) both.current = { now: now.data, before: before.data }
  return { data: both.current, error: now.error ?? before.error, isLoading, again }
}

// The scale of a slider: its range and its steps.

import type { InputCard } from '../model'

export interface Scale {
  low: number
  high: number
}

/** The range of an input: its bounds, or, if unbounded, well past its quantiles. */
export function scaleOf(input: InputCard): Scale {
  const { p05 = input.median, p95 = input.median } = input.quantiles
  const room = 0.6 * (p95 - p05) || Math.abs(input.median) / 2 || 1
  return { low: input.min ?? p05 - room, high: input.max ?? p95 + room }
}

/** A value set by hand, rounded to a thousandth of the scale. */
export function rounded(value: number, { low, high }: Scale): number {
  const digits = Math.max(0, Math.min(12, 3 - Math.floor(Math.log10(high - low || 1))))
  return Number(Math.min(Math.max(value, low), high).toFixed(digits))
}

/** What a key does to a slider; null for any other key. */
export function keyed(key: string, value: number, { low, high }: Scale): number | null {
  const range = high - low
  switch (key) {
    case 'ArrowRight': case 'ArrowUp': return value + range / 100
    case 'ArrowLeft': case 'ArrowDown': return value - range / 100
    case 'PageUp': return value + range / 10
    case 'PageDown': return value - range / 10
    case 'Home': return low
    case 'End': return high
    default: return null
  }
}

/** A number for display, to about three significant digits. */
export function short(value: number): string {
  if (Number.isInteger(value) || Math.abs(value) >= 1000) return String(Math.round(value * 100) / 100)
  return String(Number(value.toPrecision(3)))
}

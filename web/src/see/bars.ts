// The bars of the tornado: which are shown at once, and where they lie on their common scale.

import type { Bar } from '../live'

export const MOST_BARS = 5
/** Narrower bars are drawn, but only behind "show all". */
const LEAST = 0.001

/** The widest few, and all others. */
export function widest(bars: Bar[]): { first: Bar[]; others: Bar[] } {
  const wide = bars.filter((bar) => Math.abs(bar.at_high - bar.at_low) >= LEAST).slice(0, MOST_BARS)
  return { first: wide, others: bars.slice(wide.length) }
}

/** A scale that holds every bar and the mean, with some room at both ends, from 0 to 1 at most. */
export function scaleOfBars(bars: Bar[], mean: number): { low: number; high: number } {
  const ends = [mean, ...bars.flatMap((bar) => [bar.at_low, bar.at_high])]
  const low = Math.min(...ends)
  const high = Math.max(...ends)
  const room = 0.06 * (high - low) || 0.01
  return { low: Math.max(0, low - room), high: Math.min(1, high + room) }
}

/** The place of a share on the scale, in percent of its length. */
export function placeOn({ low, high }: { low: number; high: number }, share: number): number {
  return (100 * (share - low)) / (high - low)
}

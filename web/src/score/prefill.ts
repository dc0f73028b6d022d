// A forecast started in another part of the page: Score opens with its form filled in.

import { signal } from '@preact/signals'
import { model, nameOf } from '../crisis'
import { part } from '../session'

/** What a new forecast is of: an ending or a choice of a run, or any claim with its probability. */
export type Begun =
  | { kind: 'run'; run: string; ending?: string; move?: string }
  | { kind: 'claim'; claim: string; probability: number | null }

export const begun = signal<Begun | null>(null)

/** An ending as it stands on See, by its name, with the probability that is shown for it. */
export function forecastEnding(name: string, probability: number): void {
  const title = model.value?.title
  begun.value = { kind: 'claim', claim: `${title ? `${title}: ` : ''}the ending is ${nameOf('endings', name)}`, probability }
  part.value = 'score'
}

/** An ending, or a choice as `MOVE=OPTION@ROUND`, as a run has it: the ledger keeps the run with it. */
export function forecastRun(run: string, of: { ending: string } | { move: string }): void {
  begun.value = { kind: 'run', run, ...of }
  part.value = 'score'
}

// A forecast started in another part of the page: Score opens with its form filled in.

import { signal } from '@preact/signals'
import { post } from '../api'
import { file, model, setting } from '../crisis'
import { spread } from '../live'
import type { Setting } from '../model'
import { part, sayError } from '../session'
import { trn } from '../texts'

/** What a new forecast is of: an ending or a choice of a run, or any claim with its probability. */
export type Begun =
  | { kind: 'run'; run: string; ending?: string; move?: string; words?: string }
  | { kind: 'claim'; claim: string; probability: number; from: string }

export const begun = signal<Begun | null>(null)

/** An ending as it stands on See: of the newest run of the same settings if there is one, else with See's own mean. */
export async function forecastEnding(name: string, probability: number): Promise<void> {
  const asked = setting.peek()
  const claim = model.peek()?.endings.find((one) => one.name === name)?.claim ?? ''
  const draws = spread.peek()?.converged ?? 0
  const run = asked && (await runOf(asked))
  if (run) return forecastRun(run, { ending: name })
  begun.value = {
    kind: 'claim', probability, claim,
    from: trn('the mean of the {count} draw on See; no run of this folder has this text and these settings',
      'the mean of the {count} draws on See; no run of this folder has this text and these settings', draws),
  }
  part.value = 'score'
}

async function runOf(asked: Setting): Promise<string | null> {
  const text = file.peek()?.eol === '\r\n' ? asked.text.replaceAll('\n', '\r\n') : asked.text
  try {
    return (await post<{ run: string | null }>('/api/runs/of', { ...asked, text })).run
  } catch (error) {
    sayError(error)
    return null
  }
}

/** An ending, or a choice as `MOVE=OPTION@ROUND`, as a run has it: the ledger keeps the run with it. */
export function forecastRun(run: string, of: { ending: string } | { move: string; words: string }): void {
  begun.value = { kind: 'run', run, ...of }
  part.value = 'score'
}

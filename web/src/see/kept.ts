// The named scenarios of the open crisis, in the file beside it that the server keeps.

import { signal } from '@preact/signals'
import { get, put } from '../api'
import { file, model } from '../crisis'
import { say, sayError } from '../session'
import { fitting, set, setTo } from '../setting'
import { tr } from '../texts'
import { withOne, type Named } from './named'

interface Kept {
  /** The path of the file with the scenarios. */
  path: string
  scenarios: Named[]
  sha: string | null
  writable: boolean
}

export const kept = signal<(Kept & { of: string }) | null>(null)
/** Why the scenarios cannot be read, if they cannot. */
export const unread = signal<string | null>(null)

/** Reads the scenarios of the open crisis from disk. */
export async function readAgain(): Promise<void> {
  const of = file.peek()?.path
  if (of === undefined) return
  if (kept.peek()?.of !== of) kept.value = null
  try {
    const found = await get<Kept>('/api/scenarios', { path: of })
    if (file.peek()?.path !== of) return
    kept.value = { ...found, of }
    unread.value = null
  } catch (error) {
    unread.value = error instanceof Error ? error.message : String(error)
  }
}

async function write(scenarios: Named[]): Promise<boolean> {
  const { of, sha } = kept.peek() ?? {}
  if (of === undefined) return false
  try {
    kept.value = { ...(await put<Kept>('/api/scenarios', { path: of, scenarios, was: sha })), of }
    return true
  } catch (error) {
    sayError(error)
    await readAgain()
    return false
  }
}

/** Keeps what is set on the page under a name. */
export async function keepAs(name: string): Promise<boolean> {
  return write(withOne(kept.peek()?.scenarios ?? [], { name, ...set.peek() }))
}

export async function rename(from: string, to: string): Promise<boolean> {
  const scenarios = kept.peek()?.scenarios ?? []
  if (from === to) return true
  if (scenarios.some((one) => one.name === to)) {
    say(tr('There is a scenario "{scenario}" already.', { scenario: to }), 'error')
    return false
  }
  return write(scenarios.map((one) => (one.name === from ? { ...one, name: to } : one)))
}

export async function remove(name: string): Promise<boolean> {
  return write((kept.peek()?.scenarios ?? []).filter((one) => one.name !== name))
}

/** Sets the page as a scenario says, as far as the crisis still has what it names. */
export function load(wanted: Named): void {
  const crisis = model.peek()
  if (!crisis) return
  const { scenario, gone } = fitting(crisis, wanted)
  setTo(scenario)
  say(gone.length
    ? tr('No longer in the file: {names}. The rest of "{scenario}" is set.', { names: gone.join(', '), scenario: wanted.name })
    : tr('"{scenario}" is set.', { scenario: wanted.name }))
}

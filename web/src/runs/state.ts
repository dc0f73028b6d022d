// The runs in the open folder, as the server reports them; polled each second, only while one is running.

import { effect, signal } from '@preact/signals'
import { get, post } from '../api'
import { plain, type Model } from '../model'
import { hello, part, sayError } from '../session'

export interface Span {
  /** Null if no draw converged. */
  mean: number | null
  p05?: number
  p95?: number
}

export interface RunLine {
  run: string
  title: string
  state: 'waiting' | 'running' | 'unfinished' | 'finished' | 'damaged' | 'failed'
  done: number
  draws: number
  seed: number
  levers: string[]
  /** By key; missing before the run has begun. */
  names?: { endings: Record<string, string>; levers: Record<string, string> }
  written: string | null
  bytes: number
  endings: Record<string, Span | number> | null
  /** Started or resumed by this workbench, so it can stop it. */
  ours: boolean
  /** Why it failed or is damaged, if it is. */
  message?: string | null
}

export interface RunOpened extends Partial<RunLine> {
  manifest: Record<string, unknown> | null
  crisis_path: string | null
}

export const runs = signal<RunLine[] | null>(null)
/** The open run; null shows the list. */
export const opened = signal<string | null>(null)

const POLL = 1000
let timer: number | undefined
let asking: Promise<void> | null = null

/** Gets the list; a call during a running request is repeated after it, because the answer may be older. */
export async function refresh(): Promise<void> {
  while (asking) await asking
  asking = look()
  await asking
}

async function look(): Promise<void> {
  try {
    runs.value = (await get<{ runs: RunLine[] }>('/api/runs')).runs
  } catch (error) {
    runs.value ??= []
    sayError(error)
  } finally {
    asking = null
  }
}

effect(() => {
  if (part.value === 'runs' && hello.value?.role === 'analyst') void refresh()
})

effect(() => {
  const busy = part.value === 'runs' && runs.value?.some(({ state }) => state === 'running' || state === 'waiting')
  window.clearTimeout(timer)
  if (busy) timer = window.setTimeout(() => void refresh(), POLL)
})

export interface ToStart {
  path: string
  draws: number
  seed: number
  levers: string[]
}

export async function start(asked: ToStart, signal: AbortSignal): Promise<string> {
  const { run } = await post<{ run: string }>('/api/runs', asked, signal)
  await refresh()
  return run
}

export async function stop(run: string): Promise<void> {
  await told('/api/runs/stop', run)
}

export async function goOn(run: string): Promise<void> {
  await told('/api/runs/go-on', run)
}

async function told(path: string, run: string): Promise<void> {
  try {
    await post(path, { run })
  } catch (error) {
    sayError(error)
  }
  await refresh()
}

/** The crisis of a run, from the run's own copy; null if it cannot be read. */
export async function modelOf(run: string, signal: AbortSignal): Promise<Model | null> {
  const path = `${run}/crisis.yaml`
  const { text } = await get<{ text: string }>('/api/file', { path }, signal)
  return (await post<{ model: Model | null }>('/api/check', { path, text }, signal)).model
}

/** The name of an ending or a lever of a run. */
export function nameOfRun(run: Partial<RunLine> | undefined, kind: 'endings' | 'levers', key: string): string {
  return run?.names?.[kind][key] ?? plain(key)
}

export function shortName(run: string): string {
  return run.slice(run.lastIndexOf('/') + 1)
}

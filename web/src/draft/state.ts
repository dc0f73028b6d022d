// The drafts of crises from documents, as the server reports them: their stages, and the one that is open.

import { effect, signal } from '@preact/signals'
import { get, isAbort } from '../api'
import { hello, part, sayError } from '../session'

/** A document as the server read it. */
export interface DocumentRead {
  name: string
  title: string | null
  paragraphs: string[]
  dropped: string[]
  rule: string
  suspicious: number[]
}

/** How much of a draft a person has read. */
export interface Standing {
  read: number
  total: number
}

export interface Stage {
  stage: string
  state: 'done' | 'now' | 'ahead' | 'skipped'
}

/** A provider at work on a draft, in a process of its own. */
export interface Work {
  state: 'going' | 'stopped' | 'failed' | 'finished'
  model: string
  host: string
  message: string | null
}

export interface DraftState {
  folder: string
  /** The path of the crisis file, once there is one. */
  crisis: string | null
  document: { name: string; title: string; suspicious: number[]; paragraphs: number }
  as_of: string | null
  model: string
  usage: { calls: number; input_tokens: number; output_tokens: number }
  stages: Stage[]
  /** What there is so far, and what became of the quotes; a text may be empty. */
  found: string[]
  /** What is wrong with the crisis file: each fault with its record. */
  faults: string[]
  /** How it ended; null while it goes on. */
  outcome: string | null
  /** What the model says of its draft. */
  notes: string[]
  /** The records that the second look changed. */
  changed: string[]
  /** What was ignored in answers, or counts as ours. */
  remarks: string[]
  complaints: string[]
  /** What to do if the answers cannot be used; null while there is hope. */
  stuck: string | null
  prompt: { number: number; stage: string; text: string } | null
  work: Work | null
  standing: Standing
  /** Whether a provider can be asked from here; if not, why. */
  refused: string | null
}

/** The open draft's folder; null while a document is being chosen. */
export const draftFolder = signal<string | null>(null)
export const draftState = signal<DraftState | null>(null)

const POLL = 1000
let timer: number | undefined
let looking: AbortController | null = null

/** Gets the state of the open draft. */
export async function look(): Promise<void> {
  const folder = draftFolder.peek()
  if (folder === null) return
  looking?.abort()
  const mine = (looking = new AbortController())
  try {
    const said = await get<DraftState>('/api/draft', { folder }, mine.signal)
    if (draftFolder.peek() === folder) draftState.value = said
  } catch (error) {
    if (!isAbort(error)) sayError(error)
  }
}

effect(() => {
  const folder = draftFolder.value
  if (draftState.peek()?.folder !== folder) draftState.value = null
  if (folder !== null && part.value === 'draft' && hello.value?.role === 'analyst') void look()
})

effect(() => {
  const busy = part.value === 'draft' && draftState.value?.work?.state === 'going'
  window.clearTimeout(timer)
  if (busy) timer = window.setTimeout(() => void look(), POLL)
})

/** The folder of a drafted crisis file; "." is the opened folder itself. */
export function folderOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '.'
}

/** Shows a draft, or where one is begun. */
export function openDraft(folder: string | null): void {
  draftFolder.value = folder
  part.value = 'draft'
}

const SHOWN = 'offramp-endings-shown'

/** Drafts whose endings a person wanted to see before all was read; kept for this tab. */
export const shownEarly = signal<string[]>((sessionStorage.getItem(SHOWN) ?? '').split('\n').filter(Boolean))

export function showEndings(path: string): void {
  shownEarly.value = [...shownEarly.value, path]
  sessionStorage.setItem(SHOWN, shownEarly.value.join('\n'))
}

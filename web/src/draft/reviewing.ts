// The records of a draft as they are read one by one, and the decisions about them.

import { get, post } from '../api'
import { file, openFile } from '../crisis'
import type { Standing } from './state'

export interface ReviewField {
  name: string
  says: string
  value: string
  written: 'text' | 'list' | 'yes or no'
}

export type QuoteState = 'exact' | 'folded' | 'elsewhere' | 'failed' | 'ours'
export type Verdict = 'accepted' | 'changed' | 'rejected' | 'not said'

/** A record of a brief, to be read. */
export interface ReviewRecord {
  id: string
  kind: string
  claim: string
  /** What it does to the model. */
  words: string
  state: QuoteState
  /** A digest: a decision is taken only on the record as it was seen. */
  seen: string
  fields: ReviewField[]
  /** The cited paragraph in three parts: before the quote, the quote, after it. */
  passage: { number: number; before: string; quote: string; after: string } | null
  flags: string[]
  changed: boolean
  decision: Decision | null
}

export interface Decision {
  verdict: Verdict
  by: string
  date: string
}

export interface Reviewed {
  crisis: string | null
  standing: Standing
  /** What the order is, in words. */
  order: string
  /** What is wrong with the crisis file after the last decision. */
  faults: string[]
  records: ReviewRecord[]
}

/** Gets the records of a draft, the heaviest first. */
export function records(folder: string, signal: AbortSignal): Promise<Reviewed> {
  return get<Reviewed>('/api/draft/review', { folder }, signal)
}

/** What falls with a record that is rejected, each in words, and a sentence on inputs that nothing else uses. */
export interface Falling {
  falls: string[]
  idle: string
}

/** Asks what falls with a record. */
export function fallsWith(folder: string, record: string): Promise<Falling> {
  return get<Falling>('/api/draft/falls', { folder, record })
}

export interface Deciding {
  folder: string
  record: string
  seen: string
  verdict: Verdict
  by: string
  change: Record<string, string>
  still_quoted: boolean
}

/** Stores a decision. */
export async function decide(asked: Deciding, before: Reviewed): Promise<Reviewed> {
  return followed(await post<Reviewed>('/api/draft/decide', asked), before)
}

/** Takes back the last decision, and tells of which record it was. */
export async function undo(folder: string, by: string, before: Reviewed): Promise<Reviewed & { undone: string }> {
  return followed(await post<Reviewed & { undone: string }>('/api/draft/undo', { folder, by }), before)
}

/** The records in the order of before; the editor follows the crisis file, if nothing there is unsaved. */
async function followed<T extends Reviewed>(said: T, before: Reviewed): Promise<T> {
  const open = file.peek()
  if (said.crisis !== null && open?.path === said.crisis && !open.dirty) await openFile(said.crisis)
  const places = new Map(before.records.map(({ id }, place) => [id, place]))
  const place = ({ id }: ReviewRecord): number => places.get(id) ?? before.records.length
  return { ...said, order: before.order, records: [...said.records].sort((one, other) => place(one) - place(other)) }
}

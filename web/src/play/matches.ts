// The matches of this workbench: the list, the open one, and the links of those started in this tab.

import { effect, signal } from '@preact/signals'
import { get, post } from '../api'
import type { Setting } from '../model'
import { hello, part, sayError } from '../session'
import type { MatchLine, RoomView } from './model'

export interface MatchLinks {
  seats: Record<string, string>
  facilitator: string
}

export const matches = signal<MatchLine[] | null>(null)
/** The open match; null shows the list. */
export const watched = signal<string | null>(null)

const KEY = 'offramp-links'
const known = signal<Record<string, MatchLinks>>(JSON.parse(sessionStorage.getItem(KEY) ?? '{}') as Record<string, MatchLinks>)

export async function refreshMatches(): Promise<void> {
  try {
    matches.value = (await get<{ matches: MatchLine[] }>('/api/matches')).matches
  } catch (error) {
    matches.value ??= []
    sayError(error)
  }
}

effect(() => {
  if (part.value === 'play' && watched.value === null && hello.value?.role === 'analyst') void refreshMatches()
})

export interface ToBegin {
  seats: Record<string, 'person' | 'offramp'>
  seed: number | null
  seconds: number | null
}

export async function begin(setting: Setting, asked: ToBegin, signal: AbortSignal): Promise<string> {
  const { now: _, supposed: __, ...fromOutset } = setting
  const { match, seats, facilitator } = await post<{ match: string } & MatchLinks>('/api/matches', { ...fromOutset, ...asked }, signal)
  known.value = { ...known.value, [match]: { seats, facilitator } }
  sessionStorage.setItem(KEY, JSON.stringify(known.value))
  return match
}

/** The links of a match: as the server says them, or as they were when it began in this tab. */
export function linksOf(match: string, view: RoomView): MatchLinks | null {
  if (view.tokens && view.facilitator) return { seats: view.tokens, facilitator: view.facilitator }
  return known.value[match] ?? null
}

export function linkOf(token: string): string {
  return `${location.origin}/#token=${encodeURIComponent(token)}`
}

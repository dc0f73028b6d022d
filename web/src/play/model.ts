// A match as the server sends it: to a seat what its actor has seen, to a facilitator everything.

import type { Finding } from '../model'
import { tr } from '../texts'

/** Who chose a step; `past`: it was before now, in a match that began as of now. */
export type By = 'person' | 'offramp' | 'chance' | 'past'

export interface Happening {
  kind: 'step' | 'told' | 'round' | 'state' | 'rounds_over'
  step: string
  /** The name of the step, and of its value. */
  name: string
  value_name: string
  round: number
  days?: string
  value: string | number
  actor: string | null
  /** Made by this seat. */
  own?: boolean
  seen_by?: string[]
  by?: By | null
  probability?: number | null
}

export interface Question {
  move: string
  name: string
  says: string | null
  round: number
  options: string[]
  named: Record<string, { name: string; says: string | null }>
  closed: { option: string; name: string; says: string | null; only_if: string | null }[]
}

interface Common {
  version: number
  role: 'seat' | 'facilitator' | 'analyst'
  match: string
  crisis: string
  summary?: string | null
  /** The names of actors. */
  names?: Record<string, string>
  round: number
  timeline: Happening[]
  deadline: string | null
  /** The server's clock, if given: timers do not rely on the clock of this machine. */
  now?: string
  ending: string | null
  ending_name: string | null
}

export interface SeatView extends Common {
  actor: string
  name: string
  status: 'asked' | 'waiting' | 'finished'
  asked: Question | null
  /** The seat was handed over to Offramp. */
  handed_over?: boolean
}

export interface RoomView extends Common {
  seats: string[]
  seed: number
  status: 'playing' | 'finished'
  awaiting: string[]
  asked: Record<string, Question>
  pending: Record<string, string>
  pending_names: Record<string, string>
  odds: Record<string, number>
  /** The names of the endings. */
  endings: Record<string, string>
  /** Seats handed over to Offramp. */
  handed_over?: string[]
  deadlines?: Record<string, string | null>
  tokens?: Record<string, string> | null
  facilitator?: string | null
}

export interface DebriefEntry {
  number: number
  step: string
  round: number
  value: string | number
  actor: string | null
  name: string
  by: By
  probability: number
  odds_before: Record<string, number>
  odds_after: Record<string, number>
  sees: Record<string, string | number>
  beliefs: { step: string; round: number; value: string; before: number; now: number }[]
  step_name: string
  value_name: string
  option_names: Record<string, string>
  /** Everything that was known, in names; and for each belief the names of its step and value. */
  knows: [string, string][]
  belief_names: [string, string][]
  options: { option: string; probability: number; value: number | null }[]
  cost: number | null
  gain: number | null
}

export interface Debrief extends Finding {
  entries?: DebriefEntry[]
  endings: Record<string, string>
}

export interface MatchLine {
  match: string
  title: string
  started: string
  finished: boolean | string | null
  seats: Record<string, string> | string[]
  seed?: number | null
}

const PLAYED: Record<By, { sentence: string; clause: string }> = {
  person: { sentence: tr('Played by a person.'), clause: tr('played by a person') },
  offramp: { sentence: tr('Played by Offramp.'), clause: tr('played by Offramp') },
  chance: { sentence: '', clause: '' },
  past: { sentence: tr('Before now.'), clause: tr('before now') },
}

/** Who played a step, as a sentence or as a clause; nothing of what happened by chance. */
export function playedBy(by: By | null | undefined, as: 'sentence' | 'clause'): string {
  return by ? PLAYED[by][as] : ''
}

/** A step of a debrief as its heading; what was before now was nobody's choice in the match. */
export function heading(entry: DebriefEntry, you?: string): string {
  const own = entry.actor === you && entry.by !== 'past'
  const who = entry.actor === null ? tr('Chance') : own ? tr('You') : entry.name
  return `${who}, ${entry.step_name}: ${entry.value_name}`
}

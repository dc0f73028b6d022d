// Types of the server's answers, as far as the page uses them: crisis, solve, finding.

import { tr } from './texts'

export interface Hello {
  version: string
  role: 'analyst' | 'seat' | 'facilitator'
  match: string | null
  seat: string | null
  folder: string
  opened: string | null
  limits: { file_bytes: number; nodes: number; draws: number }
}

/** The crisis in the editor and what is varied: the scenario of every solve. */
export interface Setting extends Varied {
  path: string
  text: string
}

/** What is varied, and the moment from which it acts. */
export interface Varied {
  given: Record<string, number>
  levers: string[]
  rationality: number | null
  /** As of the last observed event, and not from the outset. */
  now: boolean
  /** What is supposed to have happened, by step, or by "step@round" inside rounds. */
  supposed: Record<string, string>
}

export interface InputCard extends Reason {
  name: string
  label: string
  says: string | null
  unit: string | null
  distribution: string
  median: number
  quantiles: Record<string, number>
  /** Bounds of the input; null if unbounded. */
  min: number | null
  max: number | null
  density: [number, number][]
  of_actor: string | null
  /** Range of its value in the text; null if it is not a scalar there. */
  from: number | null
  to: number | null
}

export interface EndingCard extends Reason {
  name: string
  says: string | null
  avoid: boolean
  /** What a forecast of it claims; English in every language, as it is the key of the question in a ledger. */
  claim: string
}

/** Why something is assumed, and the passages that say so. */
export interface Reason {
  because: string | null
  cites: string[]
}

export interface LeverCard extends Reason {
  name: string
  says: string | null
  cost: number | null
  /** What it changes, by name. */
  does: string[]
}

export interface StepCard extends Reason {
  step: string
  actor?: string
  rounds?: number[]
  options: string[]
  says: string | null
  option_says: Record<string, string>
  /** Why an option is thought to exist, of those for which the file says so. */
  option_reasons: Record<string, Reason>
  line: number
}

export interface Model {
  title: string
  as_of: string | null
  summary: string | null
  actors: { key: string; name: string; rationality: string; memory: string }[]
  endings: EndingCard[]
  measures: { name: string; says: string | null; unit: string | null }[]
  inputs: InputCard[]
  levers: LeverCard[]
  moves: StepCard[]
  chances: StepCard[]
  size: { nodes: number; histories: number; information_sets: number }
  observed: number
  names: Names
}

/** What readers see in place of the keys of the file. */
export interface Names {
  endings: Record<string, string>
  inputs: Record<string, string>
  levers: Record<string, string>
  measures: Record<string, string>
  steps: Record<string, string>
  options: Record<string, Record<string, string>>
}

export interface Column {
  name: string
  heading: string
  kind: 'text' | 'share' | 'points' | 'error' | 'amount' | 'number' | 'change' | 'count'
}

export interface Table {
  name: string
  caption: string
  columns: Column[]
  rows: string[][]
  /** If any column has names: the keys behind the names, and yes or no as it is. */
  keys?: (string | boolean | null)[][]
  grouped: number
}

export interface Picture {
  name: string
  title: string
  narrow: string
  wide: string
}

export interface Finding {
  title: string
  basis: string
  answer: string[]
  tables: Table[]
  notes: string[]
  pictures: Picture[]
}

const NOTHING = 1e-9
const LEAST = 1e-5
/** Of a difference between means of a few hundred draws. */
const MOST_DECIMALS = 2

/** A key of the crisis file in words, if nothing is known of its name: `stand_down` is "stand down". */
export function plain(name: string): string {
  return name.replaceAll('_', ' ')
}

/** The name of an ending, measure, input, lever or step. */
export function nameIn(model: Model | null, kind: Exclude<keyof Names, 'options'>, key: string): string {
  return model?.names[kind][key] ?? plain(key)
}

/** The name of an option of a step. */
export function optionIn(model: Model | null, step: string, option: string): string {
  return model?.names.options[step]?.[option] ?? plain(option)
}

/** `reply` in round 2 of rounds is "reply, round 2". */
export function inRound(words: string, round: number): string {
  return round > 0 ? tr('{step}, round {round}', { step: words, round }) : words
}

/** A probability in percent: to one decimal, and to two significant digits near 0 and 100. */
export function percent(p: number): string {
  const rest = Math.min(p, 1 - p)
  if (rest > NOTHING && rest < LEAST) return p < 0.5 ? '<0.001 %' : '>99.999 %'
  return `${(100 * p).toFixed(rest > NOTHING ? decimals(100 * rest) : 1)} %`
}

/** A difference between two probabilities in points, to two digits: "+2.1", "−0.34", "0.0". */
export function points(difference: number): string {
  const digits = Math.min(decimals(100 * Math.abs(difference)), MOST_DECIMALS)
  const shown = (100 * Math.abs(difference)).toFixed(digits)
  if (Number(shown) === 0) return '0.0'
  return `${difference > 0 ? '+' : '−'}${shown}`
}

/** The decimals that give two digits, at least one. */
function decimals(hundredths: number): number {
  return hundredths > 100 * NOTHING ? Math.max(1, 1 - Number(hundredths.toExponential(1).split('e')[1])) : 1
}

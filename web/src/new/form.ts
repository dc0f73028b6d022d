// The form of a new crisis: what has been answered, how rows are added, moved and taken out, and what the server is sent.

import { numberIn } from '../parts/fields'

/** Numbers as they were typed. */
export interface Estimate {
  guess: string
  low: string
  high: string
  because: string
}

export interface Actor {
  id: number
  name: string
  key: string
  wants: string
}

export interface Option {
  id: number
  name: string
  odds: Estimate
}

/** That a step takes an option, both by their numbers; 0 until one is chosen. */
export interface Taken {
  step: number
  option: number
}

export interface Condition {
  anyOf: boolean
  taken: Taken[]
}

/** A move of an actor, or a chance step if `by` is null. */
export interface Step {
  id: number
  name: string
  by: number | null
  options: Option[]
  unseen: number[]
  happensIf: Condition
}

export interface Ending {
  id: number
  name: string
  when: Condition
}

export interface Form {
  title: string
  file: string
  actors: Actor[]
  steps: Step[]
  endings: Ending[]
  avoid: number
  /** By `ACTOR ENDING`. */
  payoffs: Record<string, Estimate>
  next: number
}

export const NOTHING: Estimate = { guess: '', low: '', high: '', because: '' }
const ALWAYS: Condition = { anyOf: false, taken: [] }

const option = (id: number): Option => ({ id, name: '', odds: NOTHING })

/** The form as it begins: two actors, one move with two options, and two endings. */
export function emptyForm(): Form {
  return {
    title: '', file: '', avoid: 7, payoffs: {}, next: 9,
    actors: [{ id: 1, name: '', key: '', wants: '' }, { id: 2, name: '', key: '', wants: '' }],
    steps: [{ id: 3, name: '', by: 1, options: [option(4), option(5)], unseen: [], happensIf: ALWAYS }],
    endings: [{ id: 7, name: '', when: { anyOf: false, taken: [{ step: 0, option: 0 }] } }, { id: 8, name: '', when: ALWAYS }],
  }
}

export function withActor(form: Form): Form {
  return { ...form, actors: [...form.actors, { id: form.next, name: '', key: '', wants: '' }], next: form.next + 1 }
}

export function withStep(form: Form, kind: 'move' | 'chance'): Form {
  const id = form.next
  const last = form.steps.filter((step) => step.by !== null).at(-1)
  const other = form.actors.find((actor) => actor.id !== last?.by) ?? form.actors[0]
  const by = kind === 'chance' ? null : (other?.id ?? null)
  const step: Step = { id, name: '', by, options: [option(id + 1), option(id + 2)], unseen: [], happensIf: ALWAYS }
  return { ...form, steps: [...form.steps, step], next: id + 3 }
}

export function withOption(form: Form, step: number): Form {
  const steps = form.steps.map((one) => (one.id === step ? { ...one, options: [...one.options, option(form.next)] } : one))
  return { ...form, steps, next: form.next + 1 }
}

/** One more ending, above the last one, which is reached otherwise. */
export function withEnding(form: Form): Form {
  const ending: Ending = { id: form.next, name: '', when: { anyOf: false, taken: [{ step: 0, option: 0 }] } }
  return { ...form, endings: [...form.endings.slice(0, -1), ending, ...form.endings.slice(-1)], next: form.next + 1 }
}

export function withoutActor(form: Form, id: number): Form {
  const actors = form.actors.filter((actor) => actor.id !== id)
  const steps = form.steps.map((step) => (step.by === id ? { ...step, by: actors[0]?.id ?? null } : step))
  return { ...form, actors, steps }
}

export function withoutStep(form: Form, id: number): Form {
  return { ...form, steps: form.steps.filter((step) => step.id !== id) }
}

export function withoutEnding(form: Form, id: number): Form {
  const endings = form.endings.filter((ending) => ending.id !== id)
  return { ...form, endings, avoid: form.avoid === id ? (endings[0]?.id ?? 0) : form.avoid }
}

/** A list with one of its rows moved up (-1) or down (1). */
export function moved<Row>(rows: Row[], place: number, by: -1 | 1): Row[] {
  const other = place + by
  if (other < 0 || other >= rows.length) return rows
  const changed = [...rows]
  changed[place] = rows[other]!
  changed[other] = rows[place]!
  return changed
}

export function replaced<Row extends { id: number }>(rows: Row[], row: Row): Row[] {
  return rows.map((one) => (one.id === row.id ? row : one))
}

export function payoffOf(form: Form, actor: number, ending: number): Estimate {
  return form.payoffs[`${actor} ${ending}`] ?? NOTHING
}

export function withPayoff(form: Form, actor: number, ending: number, estimate: Estimate): Form {
  return { ...form, payoffs: { ...form.payoffs, [`${actor} ${ending}`]: estimate } }
}

/** What the actor of a move knows of an earlier step: its own choice, what it saw at an earlier move, or what is ticked. */
export function sight(form: Form, place: number, earlier: number): 'own' | 'remembered' | 'seen' | 'unseen' {
  const step = form.steps[place]!
  const of = form.steps[earlier]!
  if (of.by === step.by) return 'own'
  const since = form.steps.slice(earlier + 1, place).filter((one) => one.by === step.by)
  if (since.some((one) => !one.unseen.includes(of.id))) return 'remembered'
  return step.unseen.includes(of.id) ? 'unseen' : 'seen'
}

/** The request for the text of the crisis: parts by their places in the form, -1 for one that is not there. */
export function requestOf(form: Form): object {
  const stepAt = (id: number): number => form.steps.findIndex((step) => step.id === id)
  const condition = ({ anyOf, taken }: Condition): object => ({
    any_of: anyOf,
    taken: taken.map((one) => {
      const step = stepAt(one.step)
      return { step, option: form.steps[step]?.options.findIndex((each) => each.id === one.option) ?? -1 }
    }),
  })
  return {
    title: form.title,
    actors: form.actors.map(({ name, key, wants }) => ({ name, key: key.trim(), wants })),
    steps: form.steps.map((step, place) => ({
      name: step.name,
      by: step.by === null ? null : form.actors.findIndex((actor) => actor.id === step.by),
      options: step.options.map(({ name, odds }) => ({ name, odds: estimated(odds) })),
      unseen: step.by === null ? [] : form.steps.flatMap((_, earlier) =>
        earlier < place && sight(form, place, earlier) === 'unseen' ? [earlier] : []),
      happens_if: condition(step.happensIf),
    })),
    endings: form.endings.map((ending, place) => ({
      name: ending.name,
      when: condition(place < form.endings.length - 1 ? ending.when : ALWAYS),
    })),
    avoid: form.endings.findIndex((ending) => ending.id === form.avoid),
    payoffs: form.actors.map((actor) => form.endings.map((ending) => estimated(payoffOf(form, actor.id, ending.id)))),
  }
}

function estimated({ guess, low, high, because }: Estimate): object {
  return { guess: numberIn(guess) ?? null, low: numberIn(low) ?? null, high: numberIn(high) ?? null, because }
}

/** The name of the file: as it was typed or, until then, made from the title. */
export function fileName(form: Form): string {
  const words = form.title.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().match(/[a-z0-9]+/g) ?? []
  return form.file.trim() || `${words.join('-').slice(0, 40).replace(/-$/, '') || 'crisis'}.yaml`
}

/** A form that this browser kept; null if it is none, as after a change of the page. */
export function keptForm(text: string | null): Form | null {
  try {
    const form = JSON.parse(text ?? 'null') as Form | null
    return form && sameShape(form, SAMPLE) ? form : null
  } catch {
    return null
  }
}

const SAMPLE: Form = { ...emptyForm(), payoffs: { '': NOTHING } }
SAMPLE.steps[0]!.unseen = [0]
SAMPLE.steps[0]!.happensIf = SAMPLE.endings[0]!.when

/** Whether a value has the keys and types of a sample; what a list or `payoffs` holds is like the sample's first one. */
function sameShape(value: unknown, sample: unknown): boolean {
  if (Array.isArray(sample)) return Array.isArray(value) && value.every((each) => sameShape(each, sample[0]))
  if (typeof sample !== 'object' || sample === null) return typeof value === typeof sample
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const wanted = Object.entries(sample)
  if (wanted.length === 1 && wanted[0]![0] === '') return Object.values(value).every((each) => sameShape(each, wanted[0]![1]))
  return wanted.every(([key, inner]) => {
    const found = (value as Record<string, unknown>)[key]
    return (key === 'by' && found === null) || sameShape(found, inner)
  })
}

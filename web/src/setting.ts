// The varied setting: fixed inputs, pulled levers, one rationality for all actors; and the moment from which they act.

import { batch, computed, signal } from '@preact/signals'
import type { Model, Varied } from './model'
import { tr } from './texts'

export const given = signal<Record<string, number>>({})
export const levers = signal<string[]>([])
export const rationality = signal<number | null>(null)

/** As of the last observed event; so it is also if anything is supposed. */
export const now = signal(false)
/** What is supposed to have happened, by step, or by "step@round" inside rounds. */
export const supposed = signal<Record<string, string>>({})

/** Whether what is varied acts only on what is ahead of a moment, and not from the outset. */
export const ahead = computed(() => now.value || Object.keys(supposed.value).length > 0)

export const varied = computed(
  () => Object.keys(given.value).length + levers.value.length + (rationality.value === null ? 0 : 1),
)

export function hold(name: string, value: number): void {
  given.value = { ...given.value, [name]: value }
}

export function release(name: string): void {
  const { [name]: _, ...rest } = given.value
  given.value = rest
}

export function pull(name: string, on: boolean): void {
  const others = levers.value.filter((lever) => lever !== name)
  levers.value = on ? [...others, name] : others
}

/** The key in `supposed` of a step in a round; 0 outside rounds. */
export function positionOf(step: string, round: number): string {
  return round ? `${step}@${round}` : step
}

export function suppose(position: string, option: string): void {
  supposed.value = { ...supposed.value, [position]: option }
}

export function takeBack(position: string): void {
  const { [position]: _, ...rest } = supposed.value
  supposed.value = rest
}

export function reset(): void {
  given.value = {}
  levers.value = []
  rationality.value = null
}

/** Nothing varied, from the outset. */
export const BARE: Varied = { given: {}, levers: [], rationality: null, now: false, supposed: {} }

/** All that is set. */
export const set = computed<Varied>(() => ({
  given: given.value, levers: levers.value, rationality: rationality.value, now: now.value, supposed: supposed.value,
}))

export function setTo(wanted: Varied): void {
  batch(() => {
    given.value = wanted.given
    levers.value = wanted.levers
    rationality.value = wanted.rationality
    now.value = wanted.now
    supposed.value = wanted.supposed
  })
}

/** What is varied and supposed without what is no longer in the file, and what that was. */
export function fitting<Of extends Varied>(crisis: Model, scenario: Of): { scenario: Of; gone: string[] } {
  const inputs = new Set(crisis.inputs.map((input) => input.name))
  const known = new Set(crisis.levers.map((lever) => lever.name))
  const options = new Map([...crisis.moves, ...crisis.chances].map((step) => [step.step, step.options]))
  const there = (at: string, option: string): boolean => options.get(at.split('@')[0]!)?.includes(option) ?? false
  const held = Object.entries(scenario.given)
  const facts = Object.entries(scenario.supposed)
  return {
    scenario: {
      ...scenario,
      given: Object.fromEntries(held.filter(([name]) => inputs.has(name))),
      levers: scenario.levers.filter((name) => known.has(name)),
      now: scenario.now && crisis.observed > 0,
      supposed: Object.fromEntries(facts.filter(([at, option]) => there(at, option))),
    },
    gone: [
      ...held.map(([name]) => name).filter((name) => !inputs.has(name)),
      ...scenario.levers.filter((name) => !known.has(name)),
      ...facts.filter(([at, option]) => !there(at, option)).map(([at, option]) => `${at}: ${option}`),
      ...(scenario.now && !crisis.observed ? [tr('what was observed')] : []),
    ],
  }
}

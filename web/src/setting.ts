// The varied setting: fixed inputs, pulled levers, one rationality for all actors; and the moment from which they act.

import { computed, signal } from '@preact/signals'

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

/** From the outset again. */
export function fromOutset(): void {
  now.value = false
  supposed.value = {}
}

export function reset(): void {
  given.value = {}
  levers.value = []
  rationality.value = null
}

// The varied setting: fixed inputs, pulled levers, one rationality for all actors.

import { computed, signal } from '@preact/signals'

export const given = signal<Record<string, number>>({})
export const levers = signal<string[]>([])
export const rationality = signal<number | null>(null)

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

export function reset(): void {
  given.value = {}
  levers.value = []
  rationality.value = null
}

// The visible side, controls or timeline, if there is no room for both; and the input whose card is to be shown.

import { signal } from '@preact/signals'

export type Side = 'vary' | 'timeline'

export const side = signal<Side>('vary')
/** The input whose card is to be opened and brought into view; null as soon as it is. */
export const shownCard = signal<string | null>(null)

export function showCard(input: string): void {
  side.value = 'vary'
  shownCard.value = input
}

// The visible side, controls or timeline, if there is no room for both.

import { signal } from '@preact/signals'

export type Side = 'vary' | 'timeline'

export const side = signal<Side>('vary')

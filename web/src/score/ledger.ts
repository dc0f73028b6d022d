// The ledger of forecasts as the server keeps it in the opened folder.

import { effect, signal } from '@preact/signals'
import { get } from '../api'
import type { Finding } from '../model'
import { hello, part, sayError } from '../session'

export interface OpenForecast {
  id: number
  claim: string
  probability: number
  due: string
  made: string
  /** The run that it comes from, if it is still in the folder. */
  run: string | null
  /** open, due, resolved or void; "overdue" if its day has passed. */
  state: string
  rule?: string | null
  result?: string | null
}

export interface Ledger {
  exists: boolean
  forecasts: Finding
  score: Finding | null
  open: OpenForecast[]
}

export const ledger = signal<Ledger | null>(null)

export async function refreshLedger(): Promise<void> {
  try {
    ledger.value = await get<Ledger>('/api/ledger')
  } catch (error) {
    sayError(error)
  }
}

effect(() => {
  if (part.value === 'score' && hello.value?.role === 'analyst') void refreshLedger()
})

// One request to the server at a time: its answer, its error, its start time, and a way to cancel it.

import { useEffect, useRef, useState } from 'preact/hooks'
import { isAbort } from '../api'

export interface Asked<T> {
  value: T | null
  error: string | null
  /** When the question was asked, in milliseconds, while there is no answer. */
  since: number | null
  ask: (question: (signal: AbortSignal) => Promise<T>) => Promise<T | null>
  cancel: () => void
}

export function useAsking<T>(): Asked<T> {
  const [value, setValue] = useState<T | null>(null)
  const [error, setError] = useState<string | null>(null)
  const [since, setSince] = useState<number | null>(null)
  const running = useRef<AbortController | null>(null)
  useEffect(() => () => running.current?.abort(), [])

  async function ask(question: (signal: AbortSignal) => Promise<T>): Promise<T | null> {
    running.current?.abort()
    const mine = (running.current = new AbortController())
    setSince(Date.now())
    setError(null)
    try {
      const found = await question(mine.signal)
      if (running.current === mine) setValue(() => found)
      return found
    } catch (refused) {
      if (running.current === mine && !isAbort(refused)) setError(refused instanceof Error ? refused.message : String(refused))
      return null
    } finally {
      if (running.current === mine) {
        running.current = null
        setSince(null)
      }
    }
  }

  return { value, error, since, ask, cancel: () => running.current?.abort() }
}

// Follows a match by long polling; if the server does not answer, it retries at growing intervals.

import { useEffect, useRef, useState } from 'preact/hooks'
import { get, isAbort, Refused } from '../api'

const LONGEST = 5_000

export interface Following<T> {
  view: T | null
  /** The server does not answer now; the page retries by itself. */
  away: boolean
  /** The server has refused; there is no retry. */
  refused: string | null
  /** Takes over a newer view, such as the answer to a choice. */
  take: (view: T) => void
}

export function useMatch<T extends { version: number; status: string }>(match: string): Following<T> {
  const [view, setView] = useState<T | null>(null)
  const [away, setAway] = useState(false)
  const [refused, setRefused] = useState<string | null>(null)
  const newest = useRef(-1)

  function take(found: T): void {
    if (found.version < newest.current) return
    newest.current = found.version
    setView(found)
  }

  useEffect(() => {
    const ended = new AbortController()
    void (async () => {
      let pause = 500
      while (!ended.signal.aborted) {
        try {
          const asked = newest.current
          const after: Record<string, string> = asked < 0 ? {} : { after: String(asked) }
          const found = await get<T>('/api/match', { match, ...after }, ended.signal)
          // the server may have returned to an older state; its answer counts
          if (asked === newest.current) newest.current = Math.min(asked, found.version)
          take(found)
          setAway(false)
          pause = 500
          if (found.status === 'finished') return
          if (found.version === asked) await rest(200, ended.signal)
        } catch (error) {
          if (isAbort(error) || ended.signal.aborted) return
          const status = error instanceof Refused ? error.status : 0
          if (status >= 400 && status < 500 && status !== 429 && status !== 408) {
            setRefused((error as Error).message)
            return
          }
          setAway(true)
          await rest(pause, ended.signal)
          pause = Math.min(LONGEST, 2 * pause)
        }
      }
    })()
    return () => ended.abort()
  }, [match])

  return { view, away, refused, take }
}

function rest(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}


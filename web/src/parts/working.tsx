// Progress of a request: a text, the elapsed time, and a button to cancel it.

import { useEffect, useState } from 'preact/hooks'
import { tr } from '../texts'
import type { Asked } from './asking'

/** Seconds since a time given in milliseconds, updated every second. */
export function useSeconds(since: number | null): number {
  const [now, setNow] = useState(Date.now())
  useEffect(() => {
    if (since === null) return
    setNow(Date.now())
    const timer = setInterval(() => setNow(Date.now()), 1000)
    return () => clearInterval(timer)
  }, [since])
  return since === null ? 0 : Math.max(0, Math.floor((now - since) / 1000))
}

export function Working<T>({ asked, what = tr('Working on it') }: { asked: Asked<T>; what?: string }) {
  const seconds = useSeconds(asked.since)
  return (
    <div class="working">
      <p role="status">{asked.since !== null && `${what} …`}</p>
      {asked.since !== null && (
        <>
          <span class="pulse" aria-hidden="true" />
          <span class="elapsed" aria-hidden="true">
            {seconds} s
          </span>
          <button type="button" onClick={asked.cancel}>
            {tr('Cancel')}
          </button>
        </>
      )}
      {asked.error && (
        <p class="refused" role="alert">
          {asked.error}
        </p>
      )}
    </div>
  )
}

// The time left for a choice; announced to screen readers only twice.

import { useEffect, useRef, useState } from 'preact/hooks'
import { tr, trn } from '../texts'

const TOLD = [30, 10]

export function Clock({ deadline, now, label }: { deadline: string | null; now: string | undefined; label: string }) {
  const [left, setLeft] = useState<number | null>(null)
  const [said, setSaid] = useState('')
  const before = useRef(Infinity)
  useEffect(() => {
    setSaid('')
    before.current = Infinity
    if (!deadline) {
      setLeft(null)
      return
    }
    const ahead = now ? Date.parse(now) - Date.now() : 0
    const tick = () => {
      const seconds = Math.max(0, Math.ceil((Date.parse(deadline) - Date.now() - ahead) / 1000))
      const passed = TOLD.find((mark) => seconds <= mark && before.current > mark)
      if (passed !== undefined && before.current !== Infinity) setSaid(trn('{count} second left.', '{count} seconds left.', passed))
      before.current = seconds
      setLeft(seconds)
    }
    tick()
    const timer = setInterval(tick, 250)
    return () => clearInterval(timer)
  }, [deadline])
  return (
    <>
      <p class="sr" role="status">
        {said}
      </p>
      {left !== null && (
        <p class={`clock ${left <= 10 ? 'late' : ''}`} role="timer" aria-label={label}>
          <b>{clockFace(left)}</b> <small>{left === 0 ? tr('time is up: Offramp chooses') : tr('left; then Offramp chooses')}</small>
        </p>
      )}
    </>
  )
}

function clockFace(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}

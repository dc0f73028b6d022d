// A button that opens a panel below it: Escape, a click elsewhere or leaving it by keyboard closes it.

import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef, useState } from 'preact/hooks'

export function Menu({ name, class: named, tour, children }: {
  name: string
  class?: string
  tour?: string
  children: (close: () => void) => ComponentChildren
}) {
  const [open, setOpen] = useState(false)
  const place = useRef<HTMLDivElement>(null)
  const button = useRef<HTMLButtonElement>(null)
  const id = useId()
  function close(): void {
    setOpen(false)
    button.current?.focus()
  }
  useEffect(() => {
    if (!open) return
    const outside = (event: Event): void => {
      if (!place.current?.contains(event.target as Node)) setOpen(false)
    }
    document.addEventListener('pointerdown', outside)
    document.addEventListener('focusin', outside)
    return () => {
      document.removeEventListener('pointerdown', outside)
      document.removeEventListener('focusin', outside)
    }
  }, [open])
  return (
    <div class={`menu ${named ?? ''}`} ref={place}
      onKeyDown={(event) => { if (event.key === 'Escape' && open) { event.stopPropagation(); close() } }}>
      <button type="button" ref={button} aria-expanded={open} aria-controls={open ? id : undefined} data-tour={tour}
        onClick={() => setOpen(!open)}>
        {name}
      </button>
      {open && (
        <div class="menu-panel" id={id} role="group" aria-label={name}>
          {children(close)}
        </div>
      )}
    </div>
  )
}

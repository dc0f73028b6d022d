// A panel over the right side of the page, for what is read beside the crisis: a source's text, why a move is made, scenarios.

import { signal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import type { Reason } from '../model'
import { tr } from '../texts'

/** A cite of an assumption, which may have others. */
export interface PassageAsked {
  title: string
  reason: Reason
  cite: string
}

export interface WhyAsked {
  move: string
  round: number
}

type Opened = { kind: 'passage'; asked: PassageAsked } | { kind: 'why'; asked: WhyAsked } | { kind: 'scenarios' }

export const drawer = signal<Opened | null>(null)
let cameFrom: HTMLElement | null = null

function opens(what: Opened): void {
  if (!drawer.peek()) cameFrom = document.activeElement instanceof HTMLElement ? document.activeElement : null
  drawer.value = what
}

export function showPassage(asked: PassageAsked): void {
  opens({ kind: 'passage', asked })
}

export function showWhy(asked: WhyAsked): void {
  opens({ kind: 'why', asked })
}

export function showSideBySide(): void {
  opens({ kind: 'scenarios' })
}

export function closeDrawer(): void {
  drawer.value = null
  if (cameFrom?.isConnected) cameFrom.focus()
  cameFrom = null
}

export function Drawer({ title, children }: { title: string; children: ComponentChildren }) {
  const place = useRef<HTMLElement>(null)
  useEffect(() => place.current?.focus(), [title])
  return (
    <aside class="drawer" role="dialog" aria-label={title} tabIndex={-1} ref={place}
      onKeyDown={(event) => { if (event.key === 'Escape') closeDrawer() }}>
      <div class="drawer-head">
        <h2>{title}</h2>
        <button type="button" onClick={closeDrawer}>{tr('Close')}</button>
      </div>
      <div class="drawer-body" tabIndex={0} role="region" aria-label={tr('{title}: text', { title })}>
        {children}
      </div>
    </aside>
  )
}

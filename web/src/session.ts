// The session: the caller's role, and the visible part of the page.

import { signal } from '@preact/signals'
import type { Hello } from './model'

export const hello = signal<Hello | null>(null)

export const PARTS = ['write', 'see', 'runs', 'play', 'score', 'draft'] as const
export type Part = (typeof PARTS)[number]

/** On a wide page the editor stands beside the part; on a narrow one it is a part of its own. */
export const part = signal<Part>('see')

export interface Notice {
  text: string
  kind: 'error' | 'done'
}

/** The last notice, shown and announced to screen readers. */
export const notice = signal<Notice | null>(null)

export function say(text: string, kind: Notice['kind'] = 'done'): void {
  notice.value = { text, kind }
}

export function sayError(error: unknown): void {
  say(error instanceof Error ? error.message : String(error), 'error')
}

/** On a wide page: the editor is put away, and the parts have all the room. */
export const editorAway = signal(false)

/** A page on which the editor does not stand beside the other parts; as in styles/frame.css. */
export const narrow = window.matchMedia('(max-width: 63.99rem)')

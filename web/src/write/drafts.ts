// Drafts: what has been written and not saved is kept in this browser, file by file, so that a browser or a server that
// is ended takes nothing with it.

import { effect, signal } from '@preact/signals'
import { file } from '../crisis'
import { remember } from '../remember'
import { hello } from '../session'

export interface Draft {
  text: string
  at: string
}

/** A draft of the open file that was never saved, offered when the file is opened again. */
export const found = signal<Draft | null>(null)

const WAIT = 300

function key(path: string): string {
  return `offramp-draft ${hello.peek()?.folder ?? ''} ${path}`
}

export function dropDraft(path: string): void {
  localStorage.removeItem(key(path))
  found.value = null
}

function read(path: string): Draft | null {
  try {
    const kept = JSON.parse(localStorage.getItem(key(path)) ?? 'null') as Draft | null
    return kept && typeof kept.text === 'string' ? kept : null
  } catch {
    return null
  }
}

function write(path: string, text: string): void {
  remember(key(path), JSON.stringify({ text, at: new Date().toISOString() } satisfies Draft))
}

/** Keeps drafts from now on, and looks for one whenever another file is opened. */
export function keepDrafts(): void {
  let waiting: number | undefined
  let last: { path: string; dirty: boolean } | null = null
  effect(() => {
    const opened = file.value
    window.clearTimeout(waiting)
    if (!opened) return
    if (last?.path !== opened.path) {
      const draft = read(opened.path)
      found.value = draft && draft.text !== opened.text ? draft : null
    }
    if (opened.dirty) {
      const { path, text } = opened
      if (!found.peek()) waiting = window.setTimeout(() => write(path, text), WAIT)
    } else if (last?.path === opened.path && last.dirty) {
      dropDraft(opened.path)
    }
    last = { path: opened.path, dirty: opened.dirty }
  })
  window.addEventListener('pagehide', () => {
    const opened = file.peek()
    if (opened?.dirty && !found.peek()) write(opened.path, opened.text)
  })
}

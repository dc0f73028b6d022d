// The form of a new crisis in this browser: whether it is open, and what has been answered, which survives a reload.

import { signal } from '@preact/signals'
import { remember } from '../remember'
import { hello } from '../session'
import { emptyForm, keptForm, type Form } from './form'

/** Whether the form is open. */
export const forming = signal(false)

function key(): string {
  return `offramp-new ${hello.peek()?.folder ?? ''}`
}

export function keptOrEmpty(): Form {
  return keptForm(localStorage.getItem(key())) ?? emptyForm()
}

export function keep(form: Form): void {
  remember(key(), JSON.stringify(form))
}

export function dropKept(): void {
  remember(key(), '')
}

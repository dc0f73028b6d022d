// The address that reproduces what is on the page: file, part, what is varied. It is kept in the fragment, which never
// leaves the browser; the key to the workbench is in it only on request.

import { effect } from '@preact/signals'
import { draftFolder } from './draft/state'
import { file, isNew, openFile } from './crisis'
import { part, PARTS, sayError, type Part } from './session'
import { given, levers, now, rationality, supposed } from './setting'

const KEPT = ['file', 'part', 'draft', 'given', 'levers', 'rationality', 'now', 'supposed'] as const

/** The state of the page as the fragment of an address. */
export function fragment(): string {
  const said = new URLSearchParams()
  const opened = file.value
  if (opened && !isNew(opened)) said.set('file', opened.path)
  if (part.value !== 'see') said.set('part', part.value)
  if (draftFolder.value !== null) said.set('draft', draftFolder.value)
  const values = Object.entries(given.value).map(([name, value]) => `${name}:${value}`)
  if (values.length) said.set('given', values.join(','))
  if (levers.value.length) said.set('levers', levers.value.join(','))
  if (rationality.value !== null) said.set('rationality', String(rationality.value))
  if (now.value) said.set('now', 'yes')
  const facts = Object.entries(supposed.value).map(([position, option]) => `${position}:${option}`)
  if (facts.length) said.set('supposed', facts.join(','))
  return said.toString()
}

export function link(key: string | null): string {
  const said = fragment()
  return `${location.origin}${location.pathname}#${key ? `token=${encodeURIComponent(key)}&` : ''}${said}`
}

/** Restores the state of the page from an address; false if it names no file. */
export async function follow(hash: string): Promise<boolean> {
  const said = new URLSearchParams(hash.replace(/^#/, ''))
  const path = said.get('file')
  const wanted = said.get('part')
  if (PARTS.includes(wanted as Part)) part.value = wanted as Part
  draftFolder.value = said.get('draft')
  if (!path) return false
  if (path !== file.peek()?.path) await openFile(path)
  given.value = Object.fromEntries(
    (said.get('given') ?? '').split(',').flatMap((entry) => {
      const [name, value] = entry.split(':')
      const number = Number(value)
      return name && value && Number.isFinite(number) ? [[name, number]] : []
    }),
  )
  levers.value = (said.get('levers') ?? '').split(',').filter(Boolean)
  const all = said.get('rationality')
  rationality.value = all && Number.isFinite(Number(all)) ? Number(all) : null
  now.value = said.get('now') === 'yes'
  supposed.value = Object.fromEntries(
    (said.get('supposed') ?? '').split(',').flatMap((entry) => {
      const [position, option] = entry.split(':')
      return position && option ? [[position, option]] : []
    }),
  )
  return true
}

/** From now on the address bar follows the page, and the page follows the address bar. */
export function keepAddress(): void {
  let waiting: number | undefined
  effect(() => {
    const said = fragment()
    window.clearTimeout(waiting)
    waiting = window.setTimeout(() => {
      const others = [...new URLSearchParams(location.hash.slice(1))].filter(([name]) => !KEPT.includes(name as 'file'))
      const rest = new URLSearchParams(others).toString()
      const hash = [said, rest].filter(Boolean).join('&')
      history.replaceState(null, '', location.pathname + (hash ? `#${hash}` : ''))
    }, 400)
  })
  window.addEventListener('hashchange', () => {
    const hash = location.hash.slice(1)
    if (hash && hash !== fragment()) follow(hash).catch(sayError)
  })
}
